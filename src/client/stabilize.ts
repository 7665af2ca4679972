/** Each connected part of a cluster is brought to one state, started by whichever of its nodes is asked first. */
import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { ClientResult, Operation } from '../core/operation.js';
import { type Endpoint, requestOnce, type Timing, withConnection } from './endpoint.js';
import { noneReachable } from './lost.js';

/** Nodes that hold the same now. */
export interface StablePart {
  readonly nodes: readonly NodeId[];
  readonly rounds: number;
  /** Between nodes. */
  readonly messages: number;
}

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

/** What the node says to `operation`, or why it could not be asked; of a paused one that is soon known. */
export async function askOne(
  endpoint: Endpoint,
  operation: Operation,
  timing: Timing,
  deadline: Millis,
): Promise<ClientResult> {
  const patienceMs = Math.min(statusTimeoutMs, Math.max(1, deadline - timing.now()));
  try {
    return await withConnection(
      endpoint,
      async (connection) => {
        await connection.status(patienceMs).catch((error: unknown) => {
          const why = (error as Error).message;
          throw new KvxError(why, { code: 'unavailable', definite: true });
        });
        const timeoutMs = Math.max(1, deadline - timing.now());
        return requestOnce(connection, timing, operation, { timeoutMs });
      },
      patienceMs,
    );
  } catch (error) {
    if (!(error instanceof KvxError)) throw error;
    const { code, definite, message } = error;
    return { type: 'error', code, definite, message };
  }
}

function failure(node: NodeId, result: ClientResult): KvxError {
  if (result.type !== 'error') {
    const message = `${node} answered ${result.type} to stabilize`;
    return new KvxError(message, { code: 'bug', definite: false });
  }
  const { code, definite, message } = result;
  const hint = 'Ask again: what has converged so far stays so.';
  return new KvxError(message, code === 'timeout' ? { code, definite, hint } : { code, definite });
}
