/** What a simulated target keeps of its cluster. */
import type { PendingChange } from '../cluster/pending-change.js';
import type { ClusterSpec } from '../config/spec.js';
import { usageError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import type { ActiveFault } from '../faults/active.js';
import { optionsWithFounders } from '../protocols/options.js';
import { featureProblem } from '../protocols/refusals.js';
import type { AnyMode } from '../protocols/registry.js';
import type { SimCluster } from '../sim/cluster.js';

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
