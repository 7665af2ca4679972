import { holds, type ModelVerdict, unknownBecause, violated } from '../finding.js';
import type { Budget } from '../register/operations.js';
import { depthFirst } from '../search/depth-first.js';
import type { Model } from '../search/model.js';
import type { ObjectCall } from './calls.js';

/** Linearizability by search. `tell`: the sentence of a core, its calls in the order in which they began. */
export function searched<State, Operation>(
  model: Model<State, Operation>,
  asked: readonly { readonly call: ObjectCall; readonly operation: Operation }[],
  budget: Budget,
  tell: (core: readonly ObjectCall[]) => string,
): ModelVerdict {
  const sorted = [...asked].sort((a, b) => a.call.at - b.call.at);
  const calls = sorted.map(({ call: { start, end }, operation }) => ({ operation, start, end }));
  const verdict = depthFirst(model, calls, budget);
  switch (verdict.type) {
    case 'holds':
      return holds;
    case 'unknown':
      return unknownBecause(verdict.why);
    default: {
      const core = verdict.core.map((at) => (sorted[at] as { readonly call: ObjectCall }).call);
      return violated({
        anomaly: 'contradiction',
        sentence: tell(core),
        operations: core.map(({ at }) => at),
        culprit: core.at(-1)?.at ?? -1,
      });
    }
  }
}
