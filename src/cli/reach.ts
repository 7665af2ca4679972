/** From flags to a cluster and its nodes. */
import { existsSync } from 'node:fs';
import { Client } from '../client/client.js';
import { Connection, type NodeAddress } from '../client/connection.js';
import { anyoneRuns } from '../cluster/pidfile.js';
import { nodeSocket, runFile } from '../cluster/sockets.js';
import { type Cluster, chooseCluster } from '../cluster/state.js';
import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { exactlyOnceModes } from '../protocols/exactly-once.js';
import { toDuration, toLevel, toNode } from './values.js';

interface KeyFlags {
  readonly cluster?: string | undefined;
  readonly level?: string | undefined;
  readonly node?: string | undefined;
  readonly timeout: string;
}

/** Every node's address, or only the one asked for. Throws `bad-request` when there is no such node. */
export function addressesOf(cluster: Cluster, node?: NodeId): NodeAddress[] {
  const { id, nodes } = cluster.record;
  const wanted = node === undefined ? nodes : [toNode(node, nodes)];
  return wanted.map((name) => ({
    node: name,
    socketPath: nodeSocket(cluster.sockets, name),
    clusterId: id,
  }));
}

/** Runs `work` with a client of the cluster that the flags mean, and hangs up after it. */
export async function withClient<T>(
  flags: KeyFlags,
  signal: AbortSignal,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const level = toLevel(flags.level);
  const timeoutMs = toDuration(flags.timeout, '--timeout');
  const cluster = chooseCluster(flags.cluster);
  const addresses = addressesOf(cluster, flags.node);
  const exactlyOnce = exactlyOnceModes.includes(cluster.record.mode);
  const client = new Client(addresses, { start: 'first', level, timeoutMs, exactlyOnce });
  const close = (): void => client.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    return await work(client);
  } catch (error) {
    throw isUp(cluster) && anyoneRuns(cluster.folder) ? error : notUp(cluster, error);
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

/** Runs `work` with a connection to one node, and hangs up after it. */
export async function withConnection<T>(
  address: NodeAddress,
  work: (connection: Connection) => Promise<T>,
  timeoutMs?: Millis,
): Promise<T> {
  const connection = await Connection.open(address, timeoutMs);
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}

/** The cluster that the flags mean. Throws `cluster` (exit 3) unless it is up. */
export function chooseUpCluster(flag: string | undefined): Cluster {
  const cluster = chooseCluster(flag);
  if (!isUp(cluster)) throw notUp(cluster, null);
  return cluster;
}

/** Up, as far as its user is concerned: one may still have killed every node of it. */
const isUp = (cluster: Cluster): boolean => existsSync(runFile(cluster.folder));

function notUp(cluster: Cluster, error: unknown): unknown {
  if (error instanceof KvxError && error.code !== 'unavailable') return error;
  const { name } = cluster.record;
  return new KvxError(`cluster ${name} is not up`, {
    code: 'cluster',
    definite: true,
    hint: `Start it with \`kvx cluster up --name ${name}\`.`,
  });
}
