/** Makes what is impossible smaller, whichever engine says that it is. */

/** `spent`: the engine is at its end, and does not know. */
export type Impossible = (some: readonly number[]) => 'yes' | 'no' | 'spent';

const firstPrefix = 16;

/**
 * A few of `items` that are impossible by themselves, as all of them are; more items never make the impossible possible.
 * Looks for the shortest prefix that is, ever longer ones first and then by halving, and in it for one indispensable item
 * after another. Ends early, with more than need be, when `isImpossible` is at its end.
 */
export function smallestCore(items: readonly number[], isImpossible: Impossible): number[] {
  const core: number[] = [];
  let rest = [...items];
  while (rest.length > 0) {
    const verdict = isImpossible(core);
    if (verdict === 'yes') return core;
    if (verdict === 'spent') return [...core, ...rest];
    let possible = 0;
    let impossible = rest.length;
    let next = firstPrefix;
    while (impossible - possible > 1) {
      const length = next < impossible ? next : (possible + impossible) >> 1;
      const some = isImpossible([...core, ...rest.slice(0, length)]);
      if (some === 'spent') return [...core, ...rest.slice(0, impossible)];
      if (some === 'no') {
        possible = length;
        next *= 4;
      } else {
        impossible = length;
        next = impossible;
      }
    }
    core.push(rest[impossible - 1] as number);
    rest = rest.slice(0, impossible - 1);
  }
  return core;
}
