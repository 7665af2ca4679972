/** Lines of a file as bytes, found in big pieces of it as they are read. */
import { decodeUtf8 } from '../../core/utf8.js';
import { LineProblem } from '../problem.js';

/** Room for a compare-and-set of two of the largest values, each of whose bytes takes six characters. */
export const lineBytesMax = 16 * 1024 * 1024;

const newline = 0x0a;
const byteOrderMark = [0xef, 0xbb, 0xbf];

/** The line's bytes are those of `bytes` from `start` to before `end`, good until the call returns. Counted from 1. */
export type VisitLine = (bytes: Uint8Array, start: number, end: number, line: number) => void;

/**
 * Calls `visit` with each line, without what ends it; a last line that nothing ends is one. A byte order mark is no part
 * of the first. Throws a {@link LineProblem} for a line over {@link lineBytesMax}.
 */
export class LineSplitter {
  readonly #visit: VisitLine;
  /** The beginning of a line, whose end has not been read, is its first {@link #restLength} bytes. */
  #rest = new Uint8Array(0);
  #restLength = 0;
  #count = 0;

  constructor(visit: VisitLine) {
    this.#visit = visit;
  }

  /** The next piece of the file, good until the call returns. */
  push(piece: Uint8Array): void {
    let start = 0;
    if (this.#restLength > 0) {
      const end = piece.indexOf(newline);
      this.#keep(end < 0 ? piece : piece.subarray(0, end));
      if (end < 0) return;
      this.#flush();
      start = end + 1;
    }
    for (;;) {
      const end = piece.indexOf(newline, start);
      if (end < 0) break;
      this.#line(piece, start, end);
      start = end + 1;
    }
    this.#keep(piece.subarray(start));
  }

  end(): void {
    if (this.#restLength > 0) this.#flush();
  }

  /** Copies, for the piece may be read into again. */
  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    const length = this.#restLength + part.length;
    this.#checkLength(length);
    if (length > this.#rest.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#rest.length));
      grown.set(this.#rest.subarray(0, this.#restLength));
      this.#rest = grown;
    }
    this.#rest.set(part, this.#restLength);
    this.#restLength = length;
  }

  #flush(): void {
    const length = this.#restLength;
    this.#restLength = 0;
    this.#line(this.#rest, 0, length);
  }

  #line(bytes: Uint8Array, start: number, end: number): void {
    this.#checkLength(end - start);
    const line = ++this.#count;
    const isMarked = line === 1 && byteOrderMark.every((byte, at) => bytes[start + at] === byte);
    this.#visit(bytes, isMarked ? start + 3 : start, end, line);
  }

  #checkLength(bytes: number): void {
    if (bytes <= lineBytesMax) return;
    const mebibytes = lineBytesMax / 1024 / 1024;
    throw new LineProblem(`the line is longer than ${mebibytes} MiB`, undefined, this.#count + 1);
  }
}

const blanks = new Set([0x20, 0x09, 0x0d]);

export function isBlankLine(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!blanks.has(bytes[at] as number)) return false;
  return true;
}

/** Throws a {@link LineProblem} for bytes that are no text. */
export function lineText(bytes: Uint8Array, start: number, end: number): string {
  const text = decodeUtf8(bytes, start, end);
  if (text === null) throw new LineProblem('this is not UTF-8 text');
  return text;
}
