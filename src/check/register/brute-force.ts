import { invariant } from '../../core/invariant.js';
import type { RegisterOperations } from './operations.js';
import { step } from './witness.js';

/** 2^15 sets of operations, and at most 31 values: each set's values seen fit in one integer. */
export const bruteForceMax = 15;

/**
 * Whether the operations are linearizable, by trying all orders: the definition itself, and the judge of every faster
 * way. At most {@link bruteForceMax} operations. An operation may come next when all that ended before it began have
 * come; one that may never have happened can be left out. What was tried once (the set of operations that have come,
 * the value then) is not tried again.
 */
export function bruteForce(operations: RegisterOperations): boolean {
  const { count, end } = operations;
  invariant(count <= bruteForceMax, `${count} operations are too many to try all orders of`);
  const before = predecessors(operations);
  const idOf = valueIds(operations);
  const tried = new Int32Array(1 << count);
  let sure = 0;
  for (let at = 0; at < count; at++) if (end[at] !== Number.POSITIVE_INFINITY) sure |= 1 << at;

  const canEnd = (done: number, value: number): boolean => {
    if ((done & sure) === sure) return true;
    const bit = 1 << (idOf.get(value) as number);
    if (((tried[done] as number) & bit) !== 0) return false;
    tried[done] = (tried[done] as number) | bit;
    for (let at = 0; at < count; at++) {
      if ((done & (1 << at)) !== 0 || ((before[at] as number) & ~done) !== 0) continue;
      const next = step(operations, at, value);
      if (next !== -1 && canEnd(done | (1 << at), next)) return true;
    }
    return false;
  };
  return canEnd(0, operations.initial);
}

/** Per operation the set of those that ended before it began. */
function predecessors({ count, start, end }: RegisterOperations): Int32Array {
  const before = new Int32Array(count);
  for (let at = 0; at < count; at++) {
    for (let other = 0; other < count; other++) {
      if ((end[other] as number) < (start[at] as number)) {
        before[at] = (before[at] as number) | (1 << other);
      }
    }
  }
  return before;
}

/** What the register can ever hold, numbered: the initial value and one per operation at most. */
function valueIds({ count, value, initial }: RegisterOperations): Map<number, number> {
  const ids = new Map([[initial, 0]]);
  for (let at = 0; at < count; at++) {
    const own = value[at] as number;
    if (!ids.has(own)) ids.set(own, ids.size);
  }
  return ids;
}
