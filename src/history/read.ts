import { open } from 'node:fs/promises';
import { type Format, formatOf, readerFor } from './formats.js';
import type { History } from './history.js';
import { HistoryError, LineProblem } from './problem.js';
import { unpacked } from './text/gunzip.js';
import type { LineReader } from './text/line-reader.js';
import { isBlankLine, LineSplitter, lineBytesMax, lineText } from './text/lines.js';

export interface ReadOptions {
  /** Absent: told from the first line. */
  readonly format?: Format;
  /** What messages call the file; absent: its path, or `-` for a stream. */
  readonly name?: string;
  /** Called now and then with how much has been read. */
  readonly onProgress?: (bytes: number) => void;
}

const pieceBytes = 4 * 1024 * 1024;

/**
 * A history from a file, or from what a stream hands out. Throws a definite {@link HistoryError} with file, line and reason
 * when it is not one: nothing is skipped or mended.
 */
export async function readHistory(
  from: string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadOptions = {},
): Promise<History> {
  const isPath = typeof from === 'string';
  const source = options.name ?? (isPath ? from : '-');
  const reading = new Reading(source, options.format);
  let bytes = 0;
  for await (const piece of unpacked(isPath ? piecesOf(from, source) : from, source)) {
    reading.push(piece);
    bytes += piece.length;
    options.onProgress?.(bytes);
  }
  return reading.finish();
}

/** A history that is in memory already. Throws as {@link readHistory} does. */
export function parseHistory(text: string, options: ReadOptions = {}): History {
  const reading = new Reading(options.name ?? '-', options.format);
  reading.push(Buffer.from(text));
  return reading.finish();
}

/** From pieces to lines to a history, with the place in every error. */
class Reading {
  readonly #source: string;
  readonly #format: Format | undefined;
  readonly #lines = new LineSplitter((bytes, start, end, line) =>
    this.#take(bytes, start, end, line),
  );
  #reader: LineReader | null = null;
  #line = 0;
  /** Lines that don't tell the format yet, one after the other, and where the first stands. */
  #untold = '';
  #untoldSince = 0;

  constructor(source: string, format: Format | undefined) {
    this.#source = source;
    this.#format = format;
  }

  push(piece: Uint8Array): void {
    const { buffer, byteOffset, byteLength } = piece;
    this.#placed(() => this.#lines.push(Buffer.from(buffer, byteOffset, byteLength)));
  }

  finish(): History {
    const history = this.#placed(() => {
      this.#lines.end();
      return this.#reader?.finish();
    });
    if (history !== undefined && history.count > 0) return history;
    throw new HistoryError('there is no operation in it', { source: this.#source });
  }

  #take(bytes: Buffer, start: number, end: number, line: number): void {
    this.#line = line;
    if (this.#reader !== null) this.#reader.take(bytes, start, end, line);
    else if (this.#untold !== '' || !isBlankLine(bytes, start, end)) {
      if (this.#untold === '') this.#untoldSince = line;
      this.#untold += `${lineText(bytes, start, end)}\n`;
      if (this.#untold.length > lineBytesMax) throw new LineProblem('this is no history');
      if (isBlankLine(bytes, start, end)) return;
      const format = this.#format ?? formatOf(this.#untold);
      if (format !== null) this.#begin(format);
    }
  }

  #begin(format: Format): void {
    const reader = readerFor(format);
    this.#reader = reader;
    const lines = this.#untold.slice(0, -1).split('\n');
    this.#untold = '';
    for (const [after, text] of lines.entries()) {
      this.#line = this.#untoldSince + after;
      const bytes = Buffer.from(text);
      reader.take(bytes, 0, bytes.length, this.#line);
    }
  }

  #placed<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof LineProblem)) throw error;
      const { message, line = this.#line, column } = error;
      throw new HistoryError(message, { source: this.#source, line, column });
    }
  }
}

/** Each is overwritten by the one after the next: while one is looked at, the next is read. */
async function* piecesOf(path: string, source: string): AsyncGenerator<Uint8Array> {
  const refuse = (error: NodeJS.ErrnoException): never => {
    throw new HistoryError(readProblem(error), { source });
  };
  const file = await open(path).catch(refuse);
  const read = (buffer: Buffer<ArrayBuffer>) => {
    const reading = file.read(buffer, 0, buffer.length).catch(refuse);
    // It may fail before it is waited for.
    reading.catch(() => {});
    return reading;
  };
  let next = read(Buffer.allocUnsafe(pieceBytes));
  try {
    let spare = Buffer.allocUnsafe(pieceBytes);
    for (;;) {
      const { bytesRead, buffer } = await next;
      if (bytesRead === 0) return;
      next = read(spare);
      yield buffer.subarray(0, bytesRead);
      spare = buffer;
    }
  } finally {
    await next.catch(() => null);
    await file.close();
  }
}

/** Why a file can't be read, in a user's words. */
function readProblem(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a folder, not a file';
    case 'EACCES':
      return 'this user may not read it';
    default:
      return error.message;
  }
}
