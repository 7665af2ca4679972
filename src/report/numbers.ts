/**
 * Columns of numbers as bytes that deflate well and are read at once: all lowest bytes, then all next ones. Noise stays in the
 * low bytes; the high ones are nearly always the same.
 */

/** Whole numbers from 0 to 2^53 - 1. */
export type Numbers = ArrayLike<number>;

/** A column's bytes, and how many each number has. */
export interface Planes {
  readonly bytes: Uint8Array;
  readonly width: number;
}

const byteValues = 256;

export function toPlanes(numbers: Numbers): Planes {
  const { length } = numbers;
  let greatest = 0;
  for (let at = 0; at < length; at++) greatest = Math.max(greatest, numbers[at] as number);
  if (!Number.isSafeInteger(greatest)) throw new RangeError(`${greatest} fits no column`);
  let width = 0;
  for (let rest = greatest; rest > 0; rest = Math.floor(rest / byteValues)) width++;
  const bytes = new Uint8Array(width * length);
  const isSmall = width <= 4;
  for (let at = 0; at < length; at++) {
    let rest = numbers[at] as number;
    for (let plane = 0; plane < width; plane++) {
      bytes[plane * length + at] = rest & 0xff;
      rest = isSmall ? rest >>> 8 : Math.floor(rest / byteValues);
    }
  }
  return { bytes, width };
}

/** The numbers of `count` rows that {@link toPlanes} made into these bytes. */
export function fromPlanes(bytes: Uint8Array, width: number, count: number): Float64Array {
  const numbers = new Float64Array(count);
  let scale = 1;
  for (let plane = 0; plane < width; plane++) {
    const from = plane * count;
    for (let at = 0; at < count; at++) {
      numbers[at] = (numbers[at] as number) + (bytes[from + at] as number) * scale;
    }
    scale *= byteValues;
  }
  return numbers;
}

/** Small numbers of either sign as small numbers. */
export const unsigned = (number: number): number => (number < 0 ? -2 * number - 1 : 2 * number);

export const signed = (number: number): number =>
  number % 2 === 0 ? number / 2 : -(number + 1) / 2;

/** Columns one after the other, and what it takes to read them again. */
export class ColumnWriter {
  readonly #parts: Uint8Array[] = [];
  readonly layout: [rows: number, width: number][] = [];

  add(numbers: Numbers): void {
    const { bytes, width } = toPlanes(numbers);
    this.#parts.push(bytes);
    this.layout.push([numbers.length, width]);
  }

  /** So many numbers, each made from its place. */
  make(count: number, numberAt: (at: number) => number): void {
    const numbers = new Float64Array(count);
    for (let at = 0; at < count; at++) numbers[at] = numberAt(at);
    this.add(numbers);
  }

  bytes(): Uint8Array {
    const whole = new Uint8Array(this.#parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}

/** Gives columns back in the order in which they were added. */
export class ColumnReader {
  readonly #bytes: Uint8Array;
  readonly #layout: ColumnWriter['layout'];
  #nth = 0;
  #at = 0;

  constructor(bytes: Uint8Array, layout: ColumnWriter['layout']) {
    this.#bytes = bytes;
    this.#layout = layout;
  }

  next(): Float64Array {
    const [rows, width] = this.#layout[this.#nth++] ?? [0, 0];
    const bytes = this.#bytes.subarray(this.#at, this.#at + rows * width);
    this.#at += rows * width;
    return fromPlanes(bytes, width, rows);
  }
}

/** Each by how much it is more than the one before. */
export function writeTotals(writer: ColumnWriter, column: Numbers): void {
  writer.make(column.length, (at) => {
    return unsigned((column[at] as number) - (at === 0 ? 0 : (column[at - 1] as number)));
  });
}

export function readTotals(reader: ColumnReader): Float64Array {
  const column = reader.next();
  let total = 0;
  for (let at = 0; at < column.length; at++) {
    total += signed(column[at] as number);
    column[at] = total;
  }
  return column;
}
