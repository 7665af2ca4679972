// @ts-check
/** The log: entries by their index, the first of which is 1. What a snapshot stands for is not held any more (section 7). */

/** @import { Entry } from './messages.js' */

export class Log {
  /** The last entry that the snapshot stands for: `lastIncludedIndex`. */
  base = 0;
  /** @type {Entry[]} in its place one of `lastIncludedTerm`, then those after it */
  #entries = [{ term: 0, command: null }];

  get lastIndex() {
    return this.base + this.#entries.length - 1;
  }

  /** 0: it is not held. @param {number} index */
  termAt(index) {
    return this.#entries[index - this.base]?.term ?? 0;
  }

  /** Of those that are held. @param {number} first @param {number} last */
  from(first, last = this.lastIndex) {
    return this.#entries.slice(first - this.base, last - this.base + 1);
  }

  /** Deletes entry `index` and all that follow it, and puts this there. @param {number} index @param {Entry} entry */
  put(index, entry) {
    this.#entries.length = index - this.base;
    this.#entries.push(entry);
  }

  /** A snapshot stands for all up to `index`; what follows is kept if the log has that entry. @param {number} index @param {number} term */
  compact(index, term) {
    const rest = this.termAt(index) === term ? this.from(index + 1) : [];
    this.#entries = [{ term, command: null }, ...rest];
    this.base = index;
  }
}
