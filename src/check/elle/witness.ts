/**
 * Whether an order of transactions proves what it claims. It is replayed from what the history says, step by step, by the
 * definitions of N. Crooks et al., "Seeing is believing", PODC 2017: nothing that found the order is believed.
 */

import { entryOf } from '../../core/lookup.js';
import { absent } from '../../history/history.js';
import type { StepWatch } from '../budget.js';
import { asList, isPrefix, isSame, leftByOthers } from './access.js';
import type { TransactionModel } from './anomaly.js';
import { type Chains, joinClock, type SeenTransaction, sessionChains } from './transactions.js';

export interface Witness {
  /** Transactions as they commit; for snapshot isolation 2n where n takes its snapshot, 2n + 1 where it commits. */
  readonly order: readonly number[];
  /** Whose version of the key, of those that fit what was read; what was there at first is -1. */
  readonly sourceOf: (transaction: number, key: number) => number | undefined;
}

type ReplayedModel = Exclude<TransactionModel, 'read-uncommitted'>;

export function isWitness(
  model: ReplayedModel,
  live: readonly SeenTransaction[],
  witness: Witness,
  watch: StepWatch,
): boolean {
  const { order } = witness;
  if (!isWhole(live, order, model === 'snapshot-isolation')) return false;
  if (model === 'strict-serializable' && !keepsTime(live, order, 'all')) return false;
  if (model === 'causal' && !keepsTime(live, order, 'sessions')) return false;
  return new Replay(model, live, witness, watch).run();
}

/** All that ended are in it, nobody twice, and who begins commits. */
function isWhole(
  live: readonly SeenTransaction[],
  order: readonly number[],
  halves: boolean,
): boolean {
  const known = new Set(order);
  if (known.size !== order.length) return false;
  return live.every(({ end }, at) => {
    if (!known.has(halves ? 2 * at : at)) return end === Number.POSITIVE_INFINITY;
    return !halves || known.has(2 * at + 1);
  });
}

/** Nobody comes after one that began when it had ended; `within`: in each session alone. */
function keepsTime(
  live: readonly SeenTransaction[],
  order: readonly number[],
  within: 'all' | 'sessions',
): boolean {
  const begun = new Map<number, number>();
  return order.every((at) => {
    const { session, start, end } = live[at] as SeenTransaction;
    const name = within === 'all' ? 0 : session;
    const latest = Math.max(begun.get(name) ?? start, start);
    begun.set(name, latest);
    return end >= latest;
  });
}

/** A read of what others left. */
interface External {
  readonly key: number;
  /** Of a list, without what the transaction itself had appended. */
  readonly base: number | readonly number[];
  /** The transaction had appended to it: it is what was there in the parent. */
  readonly isParent: boolean;
}

/** `null` where a read does not show what the transaction wrote itself. */
function externalsOf({ steps }: SeenTransaction): External[] | null {
  const found: External[] = [];
  const written = new Map<number, number>();
  const appended = new Map<number, number[]>();
  for (const { f, key, value } of steps) {
    const own = appended.get(key) ?? [];
    if (f === 'w') written.set(key, value);
    else if (f === 'append') appended.set(key, [...own, value]);
    else if (value !== null) {
      const last = written.get(key);
      const base = last === undefined ? leftByOthers(own, value) : null;
      if (base !== null) found.push({ key, base, isParent: own.length > 0 });
      else if (last === undefined || !isSame(last, value)) return null;
    }
  }
  return found;
}

type Clock = Int32Array;

/** A state of a key: the place in the order of who wrote it, and what it depends on. Of a list, all before it, too. */
interface State {
  readonly place: number;
  readonly by: number;
  readonly value: number;
  readonly length: number;
  readonly clock: Clock;
  readonly before: State | null;
}

interface KeyStates {
  /** The last: a value, or a list. */
  current: number | number[];
  readonly all: State[];
  readonly values: Set<number>;
  readonly byLength: Map<number, State>;
  readonly byWriter: Map<number, State>;
}

/** What of a session ended; with what had ended before it began. */
interface Ended {
  readonly end: number;
  readonly clock: Clock;
  readonly earlier: readonly Ended[];
}

const noChains: Chains = { count: 0, chain: new Int32Array(0), position: new Int32Array(0) };

