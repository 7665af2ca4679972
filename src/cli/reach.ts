/** From flags to a cluster and its nodes. */

import { Client } from '../client/client.js';
import type { Endpoint } from '../client/endpoint.js';
import { checkUp, notUp } from '../cluster/checks.js';
import { endpointsOf } from '../cluster/endpoints.js';
import { lastWordsOf } from '../cluster/state/last-words.js';
import { isUp } from '../cluster/state/run-file.js';
import { type Cluster, chooseCluster } from '../cluster/state/state.js';
import { type ErrorCode, KvxError } from '../core/errors.js';
import { realTiming } from '../node/timing.js';
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

/** Every node's endpoint, or only that of the node asked for. Throws `bad-request` when there is no such node. */
export function chooseEndpoints(cluster: Cluster, node: string | undefined): Endpoint[] {
  return node === undefined
    ? endpointsOf(cluster)
    : endpointsOf(cluster, [toNode(node, cluster.record.nodes)]);
}

/** Runs `work` with a client of the cluster that the flags mean, and hangs up after it. What the session saw is kept. */
export async function withClient<T>(
  flags: KeyFlags,
  signal: AbortSignal,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const level = toLevel(flags.level);
  const timeoutMs = toDuration(flags.timeout, '--timeout');
  const cluster = chooseUpCluster(flags.cluster);
  const endpoints = chooseEndpoints(cluster, flags.node);
  const { mode } = cluster.record;
  const session = namedSession(cluster, flags);
  const client = new Client(endpoints, {
    ...{ timing: realTiming, level, timeoutMs },
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
    throw explained(cluster, error);
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

/** The cluster that the flags mean. Throws `cluster` (exit 3) unless it is up. */
export function chooseUpCluster(flag: string | undefined): Cluster {
  const cluster = chooseCluster(flag);
  checkUp(cluster);
  return cluster;
}

const unreached: readonly ErrorCode[] = ['unavailable', 'disconnected', 'timeout'];

/** With what the nodes that stopped by themselves have said of it; or that the cluster went down meanwhile. */
function explained({ folder, record, ...rest }: Cluster, error: unknown): unknown {
  if (!(error instanceof KvxError) || !unreached.includes(error.code)) return error;
  if (error.code === 'unavailable' && !isUp(folder, record.runtime)) {
    return notUp({ folder, record, ...rest });
  }
  const stopped = record.nodes.filter((node) => lastWordsOf(folder, node) !== null);
  const [node, ...others] = stopped;
  if (node === undefined) return error;
  const too = others.length === 0 ? '' : ` ${others.join(', ')} stopped, too.`;
  const restart = `kvx node restart ${stopped.join(' ')}`;
  const why = `${node} stopped: ${lastWordsOf(folder, node)?.text}.${too}`;
  const hint = `${why} When that is mended: \`${restart}\`.`;
  return new KvxError(error.message, { code: error.code, definite: error.definite, hint });
}
