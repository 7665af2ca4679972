/** From flags to a cluster and its nodes. */
import { existsSync } from 'node:fs';
import { Client } from '../client/client.js';
import type { Door } from '../client/door.js';
import { doorsOf } from '../cluster/doors.js';
import { anyoneRuns } from '../cluster/pidfile.js';
import { runFile } from '../cluster/sockets.js';
import { type Cluster, chooseCluster } from '../cluster/state.js';
import { KvxError } from '../core/errors.js';
import { exactlyOnceModes } from '../protocols/exactly-once.js';
import { sessionSupportOf } from '../protocols/session-support.js';
import { namedSession, type SessionFlags } from './session.js';
import { toDuration, toLevel, toNode } from './values.js';

interface KeyFlags extends SessionFlags {
  readonly cluster?: string | undefined;
  readonly level?: string | undefined;
  readonly node?: string | undefined;
  readonly timeout: string;
}

/** Every node's door, or only that of the node asked for. Throws `bad-request` when there is no such node. */
export function chooseDoors(cluster: Cluster, node: string | undefined): Door[] {
  return node === undefined
    ? doorsOf(cluster)
    : doorsOf(cluster, [toNode(node, cluster.record.nodes)]);
}

/** Runs `work` with a client of the cluster that the flags mean, and hangs up after it. What the session saw is kept. */
export async function withClient<T>(
  flags: KeyFlags,
  signal: AbortSignal,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const level = toLevel(flags.level);
  const timeoutMs = toDuration(flags.timeout, '--timeout');
  const cluster = chooseCluster(flags.cluster);
  const doors = chooseDoors(cluster, flags.node);
  const { mode } = cluster.record;
  const session = namedSession(cluster, flags);
  const client = new Client(doors, {
    ...{ start: 'first', level, timeoutMs },
    exactlyOnce: exactlyOnceModes.includes(mode),
    sessionSupport: sessionSupportOf(mode),
    ...session?.options,
  });
  const close = (): void => client.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    const outcome = await work(client);
    await session?.keep();
    return outcome;
  } catch (error) {
    throw isUp(cluster) && anyoneRuns(cluster.folder) ? error : notUp(cluster, error);
  } finally {
    signal.removeEventListener('abort', close);
    close();
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
