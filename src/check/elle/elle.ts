/**
 * Which isolation a history of transactions shows: K. Kingsbury and P. Alvaro, "Elle: inferring isolation anomalies from
 * experimental observations", VLDB 2020, on lists that are appended to and on registers.
 *
 * Every value is written once, so that a read names the transaction it depends on; a list read tells the order of the
 * appends before it. Who must come before whom makes a graph, whose cycles are anomalies:
 *
 * | a cycle of | is | forbidden by |
 * |---|---|---|
 * | ww | G0 | read uncommitted |
 * | ww, wr | G1c | read committed |
 * | ww, wr, rw, no two rw one after the other | G-single, G-nonadjacent | snapshot isolation (Cerone & Gotsman 2016) |
 * | ww, wr, rw | G2-item | serializable |
 * | these and time | …-process, …-realtime | strict serializable |
 *
 * A model *holds* by an order of all transactions that has been replayed, or because a stronger one does; the weaker ones
 * also where the order of all writes is known and there is no cycle, as that is how they are defined.
 */
import type { History } from '../../history/history.js';
import { atMost, BudgetSpent, type Watch, watchOf } from '../budget.js';
import { holds, type Judgement, unknown, violated } from '../finding.js';
import type { Budget } from '../register/operations.js';
import { depthFirst } from '../search/depth-first.js';
import { transactionsModel } from '../search/transactions-model.js';
import { kindsOfKeys } from './access.js';
import { type DirectAnomaly, type TransactionModel, transactionModels } from './anomaly.js';
import { shortenInTime, toEdges } from './cycle-edges.js';
import { shortCycle } from './cycles.js';
import { type Dependencies, dependenciesOf } from './dependencies.js';
import { directAnomalies } from './direct.js';
import { arrowsInTime, type Edge, edgeTypes, lonelyArrows, plainArrows } from './graph.js';
import { isProof, orderBy } from './order.js';
import { tellCycle, tellDirect } from './tell.js';
import { type Transaction, transactionsOf } from './transactions.js';
import { type Committed, committedOf } from './written.js';

export type TransactionJudgements = ReadonlyMap<TransactionModel, Judgement>;

const { ww, wwAfterRead, wr, rw, process, wwByTime, rwByTime } = edgeTypes;
const readCommitted = ww | wwAfterRead | wr;
const serializable = readCommitted | rw;
const strict = serializable | process | wwByTime | rwByTime;

/** Up to so many transactions all orders are tried where the graph does not tell. */
const searchedMax = 200;
const questionsMax = 2000;
/** About what a transaction costs here with its steps and edges. */
const transactionBytes = 2000;

export function judgeTransactions(history: History, budget: Budget): TransactionJudgements {
  try {
    return new Elle(history, budget).judge();
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
    return new Map(transactionModels.map((model) => [model, unknown(error.why)]));
  }
}

class Elle {
  readonly #history: History;
  readonly #budget: Budget;
  readonly #watch: Watch;
  readonly #committed: Committed;
  readonly #live: readonly Transaction[];
  readonly #isVague: boolean;
  /** Why the graph tells nothing; `null` when it does. */
  readonly #obstacle: string | null;
  /** Some key is used in two ways, so that what its values mean is not known. */
  readonly #isMixed: boolean;
  readonly #anomalies: readonly DirectAnomaly[];
  readonly #dependencies: Dependencies | null;

  constructor(history: History, budget: Budget) {
    this.#history = history;
    this.#budget = budget;
    this.#watch = watchOf(budget);
    const transactions = transactionsOf(history);
    this.#live = transactions.live;
    this.#isVague = transactions.isVague;
    this.#committed = committedOf(transactions, history.values.length);
    const { lists, mixed } = kindsOfKeys(transactions.live);
    this.#isMixed = mixed.length > 0;
    this.#obstacle = this.#obstacleOf(mixed);
    if (this.#obstacle === null) {
      this.#dependencies = dependenciesOf(this.#committed, lists, this.#watch);
      const direct = directAnomalies(this.#committed);
      this.#anomalies = [...direct, ...this.#dependencies.anomalies];
    } else {
      this.#dependencies = null;
      this.#anomalies = [];
    }
  }

  judge(): TransactionJudgements {
    const judgements = new Map<TransactionModel, Judgement>();
    let worst: Judgement | null = null;
    for (const model of transactionModels) {
      const judgement: Judgement = worst ?? this.#judgeInTime(model);
      judgements.set(model, judgement);
      if (judgement.type === 'violated') worst = judgement;
    }
    // What holds makes all that is weaker hold.
    let known: Judgement | null = null;
    for (const model of transactionModels.toReversed()) {
      if (judgements.get(model)?.type === 'holds') known = holds;
      if (known !== null) judgements.set(model, known);
    }
    return judgements;
  }

  #obstacleOf(mixed: readonly number[]): string | null {
    const [key] = mixed;
    if (key !== undefined)
      return `key ${this.#history.keys[key]} is both appended to and used as a single value`;
    if (this.#committed.written.hasRepeats) {
      return 'some value was written to a key more than once, so that nobody knows whose was read';
    }
    return null;
  }

