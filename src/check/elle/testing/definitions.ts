/**
 * The isolation levels by their definitions, tried in every way there is: for histories of a few transactions only.
 *
 * N. Crooks, Y. Pu, L. Alvisi, A. Clement, "Seeing is believing: a client-centric specification of database isolation",
 * PODC 2017: an execution is an order of the committed transactions, each of which leads from one state of the database
 * to the next, and a level is a test that every transaction must pass when it commits. What was not answered may be
 * among the committed or not. A transaction reads its own writes (A. Adya, "Weak consistency", 1999, section 4.2).
 *
 * | level | test for T, whose parent is the state before it |
 * |---|---|
 * | read committed | each value read was there in some state up to the parent (Crooks et al., PREREAD; Adya's PL-2) |
 * | read atomic | and no read is older than a transaction of which T read something (Crooks et al., read atomic; Bailis et al., RAMP) |
 * | causal | and none is older than a transaction that T depends on, through reads and sessions (Biswas & Enea 2019; CCv of Bouajjani et al. 2017) |
 * | snapshot isolation | all reads are from one state, since when nobody wrote what T writes (COMPLETE and NO-CONF) |
 * | serializable | all reads are from the parent |
 * | strict serializable | and T comes after all that ended before it began |
 * | read uncommitted | none of values (Adya's PL-1, no G0): the order of commits is that of appends in all lists |
 */
import type { Step } from '../../../history/history.js';
import { asList, isSame } from '../access.js';
import type { TransactionModel } from '../anomaly.js';
import type { Drawn } from './histories.js';

type Value = number | readonly number[];

interface Version {
  readonly value: Value;
  /** Places in the order of those who made it, the last one last; none: it was there at first. */
  readonly by: readonly number[];
}
type State = ReadonlyMap<number, Version>;

/** What T says of others: of a list to which it had appended, what was there before. */
interface External {
  readonly key: number;
  readonly value: Value;
  /** It was there when T wrote. */
  readonly isBase: boolean;
}

const initially: Version = { value: 0, by: [] };

export function isAllowed(model: TransactionModel, drawn: readonly Drawn[]): boolean {
  if (model === 'read-uncommitted') return isUncommitted(drawn);
  const live = drawn.filter(({ outcome }) => outcome !== 'fail');
  return new Executions(model, live).exist();
}

class Executions {
  readonly #model: TransactionModel;
  readonly #live: readonly Drawn[];
  readonly #externals: readonly (readonly External[] | null)[];
  readonly #failed = new Set<string>();
  readonly #order: number[] = [];
  /** By place in the order: bits of the places that it depends on. */
  readonly #past: number[] = [];
  readonly #states: State[] = [new Map()];

  constructor(model: TransactionModel, live: readonly Drawn[]) {
    this.#model = model;
    this.#live = live;
    this.#externals = live.map(({ steps }) => externalsOf(steps));
  }

  exist(): boolean {
    const isDone = this.#live.every(
      ({ outcome }, at) => outcome === 'info' || this.#order.includes(at),
    );
    if (isDone) return true;
    const name = this.#name();
    if (this.#failed.has(name)) return false;
    const found = this.#live.some((_, at) => !this.#order.includes(at) && this.#canFollow(at));
    if (!found) this.#failed.add(name);
    return found;
  }

