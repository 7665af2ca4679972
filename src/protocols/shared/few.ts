/** Of each kind of unsettled work so many are named, and the rest counted. */
const namedMax = 3;

/** A sentence for each of the first few, and one more for the rest. */
export function few<T>(items: Iterable<T>, say: (item: T) => string): string[] {
  const sentences: string[] = [];
  let rest = 0;
  for (const item of items) {
    if (sentences.length < namedMax) sentences.push(say(item));
    else rest += 1;
  }
  return rest === 0 ? sentences : [...sentences, `and ${rest} more of these`];
}
