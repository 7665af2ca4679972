/** Which isolation levels transactions keep: the ways of finding out, from the quickest on. */

import { lazily } from '../../core/lookup.js';
import { type Budget, type StepWatch, type UnknownReason, watchOf } from '../budget.js';
import type { TransactionModel } from './anomaly.js';
import { firstAccepted, guess, isDecided } from './choices.js';
import { type Against, Refuter } from './evidence.js';
import { type OrderFound, orderBy } from './order-search.js';
import { noChoices, type Sources, Sourcing } from './sources.js';
import type { SeenTransactions } from './transactions.js';
import { UncommittedReads } from './uncommitted.js';
import { isWitness, type Witness } from './witness.js';
import { type OrderedModel, orderWrites } from './write-orders.js';

export type IsolationFound =
  | { readonly type: 'holds' }
  | { readonly type: 'violated'; readonly against: Against }
  /** No order will do, and nothing smaller is known that tells why. */
  | { readonly type: 'impossible' }
  | { readonly type: 'unknown'; readonly why: UnknownReason | string };

/** Ways that lead nowhere: for a first look; and before another search, which is good at other things, is begun. */
const quickTries = 50;
const searchTries = 100_000;

const held: IsolationFound = { type: 'holds' };
const impossible: IsolationFound = { type: 'impossible' };
const unproven: IsolationFound = { type: 'unknown', why: 'no order was found that proves it' };

/** Whether it is proved by one order of all. */
export const isOrdered = (model: TransactionModel): model is OrderedModel =>
  model === 'snapshot-isolation' || model === 'serializable' || model === 'strict-serializable';

