const parentWord = 0;
const operationWord = 1;
const placeWord = 2;
const stepWords = 3;

/** The step before the first. */
export const noStep = -1;

/** A write that took effect, and the event at which the search let it. */
export interface TrailStep {
  readonly operation: number;
  readonly place: number;
}

/**
 * How each configuration came about: a tree of steps, each naming the one before it. The configurations of a moment
 * nearly always share all but their last few steps, so what no configuration leads back to is dropped when the table
 * has doubled, and the tree stays about as long as the history.
 */
export class Trail {
  #words = new Int32Array(stepWords * 1024);
  #count = 0;
  #compactAt = 1 << 16;

  get bytes(): number {
    return this.#words.byteLength;
  }

  get isGrown(): boolean {
    return this.#count >= this.#compactAt;
  }

  add(parent: number, operation: number, place: number): number {
    if (this.#words.length < (this.#count + 1) * stepWords) {
      const grown = new Int32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    const base = this.#count * stepWords;
    this.#words[base + parentWord] = parent;
    this.#words[base + operationWord] = operation;
    this.#words[base + placeWord] = place;
    return this.#count++;
  }

  /** Drops what none of `leaves` leads back to; returns the new name of each step, by its old one. */
  compact(leaves: readonly number[]): Int32Array {
    const words = this.#words;
    const names = new Int32Array(this.#count).fill(noStep);
    for (const leaf of leaves) {
      let at = leaf;
      while (at !== noStep && names[at] === noStep) {
        names[at] = at;
        at = words[at * stepWords + parentWord] as number;
      }
    }
    let kept = 0;
    for (let at = 0; at < this.#count; at++) {
      if (names[at] === noStep) continue;
      const parent = words[at * stepWords + parentWord] as number;
      words.copyWithin(kept * stepWords, at * stepWords, (at + 1) * stepWords);
      // A step is younger than the one before it, which therefore has its new name already.
      words[kept * stepWords + parentWord] = parent === noStep ? noStep : (names[parent] as number);
      names[at] = kept++;
    }
    this.#count = kept;
    this.#compactAt = Math.max(1 << 16, 2 * kept);
    return names;
  }

  /** From the first step to `leaf`. */
  pathTo(leaf: number): TrailStep[] {
    const path: TrailStep[] = [];
    for (let at = leaf; at !== noStep; ) {
      const base = at * stepWords;
      const operation = this.#words[base + operationWord] as number;
      path.push({ operation, place: this.#words[base + placeWord] as number });
      at = this.#words[base + parentWord] as number;
    }
    return path.reverse();
  }
}
