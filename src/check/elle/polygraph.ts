/**
 * Which orders of the writes of single values leave no circle: a search among pairs of writers, as Cobra (C. Tan et al.,
 * OSDI 2020) and PolySI (K. Huang et al., VLDB 2023) put the question, here answered without a solver: what follows from
 * what is already in order is taken first, and only where nothing follows is one order tried, and then the other one.
 *
 * A node is an event: a transaction, or (for snapshot isolation) its snapshot or its commit. For each node the set of all
 * that come after it is kept, so that whether an edge closes a circle is one look.
 */
import {
  type Budget,
  innerLimits,
  type StepWatch,
  tableBytesMax,
  type UnknownReason,
  watchOf,
} from '../budget.js';

/** Pairs of events, flat: before, after. */
export type Pairs = readonly number[];

/** One of two sets of edges must be there. */
export interface EitherOr {
  readonly either: Pairs;
  readonly or: Pairs;
}

export type Solution =
  /** Events, in an order that obeys all edges, and of each choice one side. */
  | { readonly type: 'order'; readonly order: readonly number[] }
  | { readonly type: 'circle' }
  | { readonly type: 'unknown'; readonly why: UnknownReason };

interface Decision {
  readonly trail: number;
  readonly open: readonly EitherOr[];
  /** What is to be tried when this fails. */
  readonly other: Pairs;
}

/** What the sets of those that come after each node take, and what is needed to undo changes. */
export const polygraphBytes = (nodes: number): number => 8 * ((nodes + 31) >>> 5) * nodes;

export const choiceBytes = ({ either, or }: EitherOr): number =>
  100 + 8 * (either.length + or.length);

/** Half of it is one table. */
export const tooLarge = (nodes: number): UnknownReason | null =>
  polygraphBytes(nodes) / 2 > tableBytesMax ? innerLimits.table : null;

export function solve(
  nodes: number,
  edges: Pairs,
  choices: readonly EitherOr[],
  budget: Budget,
): Solution {
  const bytes = choices.reduce((sum, choice) => sum + choiceBytes(choice), 0);
  const why = budget.spent(polygraphBytes(nodes) + bytes) ?? tooLarge(nodes);
  if (why !== null) return { type: 'unknown', why };
  return new Polygraph(nodes, budget, bytes).solve(edges, choices);
}

class Polygraph {
  readonly #nodes: number;
  readonly #words: number;
  readonly #budget: Budget;
  readonly #watch: StepWatch;
  readonly #choiceBytes: number;
  /** By node, a bit for each that comes after it. */
  readonly #after: Uint32Array;
  /** What was changed, and what it was before: place, word, place, word. */
  readonly #trail: number[] = [];

  constructor(nodes: number, budget: Budget, choiceBytes: number) {
    const words = (nodes + 31) >>> 5;
    this.#nodes = nodes;
    this.#words = words;
    this.#budget = budget;
    this.#watch = watchOf(budget);
    this.#choiceBytes = choiceBytes;
    this.#after = new Uint32Array(nodes * words);
  }

  solve(edges: Pairs, choices: readonly EitherOr[]): Solution {
    if (!this.#addAll(edges)) return { type: 'circle' };
    const decisions: Decision[] = [];
    let open: readonly EitherOr[] | null = this.#settle(choices);
    for (;;) {
      const why = this.#budget.spent(this.#bytes(decisions));
      if (why !== null) return { type: 'unknown', why };
      if (open === null) {
        const last = decisions.pop();
        if (last === undefined) return { type: 'circle' };
        this.#undo(last.trail);
        open = this.#addAll(last.other) ? this.#settle(last.open) : null;
        continue;
      }
      const choice: EitherOr | undefined = open[0];
      if (choice === undefined) return { type: 'order', order: this.#order() };
      const rest: readonly EitherOr[] = open.slice(1);
      decisions.push({ trail: this.#trail.length, open: rest, other: choice.or });
      open = this.#addAll(choice.either) ? this.#settle(rest) : null;
    }
  }

  #bytes(decisions: readonly Decision[]): number {
    const open = decisions.reduce((sum, decision) => sum + decision.open.length, 0);
    return this.#after.byteLength + 16 * this.#trail.length + 8 * open + this.#choiceBytes;
  }

  /** Takes what follows, until nothing does; what is open then, or `null` when some choice has no side left. */
  #settle(choices: readonly EitherOr[]): readonly EitherOr[] | null {
    let open = choices;
    for (let changes = true; changes; ) {
      changes = false;
      const left: EitherOr[] = [];
      for (const choice of open) {
        if (this.#isThere(choice.either) || this.#isThere(choice.or)) continue;
        const canEither = this.#canAdd(choice.either);
        const canOr = this.#canAdd(choice.or);
        if (canEither && canOr) {
          left.push(choice);
          continue;
        }
        if (!this.#addAll(canEither ? choice.either : choice.or)) return null;
        changes = true;
      }
      open = left;
    }
    return open;
  }

  #isThere(pairs: Pairs): boolean {
    for (let at = 0; at < pairs.length; at += 2) {
      if (!this.#isBefore(pairs[at] as number, pairs[at + 1] as number)) return false;
    }
    return true;
  }

  #canAdd(pairs: Pairs): boolean {
    for (let at = 0; at < pairs.length; at += 2) {
      const [from, to] = [pairs[at] as number, pairs[at + 1] as number];
      if (from === to || this.#isBefore(to, from)) return false;
    }
    return true;
  }

  #isBefore(from: number, to: number): boolean {
    return (((this.#after[from * this.#words + (to >>> 5)] as number) >>> (to & 31)) & 1) === 1;
  }

  #addAll(pairs: Pairs): boolean {
    for (let at = 0; at < pairs.length; at += 2) {
      this.#watch(this.#nodes);
      if (!this.#add(pairs[at] as number, pairs[at + 1] as number)) return false;
    }
    return true;
  }

  #add(from: number, to: number): boolean {
    if (from === to || this.#isBefore(to, from)) return false;
    if (this.#isBefore(from, to)) return true;
    for (let node = 0; node < this.#nodes; node++) {
      if (node !== from && !this.#isBefore(node, from)) continue;
      for (let word = 0; word < this.#words; word++) {
        const own = to >>> 5 === word ? 1 << (to & 31) : 0;
        this.#set(
          node * this.#words + word,
          (this.#after[to * this.#words + word] as number) | own,
        );
      }
    }
    return true;
  }

  #set(place: number, more: number): void {
    const before = this.#after[place] as number;
    const after = (before | more) >>> 0;
    if (after === before) return;
    this.#trail.push(place, before);
    this.#after[place] = after;
  }

  #undo(length: number): void {
    while (this.#trail.length > length) {
      const before = this.#trail.pop() as number;
      this.#after[this.#trail.pop() as number] = before;
    }
  }

  /** Who has more after it comes first. */
  #order(): number[] {
    const counts = Array.from({ length: this.#nodes }, (_, node) => {
      let count = 0;
      for (let word = 0; word < this.#words; word++) {
        count += bitCount(this.#after[node * this.#words + word] as number);
      }
      return count;
    });
    return counts
      .map((_, node) => node)
      .sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);
  }
}

function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
