import type { History } from '../history.js';

/** Takes a file line by line. Both throw a `LineProblem`. */
export interface LineReader {
  /** The bytes are good until the call returns; lines are counted from 1. */
  take(bytes: Uint8Array, start: number, end: number, line: number): void;
  finish(): History;
}
