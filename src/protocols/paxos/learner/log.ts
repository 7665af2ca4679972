/**
 * The part of the replicated log that is in memory: what this node's acceptor has accepted, by slot.
 *
 * Slots up to `base` are gone from here: their effect is in the state machine. What an acceptor has accepted and does
 * not know to be chosen is never dropped (a later PROMISE must report it); what is chosen is kept for a while for
 * those who lag behind, packed: nobody but them will look at it.
 */
import { Packable } from '../../../core/packed.js';
import { TransientMap } from '../../../core/transient.js';
import type { Packed } from '../../../core/wire.js';
import type { Ballot } from '../ballot.js';
import { type Batch, batchBytes, batchShape, type Slot } from '../command.js';
import { bounds } from '../options.js';

class LogEntry {
  readonly ballot: Ballot;
  readonly bytes: number;
  #batch: Batch | null;
  #packed: Packed | null = null;

  constructor(ballot: Ballot, batch: Batch, bytes: number) {
    this.ballot = ballot;
    this.bytes = bytes;
    this.#batch = batch;
  }

  get batch(): Batch {
    return this.#batch ?? (this.#packed as Packed).read(batchShape);
  }

  /** Lets go of the objects, once it was encoded. */
  pack(): void {
    if (this.#batch === null) return;
    this.#packed = Packable.packed(this.#batch);
    if (this.#packed !== null) this.#batch = null;
  }
}

export class Log {
  readonly #entries = new TransientMap<Slot, LogEntry>();
  #base: Slot = 0;
  #last: Slot = 0;
  #bytes = 0;

  /** The newest slot that is no longer here. */
  get base(): Slot {
    return this.#base;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(slot: Slot): LogEntry | undefined {
    return this.#entries.get(slot);
  }

  set(slot: Slot, ballot: Ballot, batch: Batch): void {
    const bytes = batchBytes(batch);
    this.#bytes += bytes - (this.#entries.get(slot)?.bytes ?? 0);
    this.#entries.set(slot, new LogEntry(ballot, batch, bytes));
    if (slot > this.#last) this.#last = slot;
  }

  /** The slot is executed. */
  pack(slot: Slot): void {
    this.#entries.get(slot)?.pack();
  }

  /** What is held above `slot`, in order. */
  above(slot: Slot): { readonly slot: Slot; readonly entry: LogEntry }[] {
    const found: { slot: Slot; entry: LogEntry }[] = [];
    for (let at = slot + 1; at <= this.#last; at++) {
      const entry = this.#entries.get(at);
      if (entry !== undefined) found.push({ slot: at, entry });
    }
    return found;
  }

  /**
   * Drops chosen slots: those that are `keptSlots` below `applied` and that every live peer has (`settled`), unless who
   * comes back costs less by them than by the state, which takes `stateBytes`; and more when they are too many or too large.
   */
  truncate(applied: Slot, settled: Slot, stateBytes: number): void {
    const bytesKept = Math.min(stateBytes / 2, bounds.keptBytesForAbsent);
    const unneeded = Math.min(applied - bounds.keptSlots, settled);
    while (this.#base < unneeded && this.#bytes > bytesKept) this.#dropThrough(this.#base + 1);
    this.#dropThrough(applied - bounds.keptSlotsMax);
    while (this.#bytes > bounds.keptBytesMax && this.#base < applied) {
      this.#dropThrough(this.#base + 1);
    }
  }

  /** The state machine has come to `slot` by another way than this log. */
  skipTo(slot: Slot): void {
    if (slot - this.#base <= this.#entries.size) this.#dropThrough(slot);
    else {
      for (const at of [...this.#entries.keys()]) if (at <= slot) this.#drop(at);
      this.#base = Math.max(this.#base, slot);
    }
    this.#last = Math.max(this.#last, slot);
  }

  #dropThrough(slot: Slot): void {
    while (this.#base < slot) {
      this.#base += 1;
      this.#drop(this.#base);
    }
  }

  #drop(slot: Slot): void {
    const entry = this.#entries.get(slot);
    if (entry === undefined) return;
    this.#bytes -= entry.bytes;
    this.#entries.delete(slot);
  }
}