export class Isolation {
  readonly #transactions: SeenTransactions;
  readonly #sourcing: Sourcing;
  readonly #budget: Budget;
  readonly #watch: StepWatch;
  readonly certain: Refuter;
  readonly #likely = lazily(() => {
    const { sources } = this.certain;
    if (isDecided(sources)) return this.certain;
    return this.#evidenceOf(guess(this.#sourcing, sources, this.#budget));
  });
  readonly #uncommitted = lazily(() => {
    return new UncommittedReads(this.#transactions, this.certain.sources.written, this.#watch);
  });

  constructor(
    transactions: SeenTransactions,
    listKeys: ReadonlySet<number>,
    valueCount: number,
    budget: Budget,
  ) {
    this.#transactions = transactions;
    this.#budget = budget;
    this.#watch = watchOf(budget);
    this.#sourcing = new Sourcing(transactions, listKeys, valueCount);
    this.certain = this.#evidenceOf(this.#sourcing.resolve(noChoices));
  }

  /**
   * Whether it is quickly seen that a strong model holds, and with that most of the others; `patiently`: where nothing is
   * against the model.
   */
  holds(model: OrderedModel, how: 'quickly' | 'patiently'): boolean {
    const triesMax = how === 'quickly' ? quickTries : 1000 + this.#transactions.live.length;
    const { anomalies, undecidedLists } = this.certain.sources;
    if (anomalies.length > 0) return false;
    const evidence = undecidedLists.length > 0 ? this.#likely() : this.certain;
    const found = this.#order(model, evidence, triesMax, this.#watch);
    return found !== null && found !== 'none' && this.#isReplayed(model, found);
  }

  /** What is certain against the model; `null` when that is not enough. */
  against(model: TransactionModel): Against | null {
    if (model !== 'read-uncommitted') return this.certain.against(model);
    const [anomaly] = this.#uncommitted().anomalies;
    if (anomaly !== undefined) return { type: 'direct', anomaly };
    const edges = this.#uncommitted().circle();
    return edges === null ? null : { type: 'circle', edges };
  }

  /** To be asked where nothing is against the model. */
  decide(model: TransactionModel, budget: Budget): IsolationFound {
    if (model === 'read-uncommitted') {
      const order = this.#uncommitted().order();
      if (order === null) return impossible;
      return this.#uncommitted().isWitness(order) ? held : unproven;
    }
    return isOrdered(model) ? this.#byOrder(model, budget) : this.#byReading(model, budget);
  }

  #byReading(model: 'read-committed' | 'read-atomic' | 'causal', budget: Budget): IsolationFound {
    const { sources } = this.certain;
    if (isDecided(sources)) return this.#proves(model, this.certain) ? held : unproven;
    const likely = this.#likely();
    const isLikely = isDecided(likely.sources) && likely.against(model) === null;
    if (isLikely && this.#proves(model, likely)) return held;
    const isPossible = (some: Sources) => this.#evidenceOf(some).against(model) === null;
    const accepted = { isPossible, isEnough: isDecided };
    const found = firstAccepted(this.#sourcing, sources, accepted, budget);
    if (found === null) return impossible;
    return this.#proves(model, this.#evidenceOf(found)) ? held : unproven;
  }

  #proves(model: 'read-committed' | 'read-atomic' | 'causal', evidence: Refuter): boolean {
    const witness = evidence.witness(model);
    return witness !== null && this.#isWitness(model, witness);
  }

  #isWitness(model: Exclude<TransactionModel, 'read-uncommitted'>, witness: Witness): boolean {
    return isWitness(model, this.#transactions.live, witness, this.#watch);
  }

  #byOrder(model: OrderedModel, budget: Budget): IsolationFound {
    const { sources, dependencies } = this.certain;
    if (sources.undecidedLists.length > 0) return this.#byLists(model, budget);
    // Time leaves few ways on; without it, pairs of writers are the better question, where it can be asked.
    const isPatient = model === 'strict-serializable' || !isDecided(sources);
    const tries = isPatient ? searchTries : quickTries;
    const found = this.#order(model, this.certain, tries, watchOf(budget));
    if (found === 'none') return impossible;
    if (found !== null) return this.#isReplayed(model, found) ? held : unproven;
    if (!isDecided(sources)) return unproven;
    const solution = orderWrites(model, sources, dependencies, budget);
    if (solution.type === 'circle') return impossible;
    if (solution.type === 'unknown') return solution;
    const isIn = (event: number) =>
      sources.happened[model === 'snapshot-isolation' ? event >> 1 : event] === 1;
    return this.#isReplayed(model, solution.order.filter(isIn)) ? held : unproven;
  }

  /** Where values were appended more than once, all ways in which the lists can have come about are tried. */
  #byLists(model: OrderedModel, budget: Budget): IsolationFound {
    let order: OrderFound = 'none';
    let isSure = true;
    const isPossible = (some: Sources): boolean => {
      const evidence = this.#evidenceOf(some);
      if (evidence.against(model) !== null) return false;
      if (some.undecidedLists.length > 0) return true;
      order = this.#order(model, evidence, searchTries, watchOf(budget));
      if (order === null) isSure = false;
      return order !== null && order !== 'none';
    };
    const isEnough = ({ undecidedLists }: Sources) => undecidedLists.length === 0;
    firstAccepted(this.#sourcing, this.certain.sources, { isPossible, isEnough }, budget);
    const found = order as OrderFound;
    if (found === null || found === 'none') return isSure ? impossible : unproven;
    return this.#isReplayed(model, found) ? held : unproven;
  }

  #order(model: OrderedModel, evidence: Refuter, triesMax: number, watch: StepWatch): OrderFound {
    const halves = model === 'snapshot-isolation';
    const of = (one: OrderedModel, tries: number): OrderFound =>
      orderBy(evidence.sources, { halves, arrows: evidence.arrowsFor(one) }, tries, watch);
    // Time shows the way where it need not be kept.
    const inTime = model === 'serializable' ? of('strict-serializable', quickTries) : null;
    return inTime === null || inTime === 'none' ? of(model, triesMax) : inTime;
  }

  #isReplayed(model: OrderedModel, order: readonly number[]): boolean {
    return this.#isWitness(model, { order, sourceOf: () => undefined });
  }

  #evidenceOf(sources: Sources): Refuter {
    return new Refuter(sources, this.#watch, this.#budget);
  }
}
