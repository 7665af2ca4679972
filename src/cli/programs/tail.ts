import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const chunkBytesMax = 256 * 1024;
/** Of one line. A longer one never ends. */
const lineCharsMax = 16 * 1024 * 1024;

/** A file that was copied from the one that grows, or is that one itself. */
interface Part {
  readonly descriptor: number;
  offset: number;
}

/**
 * The lines of a file that grows. When it has grown large it is copied to `<file>.1` and cut to nothing, as `RotatingFile`
 * does: what is left to be read is then in the copy.
 */
export class Tail {
  readonly #file: string;
  /** Copies that are to be read before the file goes on, the oldest first. Renaming them does no harm while they are open. */
  readonly #copies: Part[] = [];
  readonly #decoder = new StringDecoder('utf8');
  #offset = 0;
  #size = 0;
  #rest = '';

  /** `end`: what is added from now on. `begin`: also what is there, and in so many copies. */
  constructor(file: string, from: 'begin' | 'end', copiesMax = 0) {
    this.#file = file;
    this.#size = this.#withFile((descriptor) => fstatSync(descriptor).size) ?? 0;
    if (from === 'end') this.#offset = this.#size;
    else for (let age = copiesMax; age >= 1; age--) this.#openCopy(age, 0);
  }

  /** The next of its whole lines, some hundred kilobytes at most; none when there is none at present. */
  newLines(): string[] {
    for (;;) {
      const [copy] = this.#copies;
      const chunk =
        copy === undefined ? this.#withFile((descriptor) => this.#readOn(descriptor)) : read(copy);
      if (chunk === undefined || chunk === null) return [];
      if (chunk.length > 0) {
        const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
        this.#rest = lines.pop() ?? '';
        if (lines.length > 0 || this.#rest.length > lineCharsMax) return lines;
      } else if (copy !== undefined) {
        closeSync(copy.descriptor);
        this.#copies.shift();
      } else if (this.#copies.length === 0) return [];
    }
  }

  /** What stands after the last whole line; it is not handed out again. */
  takeRest(): string {
    const rest = this.#rest;
    this.#rest = '';
    return rest;
  }

  close(): void {
    for (const { descriptor } of this.#copies.splice(0)) closeSync(descriptor);
  }

  #readOn(descriptor: number): Buffer {
    const { size } = fstatSync(descriptor);
    if (size < this.#size) {
      this.#openCopy(1, this.#offset);
      this.#offset = 0;
    }
    this.#size = size;
    if (this.#copies.length > 0) return Buffer.alloc(0);
    const part = { descriptor, offset: this.#offset };
    const chunk = read(part);
    this.#offset = part.offset;
    return chunk;
  }

  #openCopy(age: number, offset: number): void {
    const descriptor = openIfThere(`${this.#file}.${age}`);
    if (descriptor !== null) this.#copies.push({ descriptor, offset });
  }

  /** `null` while there is no such file. */
  #withFile<T>(work: (descriptor: number) => T): T | null {
    const descriptor = openIfThere(this.#file);
    if (descriptor === null) return null;
    try {
      return work(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}

function read(part: Part): Buffer {
  const chunk = Buffer.allocUnsafe(chunkBytesMax);
  const count = readSync(part.descriptor, chunk, 0, chunk.length, part.offset);
  part.offset += count;
  return chunk.subarray(0, count);
}

function openIfThere(file: string): number | null {
  try {
    return openSync(file, 'r');
  } catch {
    return null;
  }
}
