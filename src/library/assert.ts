/** What `import … from 'kvx/assert'` gives: assertions for node:test, and for whatever else runs tests. */
import { AssertionError } from 'node:assert';
import type { ModelName } from '../check/models.js';
import { type JudgeBy, modelCalled, type Recorded, verdictOn } from './verdict.js';

export type { History } from '../history/history.js';
export type { JudgeBy, Recorded } from './verdict.js';

/**
 * Throws an `AssertionError` unless the history satisfies the model, with the evidence as `kvx check` prints it; also where the
 * judge could not decide. `model`: a name of `kvx check --model`, or what it is called, such as `monotonic reads`.
 */
export function assertSatisfies(history: Recorded, model: string, options?: JudgeBy): void {
  assertModel(history, modelCalled(model), options, assertSatisfies);
}

/** Each key as if its operations came one after another, each between its beginning and its end. */
export function assertLinearizable(history: Recorded, options?: JudgeBy): void {
  assertModel(history, 'linearizable', options, assertLinearizable);
}

/** Each key as if its operations came one after another, those of a session in its order. */
export function assertSequential(history: Recorded, options?: JudgeBy): void {
  assertModel(history, 'sequential', options, assertSequential);
}

/** Causes are seen before effects, and concurrent writes in one order by all. */
export function assertCausal(history: Recorded, options?: JudgeBy): void {
  assertModel(history, 'causal', options, assertCausal);
}

/** A read returns the last write that had ended, or one under way. */
export function assertRegular(history: Recorded, options?: JudgeBy): void {
  assertModel(history, 'regular', options, assertRegular);
}

/** All operations, transactions too, as if one after another, each between its beginning and its end. */
export function assertStrictSerializable(history: Recorded, options?: JudgeBy): void {
  assertModel(history, 'strict-serializable', options, assertStrictSerializable);
}

/** All operations, transactions too, as if one after another, whenever that was. */
export function assertSerializable(history: Recorded, options?: JudgeBy): void {
  assertModel(history, 'serializable', options, assertSerializable);
}

/** Once writing has stopped, all read the same: see `cluster.readEverywhere()`. */
export function assertEventuallyConsistent(history: Recorded, options?: JudgeBy): void {
  assertModel(history, 'eventual', options, assertEventuallyConsistent);
}

function assertModel(
  history: Recorded,
  model: ModelName,
  options: JudgeBy | undefined,
  // biome-ignore lint/complexity/noBannedTypes: what Node calls it, to leave it out of the stack.
  stackStartFn: Function,
): void {
  const { verdict, message } = verdictOn(history, model, options);
  if (verdict === 'holds') return;
  throw new AssertionError({
    message,
    actual: verdict,
    expected: 'holds',
    operator: model,
    stackStartFn,
  });
}
