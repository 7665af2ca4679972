/**
 * What a worker remembers of how transactions ended, so that it can tell another that is in doubt, and never decides
 * anew what it has decided before.
 *
 * The memory is bounded: the oldest go. Then it must still be known that they *may* have been there, or the worker
 * would take a transaction that it once voted YES to for one it never saw, and abort it.
 */
import type { TransactionId } from '../messages.js';
import { bounds } from '../options.js';
import type { DurableRecord } from '../records.js';

export class Decisions {
  /** True: committed. In the order they came. */
  readonly #known = new Map<TransactionId, boolean>();
  #forgottenUpTo: TransactionId = 0;

  get(id: TransactionId): boolean | undefined {
    return this.#known.get(id);
  }

  /** False only when this worker surely has not decided on the transaction. */
  mayHave(id: TransactionId): boolean {
    return id <= this.#forgottenUpTo || this.#known.has(id);
  }

  remember(id: TransactionId, commit: boolean): void {
    this.#known.set(id, commit);
    if (this.#known.size <= bounds.decisionsKeptMax) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      this.forgetUpTo(oldest);
      return;
    }
  }

  forgetUpTo(id: TransactionId): void {
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, id);
  }

  records(): DurableRecord[] {
    const commits: TransactionId[] = [];
    const aborts: TransactionId[] = [];
    for (const [id, commit] of this.#known) (commit ? commits : aborts).push(id);
    return [
      { type: 'forgotten', upTo: this.#forgottenUpTo },
      { type: 'decided', commits, aborts },
    ];
  }
}
