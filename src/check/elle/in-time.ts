import type { SeenTransaction } from './transactions.js';

/**
 * Pairs of transactions of which the first ended before the second began, without those that follow from two others:
 * what has ended is kept until one that began after its end has ended itself.
 */
export function* immediatelyBefore(
  chosen: readonly number[],
  transactions: readonly SeenTransaction[],
): Generator<readonly [number, number]> {
  const of = (at: number) => transactions[at] as SeenTransaction;
  const starts = [...chosen].sort((a, b) => of(a).start - of(b).start);
  const ends = [...chosen].sort((a, b) => of(a).end - of(b).end);
  let latest: number[] = [];
  let ended = 0;
  for (const at of starts) {
    for (let other = ends[ended]; other !== undefined; other = ends[++ended]) {
      const { start, end } = of(other);
      if (end >= of(at).start) break;
      latest = latest.filter((earlier) => of(earlier).end >= start);
      latest.push(other);
    }
    for (const earlier of latest) yield [earlier, at];
  }
}
