/**
 * Delta debugging (Zeller & Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", TSE 2002): of items that fail
 * together a part that still does, and of which nothing can be left out.
 */
export async function ddmin<T>(
  items: readonly T[],
  fails: (some: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let kept = items;
  for (let parts = 2; kept.length > 0; ) {
    const size = Math.ceil(kept.length / parts);
    const rest = await withoutOnePart(kept, size, fails);
    if (rest !== null) {
      kept = rest;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) break;
    else parts = Math.min(kept.length, 2 * parts);
  }
  return kept;
}

/** The first part of this size that can be left out is; `null`: none can. */
async function withoutOnePart<T>(
  items: readonly T[],
  size: number,
  fails: (some: readonly T[]) => Promise<boolean>,
): Promise<readonly T[] | null> {
  // What came last is most often what does not matter any more.
  for (let begin = Math.floor((items.length - 1) / size) * size; begin >= 0; begin -= size) {
    const rest = [...items.slice(0, begin), ...items.slice(begin + size)];
    if (await fails(rest)) return rest;
  }
  return null;
}
