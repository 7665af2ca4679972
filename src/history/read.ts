import { encodeUtf8 } from '../core/utf8.js';
import { type Format, formatOf, readerFor } from './formats.js';
import type { History } from './history.js';
import { HistoryError, LineProblem } from './problem.js';
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

/** A history that is in memory already. Throws a definite {@link HistoryError} with line and reason. */
export function parseHistory(text: string, options: ReadOptions = {}): History {
  const reading = new Reading(options.name ?? '-', options.format);
  reading.push(encodeUtf8(text));
  return reading.finish();
}

/** From pieces to lines to a history, with the place in every error. */
export class Reading {
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
    this.#placed(() => this.#lines.push(piece));
  }

  finish(): History {
    const history = this.#placed(() => {
      this.#lines.end();
      return this.#reader?.finish();
    });
    if (history !== undefined && history.count > 0) return history;
    throw new HistoryError('there is no operation in it', { source: this.#source });
  }

  #take(bytes: Uint8Array, start: number, end: number, line: number): void {
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
      const bytes = encodeUtf8(text);
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
