/**
 * What a user gives as text: a file, or standard input. It is opened when somebody begins to read, so nothing of it can
 * be lost before, and no more of it is held than a bound says.
 */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { ConfigError, readProblem } from '../config/problem.js';
import { interrupted } from '../core/errors.js';
import { frameBytesMax } from '../core/limits.js';
import { insideImage } from '../node/shipped.js';
import { note } from '../render/output.js';

export interface TextInput {
  /** What messages call it. */
  readonly source: string;
  /**
   * Its bytes as they come, once. Throws `config` when it can't be read, and `interrupted` after the signal aborted,
   * both definite. Whoever stops reading closes it.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** A path; `-` or none at all: standard input. */
export function openInput(file: string | undefined, signal: AbortSignal): TextInput {
  const isInput = file === undefined || file === '-';
  const source = isInput ? 'standard input' : file;
  const open = () => (isInput ? process.stdin : openFile(file));
  return { source, chunks: chunksOf(open, source, signal) };
}

const openFile = (file: string): NodeJS.ReadableStream & { destroy(): unknown } => {
  const inside = insideImage(file);
  return inside === null ? createReadStream(file) : Readable.from([inside]);
};

async function* chunksOf(
  open: () => NodeJS.ReadableStream & { destroy(error?: Error): unknown },
  source: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const stop = (): void => {
    stream.destroy();
  };
  if (signal.aborted) throw interrupted();
  const stream = open();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
    if (signal.aborted) throw interrupted();
  } catch (error) {
    if (signal.aborted) throw interrupted();
    if (!isSystemError(error)) throw error;
    throw new ConfigError([{ source, message: readProblem(error) }]);
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
}

const isSystemError = (error: unknown): boolean =>
  typeof (error as NodeJS.ErrnoException).syscall === 'string';

const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Its lines as they come, without their ends (`\n`, `\r\n` or `\r`), and without a byte order mark. Nothing is read
 * before the first line is asked for. Bytes that are not UTF-8 become U+FFFD. Throws `config` for a line of more than
 * `lineBytesMax`.
 */
export async function* linesFrom(
  { source, chunks }: TextInput,
  lineBytesMax: number,
): AsyncGenerator<string> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  let number = 0;
  const hold = (piece: Uint8Array): void => {
    held += piece.length;
    if (held > lineBytesMax) {
      const message = `this line is longer than ${lineBytesMax} bytes`;
      throw new ConfigError([{ source, line: number + 1, column: 1, message }]);
    }
    pieces.push(piece);
  };
  const take = (): string => {
    const text = Buffer.concat(pieces).toString();
    pieces = [];
    held = 0;
    number += 1;
    return number === 1 && text.startsWith('\ufeff') ? text.slice(1) : text;
  };
  let wasReturn = false;
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === newline && wasReturn) start = at + 1;
      else if (byte === newline || byte === carriageReturn) {
        hold(chunk.subarray(start, at));
        start = at + 1;
        yield take();
      }
      wasReturn = byte === carriageReturn;
    }
    if (start < chunk.length) hold(chunk.subarray(start));
  }
  if (held > 0) yield take();
}

/**
 * All of a file, or of standard input for `-` or none at all, byte for byte; `null` when there is more than `bytesMax`: then
 * it is left unread. `what` is what a person at a terminal is to type.
 */
export async function readWhole(
  file: string | undefined,
  what: string,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const isInput = file === undefined || file === '-';
  if (isInput && process.stdin.isTTY) note(`Type ${what}, then Ctrl-D on a line of its own.`);
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of openInput(file, signal).chunks) {
    size += chunk.length;
    if (size > bytesMax) return null;
    read.push(chunk);
  }
  return Buffer.concat(read);
}

/** The same as text, and what to call it in messages. */
export async function readText(
  file: string | undefined,
  signal: AbortSignal,
  what = 'the steps',
  bytesMax = frameBytesMax,
): Promise<{ readonly text: Uint8Array; readonly source: string }> {
  const text = await readWhole(file, what, bytesMax, signal);
  const { source } = openInput(file, signal);
  if (text !== null) return { text, source };
  const message = `it is larger than ${bytesMax} bytes (${bytesMax / 2 ** 20} MiB)`;
  throw new ConfigError([{ source, message }]);
}
