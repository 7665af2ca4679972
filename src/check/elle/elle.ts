/**
 * Which isolation a history of transactions shows. What is read tells who read from whom, and a list read the order of the
 * appends before it (K. Kingsbury and P. Alvaro, "Elle: inferring isolation anomalies from experimental observations",
 * VLDB 2020). Who must come before whom makes a graph, whose circles are anomalies:
 *
 * | a circle of | is | forbidden by |
 * |---|---|---|
 * | appends, as lists show them | G0 | read uncommitted |
 * | ww, wr | G1c | read committed |
 * | these, and what an atomic read demands | fractured read | read atomic |
 * | wr, sessions, and what dependencies demand | | causal |
 * | ww, wr, rw, no two rw one after the other | G-single, G-nonadjacent | snapshot isolation (Cerone & Gotsman 2016) |
 * | ww, wr, rw | G2-item | serializable |
 * | these and time | …-process, …-realtime | strict serializable |
 *
 * A model *holds* by an order of all transactions that has been replayed (`witness.ts`), or because a stronger one does.
 * For the models up to causal there is no more to know than the graph; the stronger ones look for an order of the writes
 * of single values, too. Where values were written more than once, so that nobody knows whose was read, all ways are
 * tried (`choices.ts`).
 */
import type { History } from '../../history/history.js';
import { askBudget, atMost, type Budget, Undecided } from '../budget.js';
import { smallestCore } from '../cores/shrink.js';
import { holds, type ModelVerdict, unknownBecause, violated } from '../finding.js';
import { kindsOfKeys } from './access.js';
import { type TransactionModel, transactionModels, weakerModels } from './anomaly.js';
import type { Against } from './evidence.js';
import { operationsAgainst } from './evidence.js';
import { Isolation, type IsolationFound, isOrdered } from './isolation.js';
import { tellAgainst } from './tell.js';
import { relaxed, type SeenTransactions, transactionsOf } from './transactions.js';

export type TransactionJudgements = ReadonlyMap<TransactionModel, ModelVerdict>;

/** About what a transaction costs here with its steps and edges. */
const transactionBytes = 2000;
/** Making a core smaller is worth about a second. */
const coreQuestions = 1000;

/** `begin`: a budget of that share of the time that is left. `wanted`: the models asked for, at least. */
export function judgeTransactions(
  history: History,
  begin: (share: number) => Budget,
  wanted: readonly TransactionModel[] = transactionModels,
  initials: ReadonlyMap<number, number> = new Map(),
): TransactionJudgements {
  const judgements = new Map<TransactionModel, ModelVerdict>();
  try {
    new Elle(transactionsOf(history, initials), history, begin, judgements).judge(wanted);
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    for (const model of transactionModels) {
      if (!judgements.has(model)) judgements.set(model, unknownBecause(error.why));
    }
  }
  return judgements;
}

class Elle {
  readonly #history: History;
  readonly #begin: (share: number) => Budget;
  readonly #transactions: SeenTransactions;
  readonly #lists: ReadonlySet<number>;
  readonly #mixed: readonly number[];
  readonly #judgements: Map<TransactionModel, ModelVerdict>;

  constructor(
    transactions: SeenTransactions,
    history: History,
    begin: (share: number) => Budget,
    judgements: Map<TransactionModel, ModelVerdict>,
  ) {
    this.#history = history;
    this.#begin = begin;
    this.#judgements = judgements;
    this.#transactions = transactions;
    const { lists, mixed } = kindsOfKeys(this.#transactions.live);
    this.#lists = lists;
    this.#mixed = mixed;
  }

  judge(wanted: readonly TransactionModel[]): void {
    const budget = this.#begin(1);
    askBudget(budget, transactionBytes * this.#transactions.live.length);
    const [key] = this.#mixed;
    if (key !== undefined) {
      const why = `key ${this.#history.keys[key]} is both appended to and used as a single value`;
      for (const model of transactionModels) this.#judgements.set(model, unknownBecause(why));
      return;
    }
    const isolation = this.#isolationOf(this.#transactions, budget);
    const settles = (model: TransactionModel) =>
      wanted.some((one) => one === model || weakerModels[model].includes(one));
    const holdWhatHolds = (how: 'quickly' | 'patiently') => {
      for (const model of ['strict-serializable', 'serializable', 'snapshot-isolation'] as const) {
        const isOpen = !this.#judgements.has(model) && settles(model);
        if (isOpen && isolation.holds(model, how)) this.#hold(model);
      }
    };
    holdWhatHolds('quickly');
    if (wanted.every((model) => this.#judgements.has(model))) return;
    for (const model of this.#open()) {
      const against = isolation.against(model);
      if (against !== null) this.#violate(model, against, isolation);
    }
    holdWhatHolds('patiently');
    for (const model of transactionModels) {
      if (wanted.includes(model) && !this.#judgements.has(model)) this.#decide(model, isolation);
    }
  }

  #isolationOf(transactions: SeenTransactions, budget: Budget): Isolation {
    return new Isolation(transactions, this.#lists, this.#history.values.length, budget);
  }

  #open(): TransactionModel[] {
    return transactionModels.filter((model) => !this.#judgements.has(model));
  }

  #hold(model: TransactionModel): void {
    const isProved = isOrdered(model) || !this.#transactions.isVague;
    const judgement = isProved ? holds : unknownBecause('what an update found is not recorded');
    for (const one of [model, ...weakerModels[model]]) {
      if (!this.#judgements.has(one)) this.#judgements.set(one, judgement);
    }
  }

  /** And with it all that is stronger. */
  #violate(model: TransactionModel, against: Against, isolation: Isolation): void {
    const { sources } = isolation.certain;
    const operations = operationsAgainst(against, sources);
    const finding = tellAgainst(this.#history, against, operations, this.#transactions.live);
    for (const one of transactionModels) {
      const isStronger = one === model || weakerModels[one].includes(model);
      if (isStronger && !this.#judgements.has(one)) this.#judgements.set(one, violated(finding));
    }
  }

  #decide(model: TransactionModel, isolation: Isolation): void {
    const budget = this.#begin(0.5);
    const found = inTime(() => isolation.decide(model, budget));
    switch (found.type) {
      case 'holds':
        return this.#hold(model);
      case 'violated':
        return this.#violate(model, found.against, isolation);
      case 'impossible':
        return this.#violate(model, { type: 'core', by: this.#coreOf(model) }, isolation);
      case 'unknown':
        this.#judgements.set(model, unknownBecause(found.why));
    }
  }

  /** Transactions that are impossible, whatever the others did. */
  #coreOf(model: TransactionModel): number[] {
    const budget = atMost(coreQuestions, this.#begin(0.1));
    const isImpossible = (some: readonly number[]) => {
      const found = inTime(() => {
        askBudget(budget);
        const isolation = this.#isolationOf(relaxed(this.#transactions, new Set(some)), budget);
        const isRefuted = isolation.against(model) !== null;
        return isRefuted ? ({ type: 'impossible' } as const) : isolation.decide(model, budget);
      });
      if (found.type === 'unknown') return 'spent';
      return found.type === 'holds' ? 'no' : 'yes';
    };
    // What may have happened is of use where it is known what it would have read.
    const { live } = this.#transactions;
    const isOpen = (by: number) => Number(live[by]?.end === Number.POSITIVE_INFINITY);
    const all = live.map((_, by) => by).sort((a, b) => isOpen(a) - isOpen(b) || a - b);
    return smallestCore(all, isImpossible);
  }
}

function inTime(work: () => IsolationFound): IsolationFound {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    return { type: 'unknown', why: error.why };
  }
}
