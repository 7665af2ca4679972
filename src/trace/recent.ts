/** What was put in last: at least half of `countMax`, at most all of it. Nothing is deleted one by one, which would cost more. */
export class Recent<V> {
  readonly #countMax: number;
  #young = new Map<string, V>();
  #old: ReadonlyMap<string, V> = new Map();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  set(name: string, value: V): void {
    if (this.#young.size >= this.#countMax / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, value);
  }

  get(name: string): V | undefined {
    return this.#young.get(name) ?? this.#old.get(name);
  }
}
