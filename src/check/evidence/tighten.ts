/** Makes a core smaller than the engine left it, where that can be proven by trying all orders. */
import { bruteForce } from '../register/brute-force.js';
import type { RegisterOperations } from '../register/operations.js';
import { foundAt, readsAt, writesAt } from '../register/split.js';

const bruteForceUpTo = 11;

/** `core` without what it does not need, the latest operations tried first; as small as it was when it is large. */
export function tightened(operations: RegisterOperations, core: readonly number[]): number[] {
  let needed = [...core].sort(
    (a, b) => (operations.start[a] as number) - (operations.start[b] as number),
  );
  if (needed.length > bruteForceUpTo) return needed;
  for (let place = needed.length - 1; place >= 0; place--) {
    const fewer = needed.filter((_, at) => at !== place);
    if (isWhole(operations, fewer) && !bruteForce(only(operations, fewer))) needed = fewer;
  }
  return needed;
}

/** Whether all that could have written what these operations found is among them. */
function isWhole(operations: RegisterOperations, some: readonly number[]): boolean {
  const found = new Set(
    some.filter((at) => readsAt(operations, at)).map((at) => foundAt(operations, at)),
  );
  const among = new Set(some);
  for (let at = 0; at < operations.count; at++) {
    const wrote = writesAt(operations, at) && found.has(operations.value[at] as number);
    if (wrote && !among.has(at)) return false;
  }
  return true;
}

function only(operations: RegisterOperations, some: readonly number[]): RegisterOperations {
  const { kind, value, expected, start, end, initial } = operations;
  return {
    count: some.length,
    kind: Uint8Array.from(some, (at) => kind[at] as number),
    value: Int32Array.from(some, (at) => value[at] as number),
    expected: Int32Array.from(some, (at) => expected[at] as number),
    start: Float64Array.from(some, (at) => start[at] as number),
    end: Float64Array.from(some, (at) => end[at] as number),
    initial,
  };
}
