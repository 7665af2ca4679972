/**
 * Where values repeat, so that nobody knows who read from whom, an order is looked for by what the database holds: depth
 * first, with a memo of what was done and what was held then (J. Wing and C. Gong, 1993; G. Lowe, 2017). Who only reads
 * goes as soon as it can, since it is in nobody's way; and where somebody is still to read what nobody is left to write,
 * there is no way on.
 */
import { absent } from '../../history/history.js';
import type { Budget, UnknownReason } from '../register/operations.js';
import { type Access, isPrefix, isSame, listOf } from './access.js';
import type { Transaction } from './transactions.js';

export type StatesFound =
  /** Events, as those of `orderBy`. */
  | { readonly type: 'order'; readonly order: readonly number[] }
  | { readonly type: 'none' }
  | { readonly type: 'unknown'; readonly why: UnknownReason };

type Held = number | readonly number[];

interface Branch {
  readonly choices: readonly number[];
  next: number;
  /** How many events had been done before. */
  readonly done: number;
}

interface Effect {
  readonly key: number;
  readonly written: number | null;
  readonly appended: readonly number[];
}

interface Limits {
  readonly firstEnd: number;
  readonly locked: ReadonlySet<number>;
}

const entryBytes = 150;
/** A set holds 2^24 at most. What is not remembered is tried again, until time is up. */
const rememberedMax = 16_000_000;

export class StatesSearch {
  readonly #live: readonly Transaction[];
  readonly #access: readonly Access[];
  readonly #halves: boolean;
  readonly #keepsTime: boolean;
  readonly #effects: readonly (readonly Effect[])[];
  readonly #held = new Map<number, Held>();
  /** Of the events done, what each of them replaced. */
  readonly #undo: (readonly (readonly [key: number, held: Held])[])[] = [];
  readonly #order: number[] = [];
  readonly #begun: Uint8Array;
  readonly #ended: Uint8Array;
  readonly #failed = new Set<string>();
  #bytes = 0;

  constructor(
    live: readonly Transaction[],
    access: readonly Access[],
    options: { readonly halves: boolean; readonly keepsTime: boolean },
  ) {
    this.#live = live;
    this.#access = access;
    this.#halves = options.halves;
    this.#keepsTime = options.keepsTime;
    this.#effects = access.map(effectsOf);
    this.#begun = new Uint8Array(live.length);
    this.#ended = new Uint8Array(live.length);
  }

