/** Beginnings and ends of operations in the order in which a file has them. */
interface Timed {
  readonly process: ArrayLike<number>;
  /** Ascending. */
  readonly invokedAt: ArrayLike<number>;
  /** Infinity when nobody knows. */
  readonly returnedAt: ArrayLike<number>;
}

export interface Moment {
  readonly operation: number;
  readonly isReturn: boolean;
  readonly time: number;
}

/**
 * In the order of time; at the same time a beginning before an end, since intervals are closed, unless it is one process
 * that ends an operation and begins another. An operation that nobody knows the end of ends when its process begins
 * the next, or after everything else.
 */
export function* momentsOf({ process, invokedAt, returnedAt }: Timed): Generator<Moment> {
  const count = invokedAt.length;
  const returns = returnsInOrder(returnedAt);
  const ended = new Uint8Array(count);
  const open = new Map<number, number>();
  let next = 0;
  let time = 0;
  for (let operation = 0; operation < count; operation++) {
    time = invokedAt[operation] as number;
    for (; next < returns.length; next++) {
      const returned = returns[next] as number;
      if ((returnedAt[returned] as number) >= time) break;
      if (ended[returned]) continue;
      ended[returned] = 1;
      yield { operation: returned, isReturn: true, time: returnedAt[returned] as number };
    }
    const before = open.get(process[operation] as number);
    if (before !== undefined && !ended[before] && endsBy(returnedAt[before] as number, time)) {
      ended[before] = 1;
      yield { operation: before, isReturn: true, time };
    }
    open.set(process[operation] as number, operation);
    yield { operation, isReturn: false, time };
  }
  for (const operation of returns.subarray(next)) {
    if (ended[operation]) continue;
    time = returnedAt[operation] as number;
    yield { operation, isReturn: true, time };
  }
  for (let operation = 0; operation < count; operation++) {
    const isOpen = !ended[operation] && !Number.isFinite(returnedAt[operation]);
    if (isOpen) yield { operation, isReturn: true, time };
  }
}

const endsBy = (returnedAt: number, time: number): boolean =>
  returnedAt <= time || returnedAt === Number.POSITIVE_INFINITY;

function returnsInOrder(returnedAt: ArrayLike<number>): Int32Array {
  const returns: number[] = [];
  for (let at = 0; at < returnedAt.length; at++) {
    if (Number.isFinite(returnedAt[at])) returns.push(at);
  }
  const timeOf = (at: number): number => returnedAt[at] as number;
  return Int32Array.from(returns).sort((a, b) => timeOf(a) - timeOf(b) || a - b);
}