class Replay {
  readonly #model: ReplayedModel;
  readonly #live: readonly SeenTransaction[];
  readonly #witness: Witness;
  readonly #watch: StepWatch;
  readonly #states = new Map<number, KeyStates>();
  /** What has taken its snapshot, and is still to commit; and what that is about to write. */
  readonly #open = new Set<number>();
  readonly #writing = new Set<number>();
  readonly #chains: Chains;
  readonly #sessions = new Map<number, readonly Ended[]>();

  constructor(
    model: ReplayedModel,
    live: readonly SeenTransaction[],
    witness: Witness,
    watch: StepWatch,
  ) {
    this.#model = model;
    this.#live = live;
    this.#witness = witness;
    this.#watch = watch;
    const happened = new Uint8Array(live.length);
    if (model === 'causal') for (const at of witness.order) happened[at] = 1;
    this.#chains = model === 'causal' ? sessionChains(live, happened) : noChains;
  }

  run(): boolean {
    if (this.#model !== 'snapshot-isolation') {
      return this.#witness.order.every((at, place) => {
        const clock = this.#begin(at);
        if (clock !== null) this.#commit(at, place, clock);
        return clock !== null;
      });
    }
    return this.#witness.order.every((event, place) => {
      const at = event >> 1;
      const keys = writtenBy(this.#live[at] as SeenTransaction);
      if (event % 2 === 1) {
        if (!this.#open.delete(at)) return false;
        for (const key of keys) this.#writing.delete(key);
        this.#commit(at, place, nothingKnown);
        return true;
      }
      // Nobody writes what another one is about to write.
      if ([...keys].some((key) => this.#writing.has(key))) return false;
      for (const key of keys) this.#writing.add(key);
      this.#open.add(at);
      return this.#begin(at) !== null;
    });
  }

  /** What the transaction knows then; `null` where it may not have read what it read. */
  #begin(at: number): Clock | null {
    const transaction = this.#live[at] as SeenTransaction;
    const externals = externalsOf(transaction);
    if (externals === null) return null;
    switch (this.#model) {
      case 'read-committed':
        return externals.every((one) => this.#wasThere(one)) ? nothingKnown : null;
      case 'read-atomic':
      case 'causal':
        return externals.every((one) => this.#wasThere(one)) ? this.#follow(at, externals) : null;
      default: {
        const findsAll = externals.every(({ key, base }) => isSame(base, this.#current(key)));
        const isElse = transaction.unlike.every(({ key, value }) => this.#current(key) !== value);
        return findsAll && isElse ? nothingKnown : null;
      }
    }
  }

  #current(key: number): number | number[] {
    return this.#states.get(key)?.current ?? absent;
  }

  /** In some state up to the parent; what the transaction appended to is the parent itself. */
  #wasThere({ key, base, isParent }: External): boolean {
    if (isParent) return isSame(base, this.#current(key));
    const states = this.#states.get(key);
    if (typeof base === 'number' && base !== absent) return states?.values.has(base) ?? false;
    const list = asList(base);
    if (list.length === 0) return true;
    const wasSo = states?.byLength.has(list.length) ?? false;
    return wasSo && isPrefix(list, this.#current(key) as number[]);
  }

  /** No read is older than what the transaction saw a part of (read atomic) or depends on (causal), nor are two of a key. */
  #follow(at: number, externals: readonly External[]): Clock | null {
    const read = new Map<number, State | null>();
    const bases = new Map<number, External['base']>();
    for (const { key, base } of externals) {
      const state = this.#stateOf(at, key, base);
      if (state === undefined || !isSame(bases.get(key) ?? base, base)) return null;
      bases.set(key, base);
      read.set(key, state);
    }
    const isCausal = this.#model === 'causal';
    const clock = isCausal ? this.#clockOf(at, [...read.values()]) : nothingKnown;
    const isCurrent = ([key, state]: readonly [number, State | null]) =>
      isCausal ? this.#knowsNothingNewer(at, key, state, clock) : this.#seesWhole(read, key, state);
    return [...read].every(isCurrent) ? clock : null;
  }

  #stateOf(at: number, key: number, base: number | readonly number[]): State | null | undefined {
    const states = this.#states.get(key);
    if (typeof base !== 'number' || (states?.byLength.size ?? 0) > 0) {
      const { length } = asList(base);
      return length === 0 ? null : states?.byLength.get(length);
    }
    const source = this.#witness.sourceOf(at, key);
    if (source === undefined || source === -1) return base === absent ? null : undefined;
    const state = states?.byWriter.get(source);
    return state?.value === base ? state : undefined;
  }

  #clockOf(at: number, states: readonly (State | null)[]): Clock {
    const clock = new Int32Array(this.#chains.count);
    const { session, start } = this.#live[at] as SeenTransaction;
    const joinEnded = ({ end, clock: other, earlier }: Ended) => {
      if (end < start) joinClock(clock, other);
      else for (const one of earlier) joinEnded(one);
    };
    for (const one of this.#sessions.get(session) ?? []) joinEnded(one);
    for (const state of states) if (state !== null) joinClock(clock, state.clock);
    return clock;
  }

  /** Nobody on whom it depends wrote the key after what it read. */
  #knowsNothingNewer(at: number, key: number, state: State | null, clock: Clock): boolean {
    const states = this.#states.get(key)?.all ?? [];
    const { chain, position } = this.#chains;
    for (let nth = states.length - 1; nth >= 0; nth--) {
      const later = states[nth] as State;
      if (later.place <= (state?.place ?? -1)) return true;
      this.#watch(1);
      const isKnown =
        (clock[chain[later.by] as number] as number) >= (position[later.by] as number);
      if (later.by !== at && isKnown) return false;
    }
    return true;
  }

  /** Of all whose writes it saw, what they wrote to the key is in what it read of that. */
  #seesWhole(read: ReadonlyMap<number, State | null>, key: number, state: State | null): boolean {
    const byWriter = this.#states.get(key)?.byWriter;
    for (const seen of read.values()) {
      for (let one = seen; one !== null; one = one.before) {
        this.#watch(1);
        const other = byWriter?.get(one.by);
        if (other !== undefined && other.place > (state?.place ?? -1)) return false;
      }
    }
    return true;
  }

  /** `clock`: what it knew when it began. */
  #commit(at: number, place: number, clock: Clock): void {
    const { steps, session, start, end } = this.#live[at] as SeenTransaction;
    const { chain, position } = this.#chains;
    const isCausal = this.#model === 'causal';
    if (isCausal) clock[chain[at] as number] = position[at] as number;
    for (const key of writtenBy({ steps })) this.#write(key, at, place, clock);
    if (!isCausal || end === Number.POSITIVE_INFINITY) return;
    const own = this.#sessions.get(session) ?? [];
    // What of them ended before this began is known through this to all that begins after this ends.
    const earlier = own.filter((other) => other.end < start);
    const others = own.filter((other) => other.end >= start);
    this.#sessions.set(session, [...others, { end, clock, earlier }]);
  }

  #write(key: number, by: number, place: number, clock: Clock): void {
    const states = entryOf(this.#states, key, newStates);
    const before = states.all.at(-1) ?? null;
    let value = absent;
    let appended = 0;
    for (const step of (this.#live[by] as SeenTransaction).steps) {
      if (step.key !== key || step.f === 'r') continue;
      ({ value } = step);
      if (step.f === 'w') states.current = value;
      else if (appended++ === 0 && typeof states.current === 'number') states.current = [value];
      else (states.current as number[]).push(value);
    }
    const isList = appended > 0;
    let all = clock;
    if (isList && before !== null && clock.length > 0) {
      all = before.clock.slice();
      joinClock(all, clock);
    }
    const length = isList ? (before?.length ?? 0) + appended : 0;
    const state = { place, by, value, length, clock: all, before: isList ? before : null };
    states.all.push(state);
    states.byWriter.set(by, state);
    if (isList) states.byLength.set(length, state);
    else states.values.add(value);
  }
}

const nothingKnown: Clock = new Int32Array(0);

const newStates = (): KeyStates => ({
  ...{ current: absent, all: [], values: new Set() },
  ...{ byLength: new Map(), byWriter: new Map() },
});

const writtenBy = ({ steps }: Pick<SeenTransaction, 'steps'>): ReadonlySet<number> =>
  new Set(steps.flatMap(({ f, key }) => (f === 'r' ? [] : [key])));
