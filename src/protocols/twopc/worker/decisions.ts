/**
 * What a worker remembers of how transactions ended, so that it can tell another that is in doubt, and never decides
 * anew what it has decided before.
 *
 * The memory is bounded: the oldest go. Then it must still be known that they *may* have been there, or the worker
 * would take a transaction that it once voted YES to for one it never saw, and abort it.
 */
import { TransientMap } from '../../../core/transient.js';
import { bounds } from '../options.js';
import type { DurableRecord, TransactionId } from '../records.js';

export class Decisions {
  /** True: committed. In the order they came. */
  readonly #known = new TransientMap<TransactionId, boolean>();
  #forgottenUpTo: TransactionId = 0;
  #last: TransactionId = 0;
  /** There is no transaction of which this worker surely has not decided. */
  #isLost = false;

  get(id: TransactionId): boolean | undefined {
    return this.#known.get(id);
  }

  /** False only when this worker surely has not decided on the transaction. */
  mayHave(id: TransactionId): boolean {
    return this.#isLost || id <= this.#forgottenUpTo || this.#known.has(id);
  }

  remember(id: TransactionId, commit: boolean): void {
    this.#known.set(id, commit);
    if (commit) this.#last = Math.max(this.#last, id);
    if (this.#known.size <= bounds.decisionsKeptMax) return;
    const oldest = this.#known.deleteOldest();
    if (oldest !== undefined) this.forgetUpTo(oldest);
  }

  /** The greatest transaction that this worker has committed, or that it says it may have forgotten. */
  get last(): TransactionId {
    return this.#last;
  }

  /** Nothing is remembered of what came before; `upTo` is the greatest id that may have been among it. */
  restart(upTo: TransactionId): void {
    this.#known.clear();
    this.#isLost = false;
    this.#forgottenUpTo = upTo;
    this.#last = upTo;
  }

  forgetUpTo(id: TransactionId): void {
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, id);
    this.#last = Math.max(this.#last, id);
  }

  forgetAll(): void {
    this.#isLost = true;
  }

  records(): DurableRecord[] {
    const commits: TransactionId[] = [];
    const aborts: TransactionId[] = [];
    for (const [id, commit] of this.#known) (commit ? commits : aborts).push(id);
    return [
      ...(this.#isLost ? [{ type: 'lost' } as const] : []),
      { type: 'forgotten', upTo: this.#forgottenUpTo },
      { type: 'decided', commits, aborts },
    ];
  }
}
