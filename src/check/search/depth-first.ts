/**
 * Engine 3: whether calls are linearizable by any sequential model.
 *
 * J. Wing and C. Gong, "Testing and verifying concurrent objects", JPDC 17, 1993, with the memo of G. Lowe, "Testing for
 * linearizability", 2017: walk the starts and ends in the order of time. A start whose operation can take effect is
 * taken out, with its end, and the walk begins anew; an end whose operation has not taken effect means that the last
 * one taken was wrong. A set of operations taken and the state after them that were met before are not tried again.
 */
import { invariant } from '../../core/invariant.js';
import { atMost, type Budget, type UnknownReason } from '../budget.js';
import { smallestCore } from '../cores/shrink.js';
import { Memo, Taken } from './memo.js';
import type { Call, Model } from './model.js';

export type SearchVerdict =
  /** `witness`: the calls in the order in which they took effect; those that never did are left out. */
  | { readonly type: 'holds'; readonly witness: readonly number[] }
  /** `core`: calls that are impossible, whichever of the others happened. */
  | { readonly type: 'violated'; readonly core: readonly number[] }
  | { readonly type: 'unknown'; readonly why: UnknownReason };

/** Making a core smaller is worth about a second. */
const questionsMax = 1000;
const stepsUnwatched = 256;

export function depthFirst<State, Operation>(
  model: Model<State, Operation>,
  calls: readonly Call<Operation>[],
  budget: Budget,
): SearchVerdict {
  const result = new DepthFirst(model, calls, budget).run();
  if (result.type === 'holds') {
    invariant(isReplayable(model, calls, result.witness), 'the order found is not a legal one');
    return result;
  }
  if (result.type === 'unknown') return result;
  return { type: 'violated', core: smallCore(model, calls, atMost(questionsMax, budget)) };
}

/** Replays a witness, which shares nothing with the search. */
export function isReplayable<State, Operation>(
  model: Model<State, Operation>,
  calls: readonly Call<Operation>[],
  witness: readonly number[],
): boolean {
  const sure = calls.filter(({ end }) => end !== Number.POSITIVE_INFINITY).length;
  const said = witness.filter((at) => calls[at]?.end !== Number.POSITIVE_INFINITY).length;
  if (new Set(witness).size !== witness.length || sure !== said) return false;
  let { initial: state } = model;
  let begun = Number.NEGATIVE_INFINITY;
  for (const at of witness) {
    const { operation, start, end } = calls[at] as Call<Operation>;
    begun = Math.max(begun, start);
    const [isLegalStep, after] = model.step(state, operation);
    if (!isLegalStep || end < begun) return false;
    state = after;
  }
  return true;
}

/**
 * Demands ever fewer calls; the others may have happened at any time after their starts, or never, which makes nothing
 * impossible that was possible.
 */
function smallCore<State, Operation>(
  model: Model<State, Operation>,
  calls: readonly Call<Operation>[],
  budget: Budget,
): number[] {
  const endOf = (at: number) => (calls[at] as Call<Operation>).end;
  const isImpossible = (demanded: readonly number[]) => {
    if (budget.spent(0) !== null) return 'spent';
    const isDemanded = new Set(demanded);
    const lastEnd = Math.max(...demanded.map(endOf));
    const relaxed = calls.flatMap((call, at) => {
      if (isDemanded.has(at)) return [call];
      return call.start > lastEnd ? [] : [{ ...call, end: Number.POSITIVE_INFINITY }];
    });
    const { type } = new DepthFirst(model, relaxed, budget).run();
    return type === 'unknown' ? 'spent' : type === 'violated' ? 'yes' : 'no';
  };
  const ended = [...calls.keys()].filter((at) => endOf(at) !== Number.POSITIVE_INFINITY);
  ended.sort((a, b) => endOf(a) - endOf(b));
  return smallestCore(ended, isImpossible).sort((a, b) => a - b);
}

type Result = SearchVerdict | { readonly type: 'violated' };

