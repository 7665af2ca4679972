const slotsMin = 16;
/** An empty queue keeps up to so many slots for what comes next. */
const slotsKept = 1024;

/** A queue in a ring of slots, whose number is a power of two: a queue that fills and empties in turn makes no garbage. */
export class Fifo<T> {
  #slots: (T | undefined)[] = new Array(slotsMin).fill(undefined);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = item;
    this.#length++;
  }

  peek(): T | undefined {
    return this.#slots[this.#head];
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#head];
    // What was taken must not be kept alive from here.
    this.#slots[this.#head] = undefined;
    this.#length--;
    // A queue that mostly holds one item stays in one slot, which the processor's cache then has.
    this.#head = this.#length === 0 ? 0 : (this.#head + 1) & (this.#slots.length - 1);
    if (this.#length === 0 && this.#slots.length > slotsKept) this.clear();
    return item;
  }

  clear(): void {
    this.#slots = new Array(slotsMin).fill(undefined);
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const slots = [...this.#slots.slice(this.#head), ...this.#slots.slice(0, this.#head)];
    this.#slots = slots.concat(new Array(slots.length).fill(undefined));
    this.#head = 0;
  }
}
