/**
 * Since when a model does not hold: the first operation after whose end what had happened by then violates it.
 *
 * A prefix of a history is the whole of it, with everything that ended later as if nobody had answered: such an operation
 * may have happened at any time after its beginning, or never. That demands less than what came of it, so a model that one
 * prefix violates is violated by all longer ones, and halving finds the first. (Were what *began* later left out, models
 * that ask nothing of real time could take back a violation: what is read before it is written is one only until
 * somebody writes it.)
 *
 * Two kinds of models look at the end of a history, and may be violated in its middle only: eventual convergence, and those
 * of objects. Of them it is the last of the operations that violate the whole.
 */
import { outcomeCode } from '../history/event.js';
import { type History, type Step, unsaid } from '../history/history.js';
import type { Stages } from './budget.js';
import { type Limited, stagesFor } from './check.js';
import type { Finding } from './finding.js';
import { type Initials, initialsFor } from './initial.js';
import { Judge } from './judge.js';
import { consequencesOf, type ModelName, modelNames } from './models.js';
import { isOfObject, objectIn } from './objects/objects.js';
import type { CheckReport, ModelReport } from './report.js';

export interface Fall {
  readonly model: ModelName;
  /** An index into the history; after its end the model is violated, and before it is not. */
  readonly operation: number;
  /** Why, as far as was known by then. */
  readonly sentence: string;
  /** Those that violate it, as far as was known by then; indices, too. */
  readonly operations: readonly number[];
  /** Why it may have been violated earlier, such as `time limit`; `null`: it was not. */
  readonly doubt: string | null;
}

/** Of each model that `report` says the history violates, in the order of their operations' ends. */
export function fallsOf(history: History, report: CheckReport, limits: Limited = {}): Fall[] {
  const byEnd = operationsByEnd(history);
  const violated = report.models.filter(({ verdict }) => verdict === 'violated');
  if (violated.length === 0 || byEnd.order.length === 0) return [];
  const isOfObjects = objectIn(history, null) !== null;
  const falls = violated.map((model) => new FallSearch(model, byEnd));
  const open = falls.filter(({ model }) => {
    return !isOfObjects && !isOfObject(model) && model !== 'eventual';
  });
  for (const fall of falls) if (!open.includes(fall)) fall.settleByEvidence();
  new Prefixes(history, report, byEnd, limits).narrow(open);
  return falls.sort((a, b) => a.violatedAt - b.violatedAt).map(({ fall }) => fall);
}

interface ByEnd {
  /** Those that have ended, in the order of their ends. */
  readonly order: Int32Array;
  /** By operation, its place in `order`; past all of them when it has not ended. */
  readonly rank: Int32Array;
}

function operationsByEnd({ count, returnedAt }: History): ByEnd {
  const endOf = (at: number): number => returnedAt[at] as number;
  const ended = Array.from({ length: count }, (_, at) => at).filter((at) =>
    Number.isFinite(endOf(at)),
  );
  const order = Int32Array.from(ended.sort((a, b) => endOf(a) - endOf(b) || a - b));
  const rank = new Int32Array(count).fill(order.length);
  order.forEach((at, place) => {
    rank[at] = place;
  });
  return { order, rank };
}

/** Between a prefix that keeps to the model and one that does not; prefixes are named by the rank of their last end. */
class FallSearch {
  readonly model: ModelName;
  readonly #byEnd: ByEnd;
  #operations: readonly number[];
  #heldAt = -1;
  violatedAt: number;
  #sentence: string;
  #doubt: string | null = null;
  /** The rank at which the operations that violate the model have ended: mostly it is the one looked for. */
  #hint: number;
  #hasLookedBefore = false;

  constructor({ model, evidence, reason }: ModelReport, byEnd: ByEnd) {
    this.model = model;
    this.#byEnd = byEnd;
    this.#operations = evidence?.operations.map(({ index }) => index) ?? [];
    this.#sentence = evidence?.sentence ?? reason;
    this.violatedAt = byEnd.order.length - 1;
    this.#hint = this.#lastEndOf(this.#operations);
  }

  get isFound(): boolean {
    return this.violatedAt === this.#heldAt + 1;
  }

