/** Who wrote what was read; and with that, which of the transactions that may have happened did happen. */
import { entryOf, pushTo } from '../../core/lookup.js';
import {
  type Access,
  accessOf,
  asList,
  isPrefix,
  type ReadAccess,
  type WriteAccess,
  Written,
} from './access.js';
import { type DirectAnomaly, directAnomaly } from './anomaly.js';
import { type Chain, type Chained, chainOf } from './chain.js';
import type { SeenTransaction, SeenTransactions } from './transactions.js';

/** In the place of a transaction: one of several, nobody knows which. */
export const undecided = -2;

/** A read of a single value. */
export interface SourcedRead {
  readonly by: number;
  readonly key: number;
  readonly value: number;
  readonly source: number;
}

/** What each read of which more than one transaction may have been the source is taken to have read: see `choices.ts`. */
export interface Choices {
  /** By `nameOf` a transaction and a key and a value. */
  readonly sources: ReadonlyMap<string, number>;
  /** By key: whose appends the longest list shows, in its order. */
  readonly chains: ReadonlyMap<number, readonly number[]>;
}

export const noChoices: Choices = { sources: new Map(), chains: new Map() };

export const nameOf = (by: number, key: number, value: number) => `${by} ${key} ${value}`;

export interface Sources {
  readonly live: readonly SeenTransaction[];
  readonly access: readonly Access[];
  readonly written: Written;
  /** 1 for those that happened: they ended, or one that happened saw what they wrote. The others can be left out. */
  readonly happened: Uint8Array;
  /** By transaction of which nobody knows whether it happened: one that saw it; else -1. */
  readonly shownBy: Int32Array;
  readonly reads: readonly SourcedRead[];
  /** By key: all reads of the list. */
  readonly lists: ReadonlyMap<number, readonly Chained[]>;
  /** By key: in which order was appended; none where that is undecided, or nobody appended. */
  readonly chains: ReadonlyMap<number, Chain>;
  /** Keys to which was appended, but nobody can tell by whose appends a list came about. */
  readonly undecidedLists: readonly number[];
  readonly anomalies: readonly DirectAnomaly[];
}

/** What of the transactions no choice changes. */
type Given = Pick<Sources, 'live' | 'access' | 'written'> & {
  readonly listKeys: ReadonlySet<number>;
};

export class Sourcing {
  readonly #given: Given;

  constructor({ live, aborted }: SeenTransactions, listKeys: ReadonlySet<number>, values: number) {
    const access = live.map((transaction, by) => accessOf(transaction, by));
    this.#given = { live, access, written: new Written(access, aborted, values), listKeys };
  }

  /** Leaves undecided what is not told by `choices`. */
  resolve(choices: Choices): Sources {
    return new Resolution(this.#given, choices).run();
  }
}

class Resolution {
  readonly #given: Given;
  readonly #choices: Choices;
  readonly #happened: Uint8Array;
  readonly #shownBy: Int32Array;
  readonly #waiting: number[] = [];
  readonly #reads: SourcedRead[] = [];
  readonly #lists = new Map<number, ReadAccess[]>();
  readonly #longest = new Map<number, ReadAccess>();
  readonly #anomalies: DirectAnomaly[] = [];

  constructor(given: Given, choices: Choices) {
    this.#given = given;
    this.#choices = choices;
    this.#happened = new Uint8Array(given.live.length);
    this.#shownBy = new Int32Array(given.live.length).fill(-1);
  }