/** A start or an end in the doubly linked list of what has not been taken. Entry 0 is before the first. */
class DepthFirst<State, Operation> {
  readonly #model: Model<State, Operation>;
  readonly #calls: readonly Call<Operation>[];
  readonly #budget: Budget;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** By entry: its call; negative, less one, for an end. */
  readonly #callOf: Int32Array;
  /** By call; 0 when it has no end. */
  readonly #endOf: Int32Array;
  readonly #startOf: Int32Array;
  readonly #stack: { readonly call: number; readonly state: State }[] = [];

  constructor(model: Model<State, Operation>, calls: readonly Call<Operation>[], budget: Budget) {
    this.#model = model;
    this.#calls = calls;
    this.#budget = budget;
    const entries = inOrderOfTime(calls);
    this.#callOf = Int32Array.from([0, ...entries]);
    this.#next = Int32Array.from(this.#callOf, (_, at) => (at < entries.length ? at + 1 : 0));
    this.#previous = Int32Array.from(this.#callOf, (_, at) => Math.max(0, at - 1));
    this.#startOf = new Int32Array(calls.length);
    this.#endOf = new Int32Array(calls.length);
    entries.forEach((entry, at) => {
      if (entry >= 0) this.#startOf[entry] = at + 1;
      else this.#endOf[-entry - 1] = at + 1;
    });
  }

  run(): Result {
    const { initial, hash, equal, bytes } = this.#model;
    const memo = new Memo<State>(equal, (state) => bytes?.(state) ?? 64);
    const taken = new Taken(this.#calls.length);
    let open = this.#calls.filter(({ end }) => end !== Number.POSITIVE_INFINITY).length;
    let state = initial;
    let entry = this.#next[0] as number;
    for (let steps = 0; open > 0; steps++) {
      if (steps % stepsUnwatched === 0) {
        const why = this.#budget.spent(memo.bytes);
        if (why !== null) return { type: 'unknown', why };
      }
      const call = this.#callOf[entry] as number;
      if (entry !== 0 && call >= 0) {
        const [isLegalStep, after] = this.#model.step(state, this.#callAt(call).operation);
        if (isLegalStep) {
          taken.flip(call);
          if (memo.add(taken, after, hash(after))) {
            this.#stack.push({ call, state });
            this.#takeOut(call);
            if (this.#endOf[call] !== 0) open--;
            state = after;
            entry = this.#next[0] as number;
            continue;
          }
          taken.flip(call);
        }
        entry = this.#next[entry] as number;
      } else {
        const last = this.#stack.pop();
        if (last === undefined) return { type: 'violated' };
        taken.flip(last.call);
        this.#putBack(last.call);
        if (this.#endOf[last.call] !== 0) open++;
        state = last.state;
        entry = this.#next[this.#startOf[last.call] as number] as number;
      }
    }
    return { type: 'holds', witness: this.#stack.map(({ call }) => call) };
  }

  #callAt(call: number): Call<Operation> {
    return this.#calls[call] as Call<Operation>;
  }

  #takeOut(call: number): void {
    for (const entry of [this.#startOf[call] as number, this.#endOf[call] as number]) {
      if (entry === 0) continue;
      const next = this.#next[entry] as number;
      const previous = this.#previous[entry] as number;
      this.#next[previous] = next;
      if (next !== 0) this.#previous[next] = previous;
    }
  }

  #putBack(call: number): void {
    for (const entry of [this.#endOf[call] as number, this.#startOf[call] as number]) {
      if (entry === 0) continue;
      const next = this.#next[entry] as number;
      this.#next[this.#previous[entry] as number] = entry;
      if (next !== 0) this.#previous[next] = entry;
    }
  }
}

/** Each start as its call, each end as its call negative, less one; at one time starts are before ends. */
function inOrderOfTime(calls: readonly Call<unknown>[]): number[] {
  const entries: { readonly time: number; readonly isEnd: boolean; readonly entry: number }[] = [];
  calls.forEach(({ start, end }, at) => {
    entries.push({ time: start, isEnd: false, entry: at });
    if (end !== Number.POSITIVE_INFINITY) entries.push({ time: end, isEnd: true, entry: -at - 1 });
  });
  entries.sort((a, b) => a.time - b.time || Number(a.isEnd) - Number(b.isEnd));
  return entries.map(({ entry }) => entry);
}
