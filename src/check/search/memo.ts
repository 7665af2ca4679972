/** Which operations have taken effect, and a hash of that which changes with each. */
export class Taken {
  readonly words: Int32Array;
  hash = 0;

  constructor(count: number) {
    this.words = new Int32Array((count + 31) >>> 5);
  }

  flip(at: number): void {
    const place = at >>> 5;
    this.words[place] = (this.words[place] as number) ^ (1 << (at & 31));
    this.hash ^= scatter(at);
  }
}

/** murmur3's finalizer (A. Appleby): neighbours get hashes that differ in about half of their bits. */
function scatter(at: number): number {
  let hash = Math.imul(at + 1, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

interface Seen<State> {
  readonly words: Int32Array;
  readonly state: State;
  readonly next: Seen<State> | null;
}

const entryBytes = 120;
/** A map holds 2^24 at most. What is not remembered is tried again, until time is up. */
const hashesMax = 16_000_000;

/** The pairs of operations taken and state that were met before: what comes after them is known to fail. */
export class Memo<State> {
  readonly #seen = new Map<number, Seen<State>>();
  readonly #equal: (a: State, b: State) => boolean;
  readonly #bytesOf: (state: State) => number;
  bytes = 0;

  constructor(equal: (a: State, b: State) => boolean, bytesOf: (state: State) => number) {
    this.#equal = equal;
    this.#bytesOf = bytesOf;
  }

  /** False when the pair was here. */
  add(taken: Taken, state: State, stateHash: number): boolean {
    const hash = taken.hash ^ Math.imul(stateHash, 0x85ebca6b);
    const first = this.#seen.get(hash) ?? null;
    for (let entry = first; entry !== null; entry = entry.next) {
      if (isEqual(entry.words, taken.words) && this.#equal(entry.state, state)) return false;
    }
    if (first === null && this.#seen.size >= hashesMax) return true;
    this.#seen.set(hash, { words: taken.words.slice(), state, next: first });
    this.bytes += entryBytes + taken.words.byteLength + this.#bytesOf(state);
    return true;
  }
}

function isEqual(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