  /** What the future depends on: who is done, in which order they wrote, who depends on whom. */
  #name(): string {
    const isWriter = (at: number) => this.#live[at]?.steps.some(({ f }) => f !== 'r');
    const done = this.#order.reduce((bits, at) => bits | (1 << at), 0);
    const pasts = this.#model === 'causal' ? this.#pastsByTransaction() : '';
    return `${done} ${this.#order.filter(isWriter)} ${pasts}`;
  }

  #pastsByTransaction(): string {
    const told = this.#order.map((at, place) => {
      const past = this.#order.filter((_, other) => ((this.#past[place] ?? 0) >> other) & 1);
      return `${at}:${past.sort((a, b) => a - b)}`;
    });
    return told.sort().join(' ');
  }

  #canFollow(at: number): boolean {
    const externals = this.#externals[at];
    if (externals === null || externals === undefined || this.#comesTooSoon(at)) return false;
    for (const past of this.#pastsOf(at, externals)) {
      this.#order.push(at);
      this.#past.push(past);
      this.#states.push(this.#after(at));
      const found = this.exist();
      this.#order.pop();
      this.#past.pop();
      this.#states.pop();
      if (found) return true;
    }
    return false;
  }

  #comesTooSoon(at: number): boolean {
    if (this.#model !== 'strict-serializable' && this.#model !== 'causal') return false;
    const { process, start } = this.#live[at] as Drawn;
    return this.#live.some(
      (other, index) =>
        other.end < start &&
        (this.#model !== 'causal' || other.process === process) &&
        !this.#order.includes(index),
    );
  }

  /** Of each way in which T passes the test, what it depends on then. */
  *#pastsOf(at: number, externals: readonly External[]): Generator<number> {
    const states = this.#states;
    const parent = states.length - 1;
    const isThere = (state: number) => (read: External) =>
      isSame(states[state]?.get(read.key)?.value ?? 0, read.value);
    switch (this.#model) {
      case 'serializable':
      case 'strict-serializable':
        if (externals.every(isThere(parent))) yield 0;
        return;
      case 'snapshot-isolation':
        for (let from = 0; from <= parent; from++) {
          if (externals.every(isThere(from)) && !this.#isWritten(at, from)) return yield 0;
        }
        return;
      case 'read-committed': {
        const wasThere = (read: External) =>
          states.some((_, state) => (!read.isBase || state === parent) && isThere(state)(read));
        if (externals.every(wasThere)) yield 0;
        return;
      }
      default:
        yield* this.#versionsOf(at, externals, []);
    }
  }

  #isWritten(at: number, from: number): boolean {
    const keys = new Set(keysWritten(this.#live[at] as Drawn));
    return this.#order
      .slice(from)
      .some((other) => keysWritten(this.#live[other] as Drawn).some((key) => keys.has(key)));
  }

  *#versionsOf(
    at: number,
    externals: readonly External[],
    chosen: readonly Version[],
  ): Generator<number> {
    const read = externals[chosen.length];
    if (read === undefined) {
      const past = this.#pastWith(at, chosen);
      const seen = this.#model === 'causal' ? past : bitsOf(chosen.flatMap(({ by }) => by));
      if (externals.every(({ key }, nth) => this.#isNewest(key, chosen[nth] as Version, seen))) {
        yield past;
      }
      return;
    }
    const parent = this.#states.length - 1;
    const tried = new Set<number>();
    for (let state = read.isBase ? parent : 0; state <= parent; state++) {
      const version = this.#states[state]?.get(read.key) ?? initially;
      const by = version.by.at(-1) ?? -1;
      if (tried.has(by) || !isSame(version.value, read.value)) continue;
      tried.add(by);
      yield* this.#versionsOf(at, externals, [...chosen, version]);
    }
  }

  #pastWith(at: number, chosen: readonly Version[]): number {
    const { process, start } = this.#live[at] as Drawn;
    const own = this.#order.flatMap((other, place) => {
      const before = this.#live[other] as Drawn;
      return before.process === process && before.end < start ? [place] : [];
    });
    return [...own, ...chosen.flatMap(({ by }) => by)].reduce(
      (bits, place) => bits | (1 << place) | (this.#past[place] as number),
      0,
    );
  }

  /** Nobody among `seen` wrote the key after the version. */
  #isNewest(key: number, { by }: Version, seen: number): boolean {
    const place = by.at(-1) ?? -1;
    return this.#order.every(
      (other, later) =>
        later <= place ||
        ((seen >> later) & 1) === 0 ||
        !keysWritten(this.#live[other] as Drawn).includes(key),
    );
  }

  #after(at: number): State {
    const after = new Map(this.#states.at(-1));
    const place = this.#order.length - 1;
    for (const { f, key, value } of (this.#live[at] as Drawn).steps) {
      if (f === 'w') after.set(key, { value, by: [place] });
      if (f !== 'append') continue;
      const { value: held, by } = after.get(key) ?? initially;
      after.set(key, {
        value: [...asList(held), value],
        by: by.at(-1) === place ? by : [...by, place],
      });
    }
    return after;
  }
}

