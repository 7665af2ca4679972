/**
 * Locks by key, shared for readers and exclusive for a writer.
 *
 * A transaction gets all of its locks at once or none, and never waits: what is in its way aborts it. So there is
 * nothing to deadlock. Two-phase locking with every lock held from one instant (the prepare) to another (the decision)
 * makes the order of those instants a serial order.
 */

import { invariant } from '../../core/invariant.js';
import type { Key } from '../../core/key.js';
import { TransientMap } from '../../core/transient.js';
import type { Footprint } from './operations.js';
import type { TransactionId } from './records.js';

export class LockTable {
  /** A number: the transaction that holds the key exclusively. A set: those that share it. */
  readonly #holders = new TransientMap<Key, TransactionId | Set<TransactionId>>();

  /** Takes every lock, or returns one transaction that is in the way. */
  acquire(id: TransactionId, { reads, writes }: Footprint): TransactionId | null {
    for (const key of writes) {
      const holder = this.#holders.get(key);
      if (typeof holder === 'number') return holder;
      if (holder !== undefined) for (const reader of holder) return reader;
    }
    for (const key of reads) {
      const holder = this.#holders.get(key);
      if (typeof holder === 'number') return holder;
    }
    for (const key of writes) this.#holders.set(key, id);
    for (const key of reads) this.#share(key, id);
    return null;
  }

  release(id: TransactionId, { reads, writes }: Footprint): void {
    for (const key of writes) {
      invariant(this.#holders.get(key) === id, 'no transaction releases a lock that it has not');
      this.#holders.delete(key);
    }
    for (const key of reads) {
      const holders = this.#holders.get(key);
      invariant(
        holders instanceof Set && holders.delete(id),
        'a transaction releases a lock that it shares',
      );
      if (holders.size === 0) this.#holders.delete(key);
    }
  }

  /** Who may be about to change the key: as long as it is in doubt nobody can say what it holds. */
  writerOf(key: Key): TransactionId | null {
    const holder = this.#holders.get(key);
    return typeof holder === 'number' ? holder : null;
  }

  clear(): void {
    this.#holders.clear();
  }

  #share(key: Key, id: TransactionId): void {
    const holders = this.#holders.get(key);
    if (holders instanceof Set) holders.add(id);
    else this.#holders.set(key, new Set([id]));
  }
}
