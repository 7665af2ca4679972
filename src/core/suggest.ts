import type { KvxError } from './errors.js';
import { usageError } from './errors.js';
import { show } from './show.js';

/** The word of `known` that was most likely meant by `typed`, or `null` when none is near. */
export function nearestWord(typed: string, known: Iterable<string>): string | null {
  const wanted = typed.toLowerCase();
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const word of known) {
    const distance = distanceOf(wanted, word.toLowerCase());
    if (distance < bestDistance) {
      best = word;
      bestDistance = distance;
    }
  }
  return best ?? onlyOneBegun(wanted, known);
}

/** Fewer letters are the beginning of anything. */
const begunMin = 3;

/** Of `linear`, `linearizable`. */
function onlyOneBegun(wanted: string, known: Iterable<string>): string | null {
  if (wanted.length < begunMin) return null;
  const [only = null, second] = [...known].filter((word) => word.toLowerCase().startsWith(wanted));
  return second === undefined ? only : null;
}

/** How many slips lie between them; infinitely many where it is another word, or one of its words is. */
function distanceOf(typed: string, word: string): number {
  const typedWords = typed.split(' ');
  const words = word.split(' ');
  if (words.length > 1 && words.length === typedWords.length) {
    return words.reduce((sum, each, at) => sum + distanceOf(typedWords[at] as string, each), 0);
  }
  const slips = slipsMax(Math.min(typed.length, word.length));
  const distance = editDistance(typed, word, slips + 1);
  return distance > slips ? Number.POSITIVE_INFINITY : distance;
}

/** Up to three slips in a long word, one in a short one: of `exit`, two make `wait`. */
const slipsMax = (length: number): number => Math.max(1, Math.min(3, Math.floor(length / 3)));

/** `, did you mean n1?`, to go behind what says that there is no such thing; empty when no word is near. */
export function didYouMean(typed: string, known: Iterable<string>): string {
  const meant = nearestWord(typed, known);
  return meant === null ? '' : `, did you mean ${meant}?`;
}

/** `there`: what there is none of, such as `there is no node`. */
export const unknownWord = (
  there: string,
  typed: string,
  known: readonly string[],
  hint = `There are ${known.join(', ')}.`,
): KvxError => usageError(`${there} ${show(typed)}${didYouMean(typed, known)}`, hint);

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. `bound` and more is `bound`. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) return bound;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replaced, (previous[j] as number) + 1, (row[j - 1] as number) + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, (beforePrevious[j - 2] as number) + 1);
      row.push(least);
    }
    beforePrevious = previous;
    previous = row;
  }
  return Math.min(bound, previous[b.length] as number);
}