const bitsOf = (places: readonly number[]) => places.reduce((bits, at) => bits | (1 << at), 0);

const keysWritten = ({ steps }: Drawn) => steps.flatMap(({ f, key }) => (f === 'r' ? [] : [key]));

/** `null` when the transaction did not read what it had written itself. */
function externalsOf(steps: readonly Step[]): External[] | null {
  const written = new Map<number, number>();
  const appended = new Map<number, number[]>();
  const externals: External[] = [];
  for (const { f, key, value } of steps) {
    if (f === 'w') written.set(key, value);
    else if (f === 'append') appended.set(key, [...(appended.get(key) ?? []), value]);
    else if (value === null) continue;
    else if (written.has(key)) {
      if (!isSame(written.get(key) as number, value)) return null;
    } else {
      const own = appended.get(key) ?? [];
      const list = asList(value);
      const base = own.length === 0 ? value : list.slice(0, Math.max(0, list.length - own.length));
      if (own.length > 0 && !isSame([...asList(base), ...own], list)) return null;
      externals.push({ key, value: base, isBase: own.length > 0 });
    }
  }
  return externals;
}

interface Append {
  readonly key: number;
  readonly value: number;
  /** Its transaction's place among all, and its own in that. */
  readonly by: number;
  readonly step: number;
}

/**
 * Anything may be read that somebody wrote, also what failed or was written over. An append can be missing from a list,
 * as what is not committed may be rolled back and lost; but none is there twice, and those of committed transactions are
 * in the order of these, the same for all lists.
 */
function isUncommitted(drawn: readonly Drawn[]): boolean {
  const sure = drawn.flatMap(({ outcome }, by) => (outcome === 'ok' ? [by] : []));
  const appends = drawn.flatMap(({ steps }, by) =>
    steps.flatMap(({ f, key, value }, step) => (f === 'append' ? [{ key, value, by, step }] : [])),
  );
  const reads = sure.flatMap((by) =>
    (drawn[by] as Drawn).steps.filter(({ f, value }) => f === 'r' && value !== null),
  );
  const isWritten = (key: number, value: number) =>
    value === 0 ||
    drawn.some(({ steps }) => steps.some((s) => s.f !== 'r' && s.key === key && s.value === value));
  const values = reads.flatMap(({ key, value }) => [value ?? 0].flat().map((one) => [key, one]));
  if (!values.every(([key, value]) => isWritten(key as number, value as number))) return false;
  const lists = reads.filter(({ value }) => typeof value !== 'number');
  const isShown = ({ key, value }: Append) =>
    lists.some((list) => list.key === key && (list.value as readonly number[]).includes(value));
  const shown = sure.filter((by) => appends.some((one) => one.by === by && isShown(one)));
  const canOrder = (order: readonly number[]): boolean => {
    const rest = shown.filter((by) => !order.includes(by));
    if (rest.length > 0) return rest.some((by) => canOrder([...order, by]));
    return lists.every(({ key, value }) => {
      const own = appends.filter((one) => one.key === key);
      return canMatch(value as readonly number[], own, order);
    });
  };
  return canOrder([]);
}

/** Whether each element can be an append of its own, those in the order of the committed as they are there. */
function canMatch(
  list: readonly number[],
  appends: readonly Append[],
  order: readonly number[],
  last: readonly [place: number, step: number] = [-1, -1],
): boolean {
  const [first, ...rest] = list;
  if (first === undefined) return true;
  // Those that did not commit are all alike.
  const lost = appends.find(({ value, by }) => value === first && !order.includes(by));
  return appends.some((append) => {
    if (append.value !== first || (append !== lost && !order.includes(append.by))) return false;
    const others = appends.filter((one) => one !== append);
    const place = order.indexOf(append.by);
    if (place === -1) return canMatch(rest, others, order, last);
    const isLater = place > last[0] || (place === last[0] && append.step > last[1]);
    return isLater && canMatch(rest, others, order, [place, append.step]);
  });
}
