/**
 * Rows of so many 32-bit numbers each, in pages: growing it copies nothing, however many there are.
 */
const pageBits = 7;
const pageRows = 2 ** pageBits;

export class NumberTable {
  readonly #rowNumbers: number;
  readonly #pages: Uint32Array[] = [];

  constructor(rowNumbers: number) {
    this.#rowNumbers = rowNumbers;
  }

  get bytes(): number {
    return this.#pages.length * pageRows * this.#rowNumbers * Uint32Array.BYTES_PER_ELEMENT;
  }

  /** Makes sure of rows 0 to `rows` - 1; new ones are 0. */
  grow(rows: number): void {
    while (this.#pages.length < (rows + pageRows - 1) >>> pageBits) {
      this.#pages.push(new Uint32Array(pageRows * this.#rowNumbers));
    }
  }

  /** So many there are. */
  get rows(): number {
    return this.#pages.length << pageBits;
  }

  /** Gives back what is for rows from `rows` on. Others keep their numbers. */
  shrink(rows: number): void {
    this.#pages.length = Math.min(this.#pages.length, (rows + pageRows - 1) >>> pageBits);
  }

  get(row: number, nth: number): number {
    return this.page(row)[this.place(row) + nth] as number;
  }

  /** Of what is no 32-bit number its lowest bits are kept. */
  set(row: number, nth: number, value: number): void {
    this.page(row)[this.place(row) + nth] = value;
  }

  copy(from: number, to: number): void {
    const [page, begin] = [this.page(from), this.place(from)];
    this.page(to).set(page.subarray(begin, begin + this.#rowNumbers), this.place(to));
  }

  /** The page that has the row, */
  page(row: number): Uint32Array {
    return this.#pages[row >>> pageBits] as Uint32Array;
  }

  /** and where it begins there. */
  place(row: number): number {
    return (row & (pageRows - 1)) * this.#rowNumbers;
  }
}
