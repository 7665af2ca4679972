/** A doorbell's memory: one cell. Odd: its node rests. Even: it is looking, or somebody has woken it. */
export function newDoorbell(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
}

/**
 * Whether a node looks for what its peers have put into shared memory by itself, or must be woken, which costs both
 * sides a trip through the system. Peers share it: whoever comes first wakes the node for all.
 *
 * No wake-up is lost. A peer writes, *then* looks at the bell; the node says that it rests, *then* looks once more for
 * what was written. `Atomics` have one order for all threads: whichever was first in it, the node sees what was written
 * or the peer sees that it rests. Every rest has a number of its own, and one peer ends it, who then wakes the node: others
 * that come meanwhile need not. A peer that is killed in between wakes nobody, so a node must look, too, when it hears that
 * a peer has ended.
 */
export class Doorbell {
  readonly #cell: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#cell = new Int32Array(memory);
  }

  /** For its node, which must look once more after this. */
  rest(): void {
    const now = Atomics.load(this.#cell, 0);
    Atomics.store(this.#cell, 0, (now + 1) | 1);
  }

  /** For its node: it has found something, and will look again. */
  wake(): void {
    const now = Atomics.load(this.#cell, 0);
    if ((now & 1) === 1) Atomics.compareExchange(this.#cell, 0, now, (now + 1) | 0);
  }

  /** For a peer: wakes the node if it rests. */
  ring(wake: () => void): void {
    const now = Atomics.load(this.#cell, 0);
    if ((now & 1) === 0) return;
    if (Atomics.compareExchange(this.#cell, 0, now, (now + 1) | 0) === now) wake();
  }
}
