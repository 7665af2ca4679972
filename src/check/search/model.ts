/**
 * A sequential specification, as one writes it for a data type of one's own: what a single copy, asked one operation at
 * a time, would do. States are never changed in place.
 */
export interface Model<State, Operation> {
  readonly initial: State;
  /** Whether the operation, with all that it says it saw, can take effect on `state`; and the state then. */
  step(state: State, operation: Operation): readonly [isLegal: boolean, after: State];
  equal(a: State, b: State): boolean;
  /** A 32-bit integer, the same for equal states; the more it varies otherwise, the faster is the search. */
  hash(state: State): number;
  /** About how many bytes a state takes; absent: 64. */
  bytes?(state: State): number;
}

/** One client's use of one operation. */
export interface Call<Operation> {
  readonly operation: Operation;
  /** In one unit, whichever; intervals are closed. */
  readonly start: number;
  /** Infinity: it may have happened at any later time, or never. */
  readonly end: number;
}

/** FNV-1a over UTF-16 units: quick, and good enough to tell states apart before they are compared. */
export function hashString(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash;
}

export function hashNumber(number: number, seed: number): number {
  return Math.imul(seed ^ number ^ (number >>> 16), 0x01000193);
}
