/** Which isolation levels transactions keep: the ways of finding out, from the quickest on. */
import { type Watch, watchOf } from '../budget.js';
import type { Budget, UnknownReason } from '../register/operations.js';
import type { TransactionModel } from './anomaly.js';
import { guess, isDecided, search } from './choices.js';
import { type Against, Evidence } from './evidence.js';
import { orderBy } from './order.js';
import { noChoices, Sourcing } from './sources.js';
import { StatesSearch } from './states-search.js';
import type { Transactions } from './transactions.js';
import { UncommittedReads } from './uncommitted.js';
import { isWitness } from './witness.js';
import type { Witness } from './witness-versions.js';
import { type OrderedModel, orderWrites } from './write-orders.js';

export type Found =
  | { readonly type: 'holds' }
  | { readonly type: 'violated'; readonly against: Against }
  /** No order will do, and nothing smaller is known that tells why. */
  | { readonly type: 'impossible' }
  | { readonly type: 'unknown'; readonly why: UnknownReason | string };

const held: Found = { type: 'holds' };
const impossible: Found = { type: 'impossible' };
const unproven: Found = { type: 'unknown', why: 'no order was found that proves it' };

const isOrdered = (model: TransactionModel): model is OrderedModel =>
  model === 'snapshot-isolation' || model === 'serializable' || model === 'strict-serializable';

export class Isolation {
  readonly #transactions: Transactions;
  readonly #sourcing: Sourcing;
  readonly #budget: Budget;
  readonly #watch: Watch;
  readonly #certain: Evidence;
  #likely: Evidence | null = null;
  #uncommitted: UncommittedReads | null = null;

  constructor(
    transactions: Transactions,
    listKeys: ReadonlySet<number>,
    valueCount: number,
    budget: Budget,
  ) {
    this.#transactions = transactions;
    this.#budget = budget;
    this.#watch = watchOf(budget);
    this.#sourcing = new Sourcing(transactions, listKeys, valueCount);
    this.#certain = this.#evidenceOf(this.#sourcing.resolve(noChoices));
  }

  get certain(): Evidence {
    return this.#certain;
  }

  /** Whether one look is enough to see that a strong model holds, and with that most of the others. */
  quicklyHolds(model: OrderedModel): boolean {
    if (this.#certain.sources.anomalies.length > 0) return false;
    const evidence = this.#likelyEvidence();
    return this.#isOrdered(model, evidence);
  }

  /** What is certain against the model; `null` when that is not enough. */
  against(model: TransactionModel): Against | null {
    if (model !== 'read-uncommitted') return this.#certain.against(model);
    const [anomaly] = this.#uncommittedReads().anomalies;
    if (anomaly !== undefined) return { type: 'direct', anomaly };
    const edges = this.#uncommittedReads().circle();
    return edges === null ? null : { type: 'circle', edges };
  }

  /** To be asked where nothing is against the model. */
  decide(model: TransactionModel, budget: Budget): Found {
    if (model === 'read-uncommitted') {
      const order = this.#uncommittedReads().order();
      if (order === null) return impossible;
      return this.#uncommittedReads().isWitness(order) ? held : unproven;
    }
    return isOrdered(model) ? this.#byOrder(model, budget) : this.#byReading(model, budget);
  }

  #byReading(model: 'read-committed' | 'read-atomic' | 'causal', budget: Budget): Found {
    const { sources } = this.#certain;
    if (isDecided(sources)) return this.#proves(model, this.#certain) ? held : unproven;
    const likely = this.#likelyEvidence();
    const isLikely = isDecided(likely.sources) && likely.against(model) === null;
    if (isLikely && this.#proves(model, likely)) return held;
    const isPossible = (some: typeof sources) => this.#evidenceOf(some).against(model) === null;
    const found = search(this.#sourcing, sources, isPossible, budget);
    if (found === null) return impossible;
    return this.#proves(model, this.#evidenceOf(found)) ? held : unproven;
  }

  #proves(model: 'read-committed' | 'read-atomic' | 'causal', evidence: Evidence): boolean {
    const witness = evidence.witness(model);
    return witness !== null && this.#isWitness(model, witness);
  }

  #isWitness(model: Exclude<TransactionModel, 'read-uncommitted'>, witness: Witness): boolean {
    return isWitness(model, this.#transactions.live, witness, this.#watch);
  }

  #byOrder(model: OrderedModel, budget: Budget): Found {
    const likely = this.#likelyEvidence();
    if (likely.against(model) === null && this.#isOrdered(model, likely)) return held;
    const { sources, dependencies } = this.#certain;
    const solution = orderWrites(model, sources, dependencies, budget);
    if (solution.type === 'circle') return impossible;
    if (!isDecided(sources)) return this.#bySearch(model, budget);
    if (solution.type === 'unknown') return solution;
    const isIn = (event: number) =>
      sources.happened[model === 'snapshot-isolation' ? event >> 1 : event] === 1;
    const order = solution.order.filter(isIn);
    return this.#isWitness(model, { order, sourceOf: () => undefined }) ? held : unproven;
  }

  #isOrdered(model: OrderedModel, evidence: Evidence): boolean {
    const halves = model === 'snapshot-isolation';
    const of = (one: OrderedModel) =>
      orderBy(evidence.sources, { halves, arrows: evidence.arrowsFor(one) }, this.#watch);
    // Time shows the way where it need not be kept.
    const order = (model === 'serializable' ? of('strict-serializable') : null) ?? of(model);
    return order !== null && this.#isWitness(model, { order, sourceOf: () => undefined });
  }

  /** By what the database holds rather than by who wrote it. */
  #bySearch(model: OrderedModel, budget: Budget): Found {
    const { live } = this.#transactions;
    const options = {
      halves: model === 'snapshot-isolation',
      keepsTime: model === 'strict-serializable',
    };
    const found = new StatesSearch(live, this.#certain.sources.access, options).run(budget);
    if (found.type === 'unknown') return found;
    if (found.type === 'none') return impossible;
    const { order } = found;
    return this.#isWitness(model, { order, sourceOf: () => undefined }) ? held : unproven;
  }

  #likelyEvidence(): Evidence {
    if (this.#likely === null) {
      const { sources } = this.#certain;
      this.#likely = isDecided(sources)
        ? this.#certain
        : this.#evidenceOf(guess(this.#sourcing, sources, this.#budget));
    }
    return this.#likely;
  }

  #uncommittedReads(): UncommittedReads {
    this.#uncommitted ??= new UncommittedReads(
      this.#transactions,
      this.#certain.sources.written,
      this.#watch,
    );
    return this.#uncommitted;
  }

  #evidenceOf(sources: Evidence['sources']): Evidence {
    return new Evidence(sources, this.#watch, this.#budget);
  }
}
