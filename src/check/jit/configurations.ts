import type { Timeline } from './timeline.js';

/** The head of a configuration; then come the bits of the open writers, of the open observers, and of the infos. */
export const word = {
  /** The register's value, or `anyOther`. */
  value: 0,
  /** 1: the last step was a plain write that nothing has made use of yet. */
  isUnused: 1,
  /** The event of the last plain write: whatever was open then may have been overwritten by it unseen. */
  lastWrite: 2,
  /** The last step of the trail that led here. */
  trail: 3,
} as const;
const headWords = 4;

/** Where a configuration's bits are, in words from its beginning. */
export interface Layout {
  readonly writers: number;
  readonly observers: number;
  readonly infos: number;
  readonly width: number;
}

export function layoutOf({ words }: Timeline): Layout {
  const observers = headWords + words.writers;
  const infos = observers + words.observers;
  return { writers: headWords, observers, infos, width: infos + words.infos };
}

/** In the place of the value of a configuration that was dropped. */
const dropped = -2;
const nothing = -1;

/**
 * Configurations side by side in one array of integers, without those that another one of the same value and the same
 * writers dominates: the other has all its observers, a last write no earlier, and no info used that it has not.
 */
export class Configurations {
  readonly #layout: Layout;
  words: Int32Array<ArrayBuffer>;
  count = 0;
  #alive = 0;
  #buckets = new Int32Array(64).fill(nothing);
  #next = new Int32Array(64);

  constructor(layout: Layout) {
    this.#layout = layout;
    this.words = new Int32Array(64 * layout.width);
  }

  get isEmpty(): boolean {
    return this.#alive === 0;
  }

  get bytes(): number {
    return this.words.byteLength + this.#buckets.byteLength + this.#next.byteLength;
  }

  isDropped(at: number): boolean {
    return this.words[at * this.#layout.width + word.value] === dropped;
  }

  clear(): void {
    // After a crowd the table is small again, or every later step would pay for emptying a large one.
    const isRoomy = this.#buckets.length > 64 && this.count * 16 < this.#buckets.length;
    if (isRoomy) this.#buckets = new Int32Array(64);
    this.#buckets.fill(nothing);
    this.count = 0;
    this.#alive = 0;
  }

  /**
   * Adds a copy of `configuration` unless one that is here dominates it; drops those that it dominates. Returns with
   * how many it was compared.
   */
  add(configuration: Int32Array): number {
    const bucket = this.#bucketOf(configuration);
    let compared = 0;
    for (let at = this.#buckets[bucket] as number; at !== nothing; at = this.#next[at] as number) {
      compared++;
      if (!this.#isComparable(at, configuration)) continue;
      const base = at * this.#layout.width;
      if (this.#dominates(this.words, base, configuration, 0)) return compared;
      if (this.#dominates(configuration, 0, this.words, base)) {
        this.words[base + word.value] = dropped;
        this.#alive--;
      }
    }
    this.#append(configuration, bucket);
    return compared;
  }

  #append(configuration: Int32Array, bucket: number): void {
    const { width } = this.#layout;
    const at = this.count++;
    if ((at + 1) * width > this.words.length) this.words = grown(this.words);
    this.words.set(configuration, at * width);
    if (at >= this.#next.length) this.#next = grown(this.#next);
    this.#next[at] = this.#buckets[bucket] as number;
    this.#buckets[bucket] = at;
    this.#alive++;
    if (this.count > this.#buckets.length) this.#rehash();
  }

  #rehash(): void {
    this.#buckets = new Int32Array(this.#buckets.length * 4).fill(nothing);
    const { width } = this.#layout;
    for (let at = 0; at < this.count; at++) {
      if (this.isDropped(at)) continue;
      const bucket = this.#bucketOf(this.words.subarray(at * width, (at + 1) * width));
      this.#next[at] = this.#buckets[bucket] as number;
      this.#buckets[bucket] = at;
    }
  }

  #bucketOf(configuration: Int32Array): number {
    const { writers, observers } = this.#layout;
    let hash = Math.imul(configuration[word.value] as number, 0x9e3779b1);
    hash = Math.imul(hash ^ (configuration[word.isUnused] as number), 0x85ebca6b);
    for (let at = writers; at < observers; at++) {
      hash = Math.imul(hash ^ (hash >>> 15) ^ (configuration[at] as number), 0x85ebca6b);
    }
    return (hash ^ (hash >>> 13)) & (this.#buckets.length - 1);
  }

  #isComparable(at: number, configuration: Int32Array): boolean {
    const { writers, observers, width } = this.#layout;
    const base = at * width;
    if (this.words[base + word.value] !== configuration[word.value]) return false;
    if (this.words[base + word.isUnused] !== configuration[word.isUnused]) return false;
    for (let i = writers; i < observers; i++) {
      if (this.words[base + i] !== configuration[i]) return false;
    }
    return true;
  }

  #dominates(a: Int32Array, aBase: number, b: Int32Array, bBase: number): boolean {
    const { observers, infos, width } = this.#layout;
    if ((a[aBase + word.lastWrite] as number) < (b[bBase + word.lastWrite] as number)) return false;
    for (let i = observers; i < infos; i++) {
      if (((b[bBase + i] as number) & ~(a[aBase + i] as number)) !== 0) return false;
    }
    for (let i = infos; i < width; i++) {
      if (((a[aBase + i] as number) & ~(b[bBase + i] as number)) !== 0) return false;
    }
    return true;
  }
}

function grown(words: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(words.length * 2);
  larger.set(words);
  return larger;
}
