/**
 * Two kinds of operations that zones have no place for. An update is taken for a write, and what only saw that
 * something else was there is left out: if that is impossible, so is the whole. If it is possible, the order found is
 * tried with them.
 */
import { countWhile } from '../lookup.js';
import { type RegisterOperations, registerKinds } from '../register/operations.js';
import { step } from '../register/witness.js';

export interface Plain {
  readonly operations: RegisterOperations;
  /** Of each operation what it is in the original. */
  readonly index: Int32Array;
}

const { write, update, differs } = registerKinds;

/** `null` when the operations are plain already. */
export function plainOf({
  count,
  kind,
  value,
  expected,
  start,
  end,
  initial,
}: RegisterOperations): Plain | null {
  if (isPlain(kind)) return null;
  const index = Int32Array.from({ length: count }, (_, at) => at).filter(
    (at) => kind[at] !== differs,
  );
  const operations = {
    count: index.length,
    kind: Uint8Array.from(index, (at) => (kind[at] === update ? write : (kind[at] as number))),
    value: Int32Array.from(index, (at) => value[at] as number),
    expected: Int32Array.from(index, (at) => expected[at] as number),
    start: Float64Array.from(index, (at) => start[at] as number),
    end: Float64Array.from(index, (at) => end[at] as number),
    initial,
  };
  return { operations, index };
}

function isPlain(kind: Uint8Array): boolean {
  for (let at = 0; at < kind.length; at++) if ((kind[at] as number) >= update) return false;
  return true;
}

/** An order together with what was left out of it: each at the first place where time and value allow. */
export function withTheRest(operations: RegisterOperations, order: Int32Array): Int32Array {
  const { count, kind, start } = operations;
  const rest: number[] = [];
  for (let at = 0; at < count; at++) if (kind[at] === differs) rest.push(at);
  if (rest.length === 0) return order;
  const places = new Places(operations, order);
  const placed = rest.map((at) => ({ at, place: places.of(at) }));
  placed.sort((a, b) => a.place - b.place || (start[a.at] as number) - (start[b.at] as number));
  const all = new Int32Array(order.length + rest.length);
  let next = 0;
  let length = 0;
  for (const { at, place } of placed) {
    while (next < place) all[length++] = order[next++] as number;
    all[length++] = at;
  }
  all.set(order.subarray(next), length);
  return all;
}

/** Place p is before the operation that is p-th in the order. */
class Places {
  readonly #operations: RegisterOperations;
  /** The value at each place, and the next place with another. */
  readonly #value: Int32Array;
  readonly #other: Int32Array;
  /** The earliest end of the operations from a place on. */
  readonly #laterEnd: Float64Array;

  constructor(operations: RegisterOperations, order: Int32Array) {
    const { length } = order;
    this.#operations = operations;
    this.#value = new Int32Array(length + 1).fill(operations.initial);
    this.#other = new Int32Array(length + 1).fill(length + 1);
    this.#laterEnd = new Float64Array(length + 1).fill(Number.POSITIVE_INFINITY);
    let value = operations.initial;
    for (let place = 0; place < length; place++) {
      value = step(operations, order[place] as number, value);
      this.#value[place + 1] = value;
    }
    for (let place = length - 1; place >= 0; place--) {
      const isSame = this.#value[place] === this.#value[place + 1];
      this.#other[place] = isSame ? (this.#other[place + 1] as number) : place + 1;
      this.#laterEnd[place] = Math.min(
        this.#laterEnd[place + 1] as number,
        operations.end[order[place] as number] as number,
      );
    }
  }

  /** The first place after all that ended before the operation started, or the next after that where it finds its like. */
  of(at: number): number {
    const { start, expected } = this.#operations;
    const began = start[at] as number;
    const low = countWhile(this.#laterEnd, (end) => end < began, 0, this.#laterEnd.length - 1);
    if (this.#value[low] !== expected[at]) return low;
    return Math.min(this.#other[low] as number, this.#value.length - 1);
  }
}
