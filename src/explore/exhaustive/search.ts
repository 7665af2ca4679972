/** Breadth-first over all that may come next: the first counterexample is a shortest one. */
import type { SmallWorld } from './small-world.js';
import { type Move, States, type WorldState } from './states.js';
import { NotInterchangeable, Symmetry } from './symmetry.js';

export interface SearchBounds {
  /** Distinct states. */
  readonly states: number;
  /** Moves from the beginning. */
  readonly depth: number;
}

export interface Counterexample {
  readonly violation: string;
  /** From the very start of the nodes. */
  readonly moves: readonly Move[];
  /** How many of them led to where the search began. */
  readonly before: number;
}

export interface SearchProgress {
  /** States that were come to, the same one counted each time. */
  readonly seen: number;
  readonly distinct: number;
  /** The most moves that a state is away from the beginning. */
  readonly depth: number;
  /** States from which nothing was tried yet. */
  readonly waiting: number;
  /** What a single node met, tried on a real one. */
  readonly tried: number;
  /** In how many ways names can be given with nothing else different. */
  readonly symmetries: number;
}

/** `exhausted`: there are no other states; else which bound was reached. */
export type SearchEnd = 'exhausted' | 'counterexample' | 'states' | 'depth';

interface Waiting {
  readonly state: WorldState;
  readonly number: number;
}

export class Search {
  readonly states: States;
  counterexample: Counterexample | null = null;
  readonly #bounds: SearchBounds;
  readonly #begin: ReturnType<States['begin']>;
  readonly #symmetry: Symmetry;
  readonly #known = new Set<number>();
  /** By a state's number: that of the one it was first come to from, and how. The first has none. */
  readonly #from: number[] = [];
  readonly #by: (Move | null)[] = [];
  #level: Waiting[] = [];
  #at = 0;
  #next: Waiting[] = [];
  #seen = 0;
  #depth = 0;

  constructor(world: SmallWorld, bounds: SearchBounds) {
    this.#bounds = bounds;
    this.states = new States(world);
    this.#begin = this.states.begin();
    this.#symmetry = new Symmetry(this.states, this.#begin.state);
    this.#restart();
  }

  get progress(): SearchProgress {
    return {
      ...{ seen: this.#seen, distinct: this.#known.size },
      depth: this.#depth + (this.#next.length > 0 ? 1 : 0),
      waiting: this.#level.length - this.#at + this.#next.length,
      tried: this.states.nodes.triedCount,
      symmetries: this.#symmetry.count,
    };
  }

  /** Tries all from so many states more; `null`: there is more to try. */
  run(count: number): SearchEnd | null {
    try {
      const end = this.#run(count);
      if (end === 'exhausted') this.#symmetry.check();
      return end;
    } catch (error) {
      if (!(error instanceof NotInterchangeable)) throw error;
      this.#restart();
      return count === Number.POSITIVE_INFINITY ? this.run(count) : null;
    }
  }

  #restart(): void {
    const { state } = this.#begin;
    this.#known.clear();
    this.#known.add(this.#symmetry.fingerprint(state));
    this.#from.splice(0, this.#from.length, -1);
    this.#by.splice(0, this.#by.length, null);
    [this.#level, this.#next] = [[{ state, number: 0 }], []];
    [this.#at, this.#seen, this.#depth] = [0, 1, 0];
  }

  #run(count: number): SearchEnd | null {
    for (let left = count; left > 0; left--) {
      if (this.#at === this.#level.length && !this.#descend()) return 'exhausted';
      if (this.#depth >= this.#bounds.depth) return 'depth';
      const end = this.#tryAllFrom(this.#level[this.#at++] as Waiting);
      if (end !== null) return end;
    }
    return null;
  }

  #descend(): boolean {
    if (this.#next.length === 0) return false;
    this.#level = this.#next;
    [this.#at, this.#next] = [0, []];
    this.#depth++;
    return true;
  }

  #tryAllFrom({ state, number }: Waiting): SearchEnd | null {
    for (const move of this.states.movesFrom(state)) {
      const successor = this.states.after(state, move);
      if (successor === null) continue;
      this.#seen++;
      if (successor.violation !== null) {
        this.counterexample = {
          violation: successor.violation,
          moves: [...this.#begin.moves, ...this.#wayTo(number), move],
          before: this.#begin.moves.length,
        };
        return 'counterexample';
      }
      const fingerprint = this.#symmetry.fingerprint(successor.state);
      if (this.#known.has(fingerprint)) continue;
      if (this.#known.size >= this.#bounds.states) return 'states';
      this.#known.add(fingerprint);
      this.#by.push(move);
      this.#next.push({ state: successor.state, number: this.#from.push(number) - 1 });
    }
    return null;
  }

  #wayTo(number: number): Move[] {
    const moves: Move[] = [];
    for (let at = number; at > 0; at = this.#from[at] as number) {
      moves.push(this.#by[at] as Move);
    }
    return moves.reverse();
  }
}
