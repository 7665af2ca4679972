/** What a simulated target keeps of its cluster. */
import { Client } from '../client/client.js';
import type { Endpoint, Timing } from '../client/endpoint.js';
import type { NodeState } from '../cluster/cluster.js';
import { ofRepeated, type PendingChange } from '../cluster/pending-change.js';
import type { ClusterSpec } from '../config/spec.js';
import { type KvxError, usageError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import type { ActiveFault } from '../faults/active.js';
import { optionsWithFounders } from '../protocols/options.js';
import { featureProblem } from '../protocols/refusals.js';
import type { AnyMode } from '../protocols/registry.js';
import type { SimCluster } from '../sim/cluster.js';
import type { Host } from '../sim/host.js';

/** A cluster as it was started; what its nodes keep outlives `down`. */
export interface Deployment {
  readonly spec: ClusterSpec;
  readonly mode: AnyMode;
  readonly cluster: SimCluster;
  readonly founders: readonly NodeId[];
  readonly retired: NodeId[];
  change: PendingChange | null;
  isUp: boolean;
  faults: readonly ActiveFault[];
  nextFaultId: number;
}

/** What nodes are told once others have come or gone. */
export function changedOptions({ mode, spec, founders }: Deployment): unknown {
  const problem = featureProblem(mode, 'changes of membership');
  if (problem !== null) throw usageError(problem);
  return optionsWithFounders(mode, spec.options, founders);
}

/** As on real nodes: asked of the others, and more than once is as good as once. It is pending until the caller ends it. */
export async function askForChange(
  deployment: Deployment,
  { change, node }: { readonly change: 'add' | 'remove'; readonly node: NodeId },
  { endpoints, timing, timeoutMs }: Asking,
): Promise<ClientResult> {
  const isRepeated = deployment.change?.type === change;
  deployment.change = { type: change, node, pid: null };
  const others = endpoints.filter((endpoint) => endpoint.node !== node);
  const mayAlone = change === 'add' && deployment.mode.membership?.joinsAlone === true;
  const own = endpoints.filter((endpoint) => endpoint.node === node);
  const asked = mayAlone || others.length === 0 ? [...others, ...own] : others;
  const client = new Client(asked, { timeoutMs, exactlyOnce: true, timing });
  const { result } = await client.execute({ type: 'reconfigure', change, node });
  client.close();
  return isRepeated ? ofRepeated(result) : result;
}

interface Asking {
  readonly endpoints: readonly Endpoint[];
  readonly timing: Timing;
  readonly timeoutMs: Millis;
}

// biome-ignore lint/suspicious/noExplicitAny: of whatever protocol.
type AnyHost = Pick<Host<any, any>, 'id' | 'isPaused' | 'isUp' | 'failure'>;

export function hostState({ id, isPaused, isUp, failure }: AnyHost): NodeState {
  const told = { node: id, pid: null, since: null };
  if (failure !== null) return { ...told, state: 'failed', why: inWords(failure) };
  return { ...told, state: isPaused ? 'paused' : isUp ? 'running' : 'dead', why: null };
}

const inWords = ({ message, hint = '' }: KvxError): string =>
  [message, ...(hint === '' ? [] : [hint])].join('. ');
