/** A table by columns while it grows, row by row. */

type Numbers = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;
type Kinds = Readonly<Record<string, new (length: number) => Numbers>>;
type Rows<K extends Kinds> = { [Name in keyof K]: InstanceType<K[Name]> };

export class GrowingTable<K extends Kinds> {
  count = 0;
  rows: Rows<K>;
  readonly #kinds: K;
  readonly #nothing: { readonly [Name in keyof K]?: number };
  #length: number;

  /** `nothing`: what a new row says, where that is not 0. `length`: how many rows there is room for at first. */
  constructor(kinds: K, nothing: { readonly [Name in keyof K]?: number } = {}, length = 1024) {
    this.#kinds = kinds;
    this.#nothing = nothing;
    this.#length = length;
    this.rows = this.#map((_, name) => this.#empty(name));
  }

  /** A row of its own for one more, which says nothing. */
  add(): number {
    if (this.count === this.#length) {
      this.#length *= 2;
      this.rows = this.#map((column, name) => {
        const longer = this.#empty(name);
        longer.set(column as never);
        return longer;
      });
    }
    return this.count++;
  }

  /** The table, to be kept. */
  finish(): { readonly count: number } & Readonly<Rows<K>> {
    return { count: this.count, ...this.#map((column) => column.slice(0, this.count)) };
  }

  /** The same with its rows in the order of one of its columns; of equal ones, the earlier comes first. */
  finishBy(name: keyof K): { readonly count: number } & Readonly<Rows<K>> {
    const by = this.rows[name] as Numbers;
    const order = Uint32Array.from({ length: this.count }, (_, at) => at);
    const isSorted = order.every((at) => at === 0 || Number(by[at - 1]) <= Number(by[at]));
    if (isSorted) return this.finish();
    order.sort((a, b) => (by[a] as number) - (by[b] as number) || a - b);
    const sorted = this.#map((column) => {
      const copy = column.slice(0, this.count);
      for (let at = 0; at < this.count; at++) copy[at] = column[order[at] as number] as number;
      return copy;
    });
    return { count: this.count, ...sorted };
  }

  #empty(name: keyof K): Numbers {
    const Column = this.#kinds[name] as new (length: number) => Numbers;
    return new Column(this.#length).fill(this.#nothing[name] ?? 0);
  }

  #map(make: (column: Numbers, name: keyof K) => Numbers): Rows<K> {
    const names = Object.keys(this.#kinds) as (keyof K)[];
    const made = names.map((name) => [name, make(this.rows?.[name] as Numbers, name)]);
    return Object.fromEntries(made) as Rows<K>;
  }
}