  #judgeInTime(model: TransactionModel): Judgement {
    try {
      return this.#judge(model);
    } catch (error) {
      if (!(error instanceof BudgetSpent)) throw error;
      return unknown(error.why);
    }
  }

  #judge(model: TransactionModel): Judgement {
    const bytes = transactionBytes * this.#live.length;
    const why = this.#budget.spent(bytes);
    if (why !== null) return unknown(why);
    const direct = this.#anomalies.find(({ forbiddenBy }) => forbiddenBy === model);
    if (direct !== undefined) return violated(tellDirect(this.#history, direct));
    const cycle = this.#cycleAgainst(model);
    if (cycle !== null) {
      return violated(tellCycle(this.#history, cycle, this.#committed.transactions));
    }
    const keepsTime = model === 'strict-serializable';
    if (keepsTime || model === 'serializable') return this.#byOrder(keepsTime);
    if (this.#obstacle !== null) return unknown(this.#obstacle);
    if (this.#dependencies?.isComplete && !this.#isVague) return holds;
    return unknown('the order of some writes cannot be told from what was read');
  }

  /** A short one that the model forbids. */
  #cycleAgainst(model: TransactionModel): Edge[] | null {
    if (this.#dependencies === null) return null;
    const { edges } = this.#dependencies.edges;
    const { transactions } = this.#committed;
    const nodes = transactions.length;
    const cycleOf = (types: number) => {
      const cycle = shortCycle(plainArrows(edges, nodes, types), this.#watch);
      return cycle === null ? null : toEdges(cycle, edges);
    };
    switch (model) {
      case 'read-uncommitted':
        return cycleOf(ww);
      case 'read-committed':
        return cycleOf(readCommitted);
      case 'snapshot-isolation': {
        const cycle = shortCycle(lonelyArrows(edges, nodes, serializable, rw), this.#watch);
        return cycle === null ? null : toEdges(cycle, edges);
      }
      case 'serializable':
        return cycleOf(serializable);
      default: {
        // What was read tells more than in which order things were written.
        const inTime = [strict & ~wwByTime, strict].map((types) => {
          const cycle = shortCycle(arrowsInTime(edges, transactions, types), this.#watch);
          return cycle && shortenInTime(toEdges(cycle, edges), transactions);
        });
        const found = [cycleOf(serializable | process), ...inTime].filter(
          (cycle) => cycle !== null,
        );
        return found.sort((a, b) => a.length - b.length)[0] ?? null;
      }
    }
  }

  #byOrder(keepsTime: boolean): Judgement {
    const { transactions } = this.#committed;
    if (this.#dependencies !== null && !this.#isVague) {
      const { edges } = this.#dependencies.edges;
      const inTime = arrowsInTime(edges, transactions, strict);
      const order =
        orderBy(this.#committed, inTime, this.#watch) ??
        (keepsTime
          ? null
          : orderBy(
              this.#committed,
              plainArrows(edges, transactions.length, serializable),
              this.#watch,
            ));
      if (order !== null && isProof(transactions, order, keepsTime)) return holds;
    }
    if (this.#isMixed || this.#live.length > searchedMax) {
      return unknown(this.#obstacle ?? 'no order was found, and no proof that there is none');
    }
    return this.#bySearch(keepsTime);
  }

  #bySearch(keepsTime: boolean): Judgement {
    const calls = this.#live.map(({ steps, start, end }) => ({
      operation: steps,
      start: keepsTime ? start : 0,
      end: keepsTime || end === Number.POSITIVE_INFINITY ? end : 1,
    }));
    const budget = atMost(questionsMax, this.#budget);
    const verdict = depthFirst(transactionsModel, calls, budget);
    if (verdict.type === 'unknown') return unknown(this.#obstacle ?? verdict.why);
    if (verdict.type === 'holds') {
      return this.#isVague ? unknown('what an update found is not recorded') : holds;
    }
    const operations = verdict.core.map((at) => this.#live[at]?.at as number);
    return violated({
      ...{ anomaly: 'no order', operations, culprit: -1, because: [] },
      sentence: 'no order of these transactions explains what they saw',
    });
  }
}