  run(): Sources {
    const { live, access, written } = this.#given;
    live.forEach(({ end }, by) => {
      if (end !== Number.POSITIVE_INFINITY) this.#include(by, -1);
    });
    for (let at = 0; at < this.#waiting.length; at++) this.#resolve(this.#waiting[at] as number);
    const { chains, lists, undecidedLists } = this.#chains();
    return {
      ...{ live, access, written },
      ...{ happened: this.#happened, shownBy: this.#shownBy },
      ...{ reads: this.#reads, lists, chains, undecidedLists, anomalies: this.#anomalies },
    };
  }

  #include(by: number, reader: number): void {
    if (this.#happened[by] === 1) return;
    this.#happened[by] = 1;
    this.#shownBy[by] = reader;
    this.#waiting.push(by);
  }

  #resolve(by: number): void {
    const { reads, flaw } = this.#given.access[by] as Access;
    if (flaw !== null) this.#anomalies.push({ ...flaw, by: [by] });
    for (const read of reads) {
      if (this.#given.listKeys.has(read.key)) this.#resolveList(read);
      else this.#resolveValue(read, read.value as number);
    }
  }

  #resolveValue(read: ReadAccess, value: number): void {
    const { by, key } = read;
    const chosen = this.#choices.sources.get(nameOf(by, key, value));
    const sources = this.#given.written.sources(by, key, value);
    let source = chosen ?? undecided;
    if (chosen === undefined && sources.length <= 1) {
      if (sources[0] === undefined) {
        this.#anomalies.push(this.#unexplained(read, value));
        return;
      }
      [source] = sources;
    }
    if (source >= 0) this.#include(source, by);
    this.#reads.push({ by, key, value, source });
  }

  #resolveList(read: ReadAccess): void {
    const { key, shown } = read;
    pushTo(this.#lists, key, read);
    const list = asList(shown);
    const longest = this.#longest.get(key);
    const known = longest === undefined ? [] : asList(longest.shown);
    if (list.length > known.length || longest === undefined) this.#longest.set(key, read);
    const shared = Math.min(list.length, known.length);
    const isContinued = isPrefix(list.slice(0, shared), known);
    for (const value of isContinued ? list.slice(shared) : list) this.#resolveItem(read, value);
  }

  #resolveItem(read: ReadAccess, value: number): void {
    const appends = this.#given.written.appends(read.key, value);
    if (appends.length === 0) this.#anomalies.push(this.#unexplained(read, value));
    const chosen = this.#choices.chains.get(read.key);
    if (chosen !== undefined) for (const by of chosen) this.#include(by, read.by);
    else if (appends.length === 1) this.#include((appends[0] as WriteAccess).by, read.by);
  }

  /** Nobody who may have happened left the value to others. */
  #unexplained({ by, key }: ReadAccess, value: number): DirectAnomaly {
    const hidden = this.#given.written.hiddenWriter(key, value);
    if (hidden !== undefined && hidden.by !== by) {
      const told = '{0} read what {1} itself wrote over';
      return directAnomaly('G1b: intermediate read', 'read-committed', [by, hidden.by], told);
    }
    if (hidden !== undefined || this.#given.written.isOwn(by, key, value)) {
      const told = '{0} read what it wrote itself only afterwards';
      return directAnomaly('future read', 'read-committed', [by], told);
    }
    const aborted = this.#given.written.abortedWriter(key, value);
    if (aborted !== undefined) {
      const told = '{0} read what {1}, which failed, did not write';
      const anomaly = directAnomaly('G1a: aborted read', 'read-committed', [by], told);
      return { ...anomaly, aborted: aborted.at };
    }
    return directAnomaly('phantom read', 'read-uncommitted', [by], '{0} read what nobody wrote');
  }

  #chains() {
    const chains = new Map<number, Chain>();
    const lists = new Map<number, readonly Chained[]>();
    const undecidedLists: number[] = [];
    const appenders = this.#appendersByKey();
    for (const [key, by] of appenders) {
      const reads = this.#lists.get(key) ?? [];
      const longest = this.#longest.get(key) ?? null;
      const chosen = this.#choices.chains.get(key);
      const use = { key, reads, longest, by, chosen };
      const found = chainOf(use, this.#given.access, this.#given.written);
      if (found === null) {
        undecidedLists.push(key);
        continue;
      }
      this.#anomalies.push(...found.anomalies);
      chains.set(key, found.chain);
      lists.set(key, found.reads);
    }
    return { chains, lists, undecidedLists };
  }

  /** Those that happened; of keys that are read, too, if nobody is known to have appended to them. */
  #appendersByKey(): Map<number, number[]> {
    const appenders = new Map<number, number[]>();
    for (const key of this.#lists.keys()) appenders.set(key, []);
    this.#given.access.forEach(({ writes }, by) => {
      if (this.#happened[by] === 0) return;
      for (const { key, isAppend } of writes) {
        if (!isAppend) continue;
        const own = entryOf(appenders, key, () => []);
        if (own.at(-1) !== by) own.push(by);
      }
    });
    return appenders;
  }
}
