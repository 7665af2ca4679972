import { absent } from '../../history/history.js';
import type { StepWatch } from '../budget.js';
import { entryOf } from '../lookup.js';
import { asList, isSame } from './access.js';
import { type Chains, sessionChains } from './sessions.js';
import type { SeenTransaction } from './transactions.js';
import type { Witness } from './witness-versions.js';

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
  readonly all: State[];
  readonly byLength: Map<number, State>;
  readonly byWriter: Map<number, State>;
}

/** What of a session ended; with what had ended before it began. */
interface Ended {
  readonly end: number;
  readonly clock: Clock;
  readonly earlier: readonly Ended[];
}

interface External {
  readonly key: number;
  readonly base: number | readonly number[];
}

/**
 * Whether, in this order of commits, which obeys sessions, no read is older than what its transaction saw a part of (read
 * atomic) or depends on (causal).
 */
export function isCausalWitness(
  model: 'read-atomic' | 'causal',
  live: readonly SeenTransaction[],
  witness: Witness,
  watch: StepWatch,
): boolean {
  return new CausalReplay(model === 'causal', live, witness, watch).run();
}

class CausalReplay {
  readonly #isCausal: boolean;
  readonly #live: readonly SeenTransaction[];
  readonly #witness: Witness;
  readonly #chains: Chains;
  readonly #watch: StepWatch;
  readonly #states = new Map<number, KeyStates>();
  readonly #sessions = new Map<number, readonly Ended[]>();

  constructor(
    isCausal: boolean,
    live: readonly SeenTransaction[],
    witness: Witness,
    watch: StepWatch,
  ) {
    this.#isCausal = isCausal;
    this.#watch = watch;
    this.#live = live;
    this.#witness = witness;
    const happened = new Uint8Array(live.length);
    for (const at of witness.order) happened[at] = 1;
    this.#chains = isCausal ? sessionChains(live, happened) : noChains;
  }

  run(): boolean {
    return (
      (!this.#isCausal || this.#obeysSessions()) &&
      this.#witness.order.every((at, place) => this.#follows(at, place))
    );
  }

  #obeysSessions(): boolean {
    const latestStart = new Map<number, number>();
    return this.#witness.order.every((at) => {
      const { session, start, end } = this.#live[at] as SeenTransaction;
      const latest = latestStart.get(session) ?? Number.NEGATIVE_INFINITY;
      latestStart.set(session, Math.max(latest, start));
      return end >= latest;
    });
  }

  #follows(at: number, place: number): boolean {
    const externals = externalsOf(this.#live[at] as SeenTransaction);
    if (externals === null) return false;
    const read = new Map<number, State | null>();
    for (const { key, base } of externals) {
      const state = this.#stateOf(at, key, base);
      if (state === undefined) return false;
      read.set(key, state);
    }
    const clock = this.#clockOf(at, [...read.values()]);
    for (const [key, state] of read) {
      const isCurrent = this.#isCausal
        ? this.#knowsNothingNewer(at, key, state, clock)
        : this.#seesWhole(read, key, state);
      if (!isCurrent) return false;
    }
    this.#commit(at, place, clock);
    return true;
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
    if (!this.#isCausal) return clock;
    const { session, start } = this.#live[at] as SeenTransaction;
    const joinEnded = ({ end, clock: other, earlier }: Ended) => {
      if (end < start) join(clock, other);
      else for (const one of earlier) joinEnded(one);
    };
    for (const one of this.#sessions.get(session) ?? []) joinEnded(one);
    for (const state of states) if (state !== null) join(clock, state.clock);
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

  #commit(at: number, place: number, clock: Clock): void {
    const { steps, session, end } = this.#live[at] as SeenTransaction;
    if (this.#isCausal)
      clock[this.#chains.chain[at] as number] = this.#chains.position[at] as number;
    const keys = new Set(steps.flatMap(({ f, key }) => (f === 'r' ? [] : [key])));
    for (const key of keys) this.#write(key, at, place, clock);
    if (!this.#isCausal || end === Number.POSITIVE_INFINITY) return;
    const own = this.#sessions.get(session) ?? [];
    const { start } = this.#live[at] as SeenTransaction;
    // What of them ended before this began is known through this to all that begins after this ends.
    const earlier = own.filter((other) => other.end < start);
    const others = own.filter((other) => other.end >= start);
    this.#sessions.set(session, [...others, { end, clock, earlier }]);
  }

  #write(key: number, by: number, place: number, clock: Clock): void {
    const states = entryOf(this.#states, key, () => ({
      all: [],
      byLength: new Map(),
      byWriter: new Map(),
    }));
    const own = (this.#live[by] as SeenTransaction).steps.filter((step) => step.key === key);
    const last = own.findLast(({ f }) => f !== 'r');
    const appended = own.filter(({ f }) => f === 'append').length;
    const before = appended > 0 ? (states.all.at(-1) ?? null) : null;
    let all = clock;
    if (before !== null && this.#isCausal) {
      all = before.clock.slice();
      join(all, clock);
    }
    const length = appended > 0 ? (before?.length ?? 0) + appended : 0;
    const state = { place, by, value: last?.value as number, length, clock: all, before };
    states.all.push(state);
    states.byWriter.set(by, state);
    if (length > 0) states.byLength.set(length, state);
  }
}

const noChains: Chains = { count: 0, chain: new Int32Array(0), position: new Int32Array(0) };

function join(clock: Clock, other: Clock): void {
  for (let at = 0; at < clock.length; at++) {
    if ((clock[at] as number) < (other[at] as number)) clock[at] = other[at] as number;
  }
}

/** What each key holds that others left, as the transaction says; `null` when it says two things of one key. */
function externalsOf({ steps }: SeenTransaction): External[] | null {
  const found = new Map<number, number | readonly number[]>();
  const written = new Set<number>();
  const appended = new Map<number, number>();
  for (const { f, key, value } of steps) {
    if (f === 'w') written.add(key);
    else if (f === 'append') appended.set(key, (appended.get(key) ?? 0) + 1);
    else if (value !== null && !written.has(key)) {
      const own = appended.get(key) ?? 0;
      const base = own === 0 ? value : asList(value).slice(0, asList(value).length - own);
      const known = found.get(key);
      if (known !== undefined && !isSame(known, base)) return null;
      found.set(key, base);
    }
  }
  return [...found].map(([key, base]) => ({ key, base }));
}
