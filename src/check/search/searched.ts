import type { Budget } from '../budget.js';
import type { Narrator } from '../evidence/narrator.js';
import { type ModelVerdict, verdictOf } from '../finding.js';
import { depthFirst } from './depth-first.js';
import type { Model } from './model.js';

export interface Asked<Operation> {
  readonly call: {
    /** Its index in the history. */
    readonly at: number;
    readonly start: number;
    readonly end: number;
  };
  readonly operation: Operation;
}

/** The sentence of a core, its operations in the order in which they began. */
type TellCore = (core: readonly number[]) => string;

export const unexplained =
  (narrator: Narrator, what: string): TellCore =>
  (core) => {
    const last = core.at(-1) as number;
    return `${narrator.whoDid(last)}, which no order of ${what} before it explains`;
  };

/** Linearizability by search. */
export function searched<State, Operation>(
  model: Model<State, Operation>,
  asked: readonly Asked<Operation>[],
  budget: Budget,
  tell: TellCore,
): ModelVerdict {
  const sorted = [...asked].sort((a, b) => a.call.at - b.call.at);
  const calls = sorted.map(({ call: { start, end }, operation }) => ({ operation, start, end }));
  return verdictOf(depthFirst(model, calls, budget), ({ core }) => {
    const operations = core.map((nth) => (sorted[nth] as Asked<Operation>).call.at);
    const culprit = operations.at(-1) ?? -1;
    return { anomaly: 'contradiction', sentence: tell(operations), operations, culprit };
  });
}
