/** Makes what is impossible smaller. */

/**
 * A few of `items` that are impossible by themselves, as all of them are: halving finds the shortest prefix that is, and
 * in it one indispensable item after another. Ends early, with more than need be, when `isImpossible` is at its end.
 */
export function smallestCore(
  items: readonly number[],
  isImpossible: (some: readonly number[]) => 'yes' | 'no' | 'spent',
): number[] {
  const found: number[] = [];
  let rest = [...items];
  while (rest.length > 0) {
    const verdict = isImpossible(found);
    if (verdict === 'yes') return found;
    if (verdict === 'spent') return [...found, ...rest];
    let possible = 0;
    let impossible = rest.length;
    while (impossible - possible > 1) {
      const middle = (possible + impossible) >> 1;
      const half = isImpossible([...found, ...rest.slice(0, middle)]);
      if (half === 'spent') return [...found, ...rest.slice(0, impossible)];
      if (half === 'yes') impossible = middle;
      else possible = middle;
    }
    found.push(rest[impossible - 1] as number);
    rest = rest.slice(0, impossible - 1);
  }
  return found;
}