  get fall(): Fall {
    const { model } = this;
    const operation = this.#byEnd.order[this.violatedAt] as number;
    const operations = this.#operations;
    return { model, operation, sentence: this.#sentence, operations, doubt: this.#doubt };
  }

  settleByEvidence(): void {
    this.violatedAt = this.#hint;
    this.#heldAt = this.#hint - 1;
  }

  isOpenAt(rank: number): boolean {
    return rank > this.#heldAt && rank < this.violatedAt;
  }

  /** Which prefix to look at next. */
  get next(): number {
    if (this.isOpenAt(this.#hint)) return this.#hint;
    const before = this.violatedAt - 1;
    if (this.#hasLookedBefore) return roundestBetween(this.#heldAt, this.violatedAt);
    this.#hasLookedBefore = true;
    return before;
  }

  violatedBy(rank: number, { sentence, operations }: Finding): void {
    this.violatedAt = rank;
    this.#sentence = sentence;
    this.#operations = operations;
    this.#hint = this.#lastEndOf(operations);
  }

  /** `doubt`: it is not known whether it holds. */
  holdsAt(rank: number, doubt: string | null): void {
    this.#heldAt = rank;
    this.#doubt = doubt;
  }

  giveUp(why: string): void {
    this.#doubt = why;
  }

  #lastEndOf(operations: readonly number[]): number {
    const { order, rank } = this.#byEnd;
    const ranks = operations.map((at) => rank[at] as number).filter((at) => at < order.length);
    return ranks.length === 0 ? order.length - 1 : Math.max(...ranks);
  }
}

/** Of the ranks between the two, both excluded, the roundest: searches meet at it, and share its verdicts. */
function roundestBetween(low: number, high: number): number {
  // From 1, since 0 would be a multiple of everything.
  const next = (step: number): number => Math.ceil((low + 2) / step) * step;
  let step = 1;
  while (next(step * 2) <= high) step *= 2;
  return next(step) - 1;
}

class Prefixes {
  readonly #history: History;
  readonly #byEnd: ByEnd;
  readonly #initials: Initials;
  readonly #stages: Stages;

  constructor(history: History, report: CheckReport, byEnd: ByEnd, limits: Limited) {
    const known = initialsFor(history, report.initial);
    this.#history = known.history;
    this.#initials = known.initials;
    this.#byEnd = byEnd;
    this.#stages = stagesFor(limits);
  }

  /** Looks at prefixes until all is found, or no time is left. */
  narrow(falls: readonly FallSearch[]): void {
    const budget = this.#stages.begin('falls');
    for (;;) {
      const open = falls.filter(({ isFound }) => !isFound);
      const [first] = open;
      if (first === undefined) return;
      const why = budget.spent(0);
      if (why !== null) {
        for (const fall of open) fall.giveUp(why);
        return;
      }
      const rank = first.next;
      const asked = open.filter((fall) => fall.isOpenAt(rank));
      const judge = this.#judgeAt(
        rank,
        asked.map(({ model }) => model),
      );
      for (const fall of asked) {
        const found = findingIn(judge, fall.model);
        if (typeof found === 'object' && found !== null) fall.violatedBy(rank, found);
        else fall.holdsAt(rank, found);
      }
    }
  }

  #judgeAt(rank: number, models: readonly ModelName[]): Judge {
    const prefix = prefixOf(this.#history, (at) => (this.#byEnd.rank[at] as number) <= rank);
    // One prefix that is hard to judge leaves time for others.
    const stages: Stages = {
      begin: (doing, share = 1) => this.#stages.begin(doing, share / 4),
    };
    return new Judge(prefix, models, stages, Number.POSITIVE_INFINITY, this.#initials);
  }
}

/** Why the model is violated; `null`: it holds; else why that is not known. */
function findingIn(judge: Judge, model: ModelName): Finding | string | null {
  const { judgement } = judge.judge(model);
  if (judgement.type === 'violated') return judgement.finding;
  if (judgement.type === 'holds') return null;
  const consequences = consequencesOf(model, judge.traits);
  for (const weaker of modelNames) {
    if (!consequences.has(weaker)) continue;
    const { judgement: of } = judge.judge(weaker);
    if (of.type === 'violated') return of.finding;
  }
  return judgement.why;
}

/** The history as it was known when only these operations had ended. */
function prefixOf(history: History, hasEnded: (at: number) => boolean): History {
  const outcome = history.outcome.slice();
  const returnedAt = history.returnedAt.slice();
  const seen = history.seen.slice();
  const versionStamp = history.versionStamp.slice();
  const versionNode = history.versionNode.slice();
  const steps = new Map<number, readonly Step[]>();
  for (let at = 0; at < history.count; at++) {
    const own = history.steps.get(at);
    if (hasEnded(at)) {
      if (own !== undefined) steps.set(at, own);
      continue;
    }
    outcome[at] = outcomeCode.info;
    returnedAt[at] = Number.POSITIVE_INFINITY;
    seen[at] = unsaid;
    versionStamp[at] = Number.NaN;
    versionNode[at] = unsaid;
    if (own !== undefined) {
      steps.set(
        at,
        own.map((step) => (step.f === 'r' ? { ...step, value: null } : step)),
      );
    }
  }
  return { ...history, outcome, returnedAt, seen, versionStamp, versionNode, steps };
}
