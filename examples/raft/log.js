// @ts-check
/** The log: entries by their index, the first of which is 1. What a snapshot stands for is not held any more (section 7). */

/** @import { Entry } from './messages.js' */

export class Log {
  /** The last entry that the snapshot stands for: `lastIncludedIndex`, `lastIncludedTerm`. */
  base = 0;
  baseTerm = 0;
  /** @type {Entry[]} those after it */
  #entries = [];

  get lastIndex() {
    return this.base + this.#entries.length;
  }

  get lastTerm() {
    return this.#entries.at(-1)?.term ?? this.baseTerm;
  }

  /** @param {number} index */
  at(index) {
    return this.#entries[index - this.base - 1];
  }

  /** @param {number} index */
  termAt(index) {
    return index === this.base ? this.baseTerm : this.at(index)?.term;
  }

  /** @param {number} index @param {number} countMax */
  from(index, countMax = Number.POSITIVE_INFINITY) {
    const first = index - this.base - 1;
    return this.#entries.slice(first, first + countMax);
  }

  /** Deletes entry `index` and all that follow it, and puts these there. @param {number} index @param {readonly Entry[]} entries */
  replace(index, entries) {
    this.#entries.length = index - this.base - 1;
    for (const entry of entries) this.#entries.push(entry);
  }

  /** A snapshot stands for all up to `index`; what follows is kept if the log has that entry. @param {number} index @param {number} term */
  compact(index, term) {
    this.#entries = this.termAt(index) === term ? this.from(index + 1) : [];
    this.base = index;
    this.baseTerm = term;
  }
}
