/** One kind of work under way: how much of it there is, and what to call it. */
export type Work = readonly [count: number, sentences: string | (() => readonly string[])];

/** Work under way, which is looked at whenever somebody asks. */
export class Unsettled {
  readonly #work: () => readonly Work[];

  constructor(work: () => readonly Work[]) {
    this.#work = work;
  }

  get count(): number {
    return this.#work().reduce((sum, [count]) => sum + count, 0);
  }

  sentences(): readonly string[] {
    return this.#work().flatMap(([count, sentences]) => {
      if (count === 0) return [];
      return typeof sentences === 'string' ? [sentences] : sentences();
    });
  }
}

/** Of each kind so many are named, and the rest counted. */
const namedMax = 3;

/** A sentence for each of the first few, and one more for the rest. */
export function few<T>(items: Iterable<T>, say: (item: T) => string): () => string[] {
  return () => {
    const sentences: string[] = [];
    let rest = 0;
    for (const item of items) {
      if (sentences.length < namedMax) sentences.push(say(item));
      else rest += 1;
    }
    return rest === 0 ? sentences : [...sentences, `and ${rest} more of these`];
  };
}
