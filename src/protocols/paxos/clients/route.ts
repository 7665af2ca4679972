/** Where this node takes its clients' operations at present. */
import type { NodeId } from '../../../core/ids.js';
import type { Ballot } from '../ballot.js';
import type { Coordinator } from '../coordinator/coordinator.js';

/** `own`: the coordinator on this node; `null` when another node's is followed. */
export interface Route {
  readonly ballot: Ballot;
  readonly node: NodeId;
  readonly own: Coordinator | null;
}
