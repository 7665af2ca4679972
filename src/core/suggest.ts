/** The word of `known` that was most likely meant by `typed`, or `null` when none is near. */
export function nearestWord(typed: string, known: Iterable<string>): string | null {
  const wanted = typed.toLowerCase();
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const word of known) {
    // Up to three slips in a long word, one in a short one.
    const bound = Math.min(bestDistance, Math.max(1, Math.min(3, word.length >> 1)) + 1);
    const distance = editDistance(wanted, word.toLowerCase(), bound);
    if (distance < bound) {
      best = word;
      bestDistance = distance;
    }
  }
  return best;
}

/** `, did you mean n1?`, to go behind what says that there is no such thing; empty when no word is near. */
export function didYouMean(typed: string, known: Iterable<string>): string {
  const meant = nearestWord(typed, known);
  return meant === null ? '' : `, did you mean ${meant}?`;
}

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
