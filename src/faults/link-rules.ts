/** What links do to what they carry, as data. */
import type { Millis, NodeId } from '../core/ids.js';

/** One direction between two nodes. */
export interface Direction {
  readonly from: NodeId;
  readonly to: NodeId;
}

/** What a cluster's links do to what they carry. Every node holds the same whole table. */
export interface LinkRules {
  /** Directions that carry nothing. */
  readonly cuts: readonly Direction[];
  /** Mean one-way delays; a message is held for a time uniform in [0, 2 · mean], order kept. */
  readonly delays: readonly (Direction & { readonly meanMs: Millis })[];
}

export const noRules: LinkRules = { cuts: [], delays: [] };
