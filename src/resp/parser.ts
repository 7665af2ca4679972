/**
 * What clients send: arrays of bulk strings, or inline commands typed by hand. Takes bytes as they come, cut anywhere, and
 * hands out one command after the other. Never reads past a limit; what is malformed is a {@link ProtocolError}, after
 * which nothing more is taken.
 */
import { respLimits } from './limits.js';

/** The text is what Redis says, without `ERR`. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** The name of a command and its arguments: bytes that nobody else changes. */
export type Words = readonly Uint8Array[];

export class RequestParser {
  /** The client has given its password, or needs none. */
  isTrusted = false;
  #buffer = new Uint8Array(0);

  /** Bytes that wait for the rest of their command. */
  get bytesWaiting(): number {
    return this.#buffer.length;
  }

  /** Throws {@link ProtocolError}; the commands before it have been handed out. */
  push(chunk: Uint8Array, take: (words: Words) => void): void {
    const bytes = new Uint8Array(this.#buffer.length + chunk.length);
    bytes.set(this.#buffer);
    bytes.set(chunk, this.#buffer.length);
    let at = 0;
    for (;;) {
      const end = this.#next(bytes, at, take);
      if (end === at) break;
      at = end;
    }
    this.#buffer = bytes.slice(at);
  }

  /** Where the command that begins at `at` ends; `at` itself while it is not whole. */
  #next(bytes: Uint8Array, at: number, take: (words: Words) => void): number {
    const line = lineAt(bytes, at);
    if (line === null) return at;
    if (bytes[at] !== 0x2a) {
      const text = String.fromCharCode(...bytes.subarray(at, line.end));
      const words = text.split(' ').filter((word) => word !== '');
      if (words.length > 0)
        take(words.map((word) => Uint8Array.from(word, (c) => c.charCodeAt(0))));
      return line.next;
    }
    const count = Number(String.fromCharCode(...bytes.subarray(at + 1, line.end)));
    if (!Number.isInteger(count) || count > respLimits.argumentsMax) {
      throw new ProtocolError('Protocol error: invalid multibulk length');
    }
    const words: Uint8Array[] = [];
    let from = line.next;
    while (words.length < count) {
      const head = lineAt(bytes, from);
      if (head === null) return at;
      if (bytes[from] !== 0x24) {
        const got = String.fromCharCode(bytes[from] as number);
        throw new ProtocolError(`Protocol error: expected '$', got '${got}'`);
      }
      const length = Number(String.fromCharCode(...bytes.subarray(from + 1, head.end)));
      if (!Number.isInteger(length) || length < 0 || length > respLimits.argumentBytesMax) {
        throw new ProtocolError('Protocol error: invalid bulk length');
      }
      if (head.next + length + 2 > bytes.length) return at;
      words.push(bytes.slice(head.next, head.next + length));
      from = head.next + length + 2;
    }
    if (words.length > 0) take(words);
    return from;
  }
}

/** Where the text of the line ends, and where the next begins; `null` while it has no end. */
function lineAt(bytes: Uint8Array, at: number): { end: number; next: number } | null {
  const lf = bytes.indexOf(0x0a, at);
  if (lf < 0) {
    if (bytes.length - at > respLimits.lineBytesMax) {
      throw new ProtocolError('Protocol error: too big inline request');
    }
    return null;
  }
  return { end: lf > at && bytes[lf - 1] === 0x0d ? lf - 1 : lf, next: lf + 1 };
}