  run(budget: Budget): StatesFound {
    const stack: Branch[] = [];
    for (;;) {
      this.#goOn();
      if (this.#isDone()) return { type: 'order', order: this.#closed() };
      const why = budget.spent(this.#bytes);
      if (why !== null) return { type: 'unknown', why };
      const choices = this.#isHopeless() || this.#wasHere() ? [] : this.#choices();
      stack.push({ choices, next: 0, done: this.#order.length });
      for (;;) {
        const branch = stack.at(-1);
        if (branch === undefined) return { type: 'none' };
        while (this.#order.length > branch.done) this.#undoLast();
        const event = branch.choices[branch.next++];
        if (event !== undefined) {
          this.#do(event);
          break;
        }
        stack.pop();
        const before = stack.at(-1);
        while (this.#order.length > (before?.done ?? 0)) this.#undoLast();
      }
    }
  }

  #isOpen(at: number): boolean {
    return this.#live[at]?.end === Number.POSITIVE_INFINITY;
  }

  #isDone(): boolean {
    return this.#live.every((_, at) => this.#ended[at] === 1 || this.#isOpen(at));
  }

  /** Without snapshots of those in doubt that never committed. */
  #closed(): number[] {
    if (!this.#halves) return [...this.#order];
    return this.#order.filter((event) => this.#ended[event >> 1] === 1);
  }

  /** All that is in nobody's way. */
  #goOn(): void {
    for (let changes = true; changes; ) {
      changes = false;
      const limits = this.#limits();
      for (let at = 0; at < this.#live.length; at++) {
        const isReader = (this.#effects[at] as readonly Effect[]).length === 0;
        if (!isReader || this.#begun[at] === 1 || this.#isOpen(at) || !this.#canBegin(at, limits))
          continue;
        this.#do(this.#halves ? 2 * at : at);
        if (this.#halves) this.#do(2 * at + 1);
        changes = true;
      }
    }
  }

  #choices(): number[] {
    const sure: number[] = [];
    const open: number[] = [];
    const limits = this.#limits();
    for (let at = 0; at < this.#live.length; at++) {
      if (this.#ended[at] === 1) continue;
      const choices = this.#isOpen(at) ? open : sure;
      if (this.#begun[at] === 1) choices.unshift(2 * at + 1);
      else if ((!this.#isOpen(at) || this.#isOfUse(at)) && this.#canBegin(at, limits)) {
        choices.push(this.#halves ? 2 * at : at);
      }
    }
    return [...sure, ...open];
  }

  /** Whoever begins after somebody ended who has not come yet is too early; and what is being written is locked. */
  #limits(): Limits {
    let firstEnd = Number.POSITIVE_INFINITY;
    const locked = new Set<number>();
    this.#live.forEach(({ end }, at) => {
      if (this.#ended[at] === 1) return;
      if (this.#keepsTime) firstEnd = Math.min(firstEnd, end);
      if (this.#begun[at] === 0) return;
      for (const { key } of this.#effects[at] as readonly Effect[]) locked.add(key);
    });
    return { firstEnd, locked };
  }

  #canBegin(at: number, { firstEnd, locked }: Limits): boolean {
    const { reads, flaw } = this.#access[at] as Access;
    if (flaw !== null || (this.#live[at] as Transaction).start > firstEnd) return false;
    if ((this.#effects[at] as readonly Effect[]).some(({ key }) => locked.has(key))) return false;
    return reads.every(({ key, value }) => isSame(this.#held.get(key) ?? absent, value));
  }

  /** Whether somebody is still to read what it would write. */
  #isOfUse(at: number): boolean {
    return (this.#effects[at] as readonly Effect[]).some(({ key, written, appended }) =>
      this.#access.some(({ reads }, other) => {
        if (other === at || this.#begun[other] === 1) return false;
        return reads.some(
          (read) =>
            read.key === key &&
            (written === null
              ? listOf(read.value).includes(appended[0] as number)
              : read.value === written),
        );
      }),
    );
  }

  #isHopeless(): boolean {
    const left = new Set<string>();
    this.#effects.forEach((effects, at) => {
      if (this.#ended[at] === 1) return;
      for (const { key, written } of effects) if (written !== null) left.add(`${key} ${written}`);
    });
    return this.#access.some(({ reads }, at) => {
      if (this.#begun[at] === 1 || this.#isOpen(at)) return false;
      return reads.some(({ key, value }) => {
        const held = this.#held.get(key) ?? absent;
        if (isSame(held, value)) return false;
        if (typeof held === 'number' && typeof value === 'number')
          return !left.has(`${key} ${value}`);
        return !isPrefix(listOf(held), listOf(value));
      });
    });
  }

  #wasHere(): boolean {
    const held = [...this.#held].sort(([a], [b]) => a - b);
    const name = `${this.#begun} ${this.#halves ? this.#ended : ''} ${held.map(([key, value]) => `${key}:${value}`)}`;
    if (this.#failed.has(name)) return true;
    if (this.#failed.size >= rememberedMax) return false;
    this.#failed.add(name);
    this.#bytes += entryBytes + 2 * name.length;
    return false;
  }

  #do(event: number): void {
    const at = this.#halves ? event >> 1 : event;
    const isCommit = !this.#halves || event % 2 === 1;
    const replaced: (readonly [number, Held])[] = [];
    this.#begun[at] = 1;
    if (isCommit) {
      this.#ended[at] = 1;
      for (const { key, written, appended } of this.#effects[at] as readonly Effect[]) {
        const held = this.#held.get(key) ?? absent;
        replaced.push([key, held]);
        this.#held.set(key, written ?? [...listOf(held), ...appended]);
      }
    }
    this.#order.push(event);
    this.#undo.push(replaced);
  }

  #undoLast(): void {
    const event = this.#order.pop() as number;
    const at = this.#halves ? event >> 1 : event;
    if (!this.#halves || event % 2 === 0) this.#begun[at] = 0;
    if (!this.#halves || event % 2 === 1) this.#ended[at] = 0;
    for (const [key, held] of this.#undo.pop() ?? []) this.#held.set(key, held);
  }
}

/** What it leaves, key by key. */
function effectsOf({ writes }: Access): Effect[] {
  const effects = new Map<number, { key: number; written: number | null; appended: number[] }>();
  for (const { key, value, isAppend } of writes) {
    const effect = effects.get(key) ?? { key, written: null, appended: [] };
    effects.set(key, effect);
    if (isAppend) effect.appended.push(value);
    else effect.written = value;
  }
  return [...effects.values()];
}
