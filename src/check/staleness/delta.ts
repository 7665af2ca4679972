/**
 * The smallest Δ such that one key's operations would be linearizable if every read had begun Δ earlier: how long after
 * being overwritten values were still returned (Golab, Li & Shah 2011). A greater Δ allows whatever a smaller one does,
 * so it can be searched for by halving.
 */
import type { Budget } from '../budget.js';
import type { RegisterOperations } from '../register/operations.js';
import { registerKinds } from '../register/operations.js';
import { isLegalWitness } from '../register/witness.js';
import { decideByZones } from '../zones/zones.js';

/** Found to one part in so many. */
const precision = 1000;

/** Nanoseconds; `null` when no Δ will do, or the quick engine can't tell, or the budget is spent. */
export function smallestDelta(operations: RegisterOperations, budget: Budget): number | null {
  if (budget.spent(0) !== null) return null;
  let high = spanOf(operations);
  const isEnough = (delta: number): boolean => {
    const earlier = shifted(operations, delta);
    const found = decideByZones(earlier);
    return found !== null && 'witness' in found && isLegalWitness(earlier, found.witness);
  };
  if (!isEnough(high)) return null;
  let low = 0;
  while (high - low > Math.max(1, high / precision)) {
    if (budget.spent(0) !== null) return null;
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function spanOf({ count, start, end }: RegisterOperations): number {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < count; at++) {
    first = Math.min(first, start[at] as number);
    last = Math.max(last, start[at] as number);
    if (end[at] !== Number.POSITIVE_INFINITY) last = Math.max(last, end[at] as number);
  }
  return last - first + 1;
}

function shifted(operations: RegisterOperations, delta: number): RegisterOperations {
  const start = operations.start.slice();
  for (let at = 0; at < start.length; at++) {
    if (operations.kind[at] === registerKinds.read) start[at] = (start[at] as number) - delta;
  }
  return { ...operations, start };
}
