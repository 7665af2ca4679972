import type { NodeId } from '../../core/ids.js';
import type { ClientResult } from '../../core/operation.js';
import { unavailable } from '../../core/results.js';

/** A node that has lost its journal serves nobody before it has copied what it lost. */
export function stillCopying(self: NodeId): ClientResult {
  return unavailable(`${self} has lost its data and is still copying it; nothing was written`);
}
