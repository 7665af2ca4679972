/** Each connected part of a cluster is brought to one state, started by whichever of its nodes is asked first. */
import { definiteError, KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { ClientResult, Operation } from '../core/operation.js';
import { askNode, openAnswering } from './ask.js';
import { type Endpoint, requestOnce, type Timing } from './endpoint.js';
import { noneReachable, resultOf } from './lost.js';

/** Nodes that hold the same now, and what that took. */
export type StablePart = Omit<Extract<ClientResult, { readonly type: 'stabilized' }>, 'type'>;

export interface Stabilization {
  readonly parts: readonly StablePart[];
  /** Nodes that no part has and that could not be asked, and why. */
  readonly unreachable: readonly { readonly node: NodeId; readonly why: string }[];
}

export interface StabilizeOptions {
  /** For all parts together. */
  readonly timeoutMs: Millis;
  readonly timing: Timing;
  /** Called before each node that is asked to begin. */
  readonly onAsking?: (node: NodeId) => void;
}

/** A paused node accepts connections and says nothing: it is asked for this long whether it is there. */
const statusTimeoutMs = 2_000;

/**
 * Asks the nodes in turn, save those that an earlier answer covers. Returns when every part that has a node in reach has
 * converged. Throws `unavailable` when no node can be reached; what a node refused; `timeout` (indefinite) when a part
 * did not converge in time, which does no harm and may be asked again.
 */
export async function stabilize(
  endpoints: readonly Endpoint[],
  { timeoutMs, timing, onAsking = () => {} }: StabilizeOptions,
): Promise<Stabilization> {
  const deadline = timing.now() + timeoutMs;
  const parts: StablePart[] = [];
  const lost = new Map<NodeId, string>();
  for (const endpoint of endpoints) {
    const { node } = endpoint;
    if (parts.some(({ nodes }) => nodes.includes(node))) continue;
    onAsking(node);
    const result = await askOne(endpoint, { type: 'stabilize' }, timing, deadline);
    if (result.type === 'stabilized') {
      const { nodes, rounds, messages } = result;
      parts.push({ nodes, rounds, messages });
    } else if (result.type === 'error' && isLost(result.code)) lost.set(node, result.message);
    else throw failure(node, result);
  }
  // A node that did not answer may have been met by another one since.
  const unreachable = [...lost]
    .filter(([node]) => !parts.some(({ nodes }) => nodes.includes(node)))
    .map(([node, why]) => ({ node, why }));
  if (parts.length > 0) return { parts, unreachable };
  throw noneReachable(
    endpoints.map(({ node }) => node),
    unreachable.map(({ why }) => why),
  );
}

/** Gone before it was asked, or while it was at it: its part, if there is one, has other nodes to ask. */
const isLost = (code: string): boolean => code === 'unavailable' || code === 'disconnected';

/**
 * A node that is to go for good is asked to take no more writes and to tell the others all that it alone has; returns when
 * they hold it. Throws a definite `cluster` when that can't be: then nothing has changed, and what the node holds may be
 * the only copy of acknowledged writes.
 */
export async function handOver(
  endpoint: Endpoint,
  timeoutMs: Millis,
  timing: Timing,
): Promise<void> {
  const { node } = endpoint;
  const leave = { type: 'reconfigure', change: 'remove', node } as const;
  const result = await askOne(endpoint, leave, timing, timing.now() + timeoutMs);
  if (result.type === 'stabilized' && result.nodes.length > 1) return;
  const said = result.type === 'error' ? result.message : `it answered ${result.type}`;
  const why = result.type === 'stabilized' ? 'it reaches no other node' : said;
  throw definiteError(
    'cluster',
    `${node} was not removed: it could not tell the others what it holds (${why})`,
    `Let it reach them first (\`kvx node restart ${node}\`, \`kvx fault heal\`); with --force acknowledged writes may be lost.`,
  );
}

/** What the node says to `operation`, or why it could not be asked; of a paused one that is soon known. */
async function askOne(
  endpoint: Endpoint,
  operation: Operation,
  timing: Timing,
  deadline: Millis,
): Promise<ClientResult> {
  const leftMs = (): Millis => Math.max(1, deadline - timing.now());
  const asked = await askNode(endpoint, () =>
    openAnswering(endpoint, Math.min(statusTimeoutMs, leftMs())),
  );
  if (asked.answer === null) return resultOf(asked.problem);
  const { connection } = asked.answer;
  const result = await requestOnce(connection, timing, operation, { timeoutMs: leftMs() });
  connection.close();
  return result;
}

function failure(node: NodeId, result: ClientResult): KvxError {
  if (result.type === 'error') {
    const hint = 'Ask again: what has converged so far stays so.';
    return new KvxError(result.message, {
      ...result,
      hint: result.code === 'timeout' ? hint : null,
    });
  }
  const message = `${node} answered ${result.type} to stabilize`;
  return new KvxError(message, { code: 'bug', definite: false });
}
