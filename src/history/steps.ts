/** The steps of a transaction as they stand in a file. */
import type { HistoryBuilder } from './builder.js';
import { absent, type Step } from './history.js';
import { LineProblem } from './problem.js';
import { known, stepWords } from './words.js';

/** The text of a key or a value; `null` of absence. Each format has its own. */
export type TextOf = (value: unknown) => string | null;

/**
 * `["r", key, value]`, `["w", key, value]` and `["append", key, value]`, whose functions have other names too; also
 * `["delete", key]` (a write of absence) and `["check", key, expected]` (a read of what it expected, since the transaction
 * is refused otherwise). A value read that is a list is a list of values, not one.
 */
export function stepsFrom(value: unknown, builder: HistoryBuilder, textOf: TextOf): Step[] {
  if (!Array.isArray(value)) throw new LineProblem('the value of a txn is a list of steps');
  return value.map((step: unknown) => stepFrom(step, builder, textOf));
}

function stepFrom(step: unknown, builder: HistoryBuilder, textOf: TextOf): Step {
  if (!Array.isArray(step) || step.length < 2 || step.length > 3) {
    throw new LineProblem('a step of a txn is [function, key, value]');
  }
  const [word, keyText, value = null] = step as unknown[];
  const f =
    typeof word === 'string' && Object.hasOwn(stepWords, word) ? stepWords[word] : undefined;
  const text = textOf(keyText);
  if (f === undefined || text === null) {
    throw new LineProblem(
      `a step of a txn is [function, key, value], its function one of ${known(stepWords)}`,
    );
  }
  const key = builder.keys.internText(text);
  const one = (): number => builder.value(textOf(value));
  switch (f) {
    case 'r':
      return { f, key, value: Array.isArray(value) ? listOf(value, builder, textOf) : one() };
    case 'check':
      return { f: 'r', key, value: one() };
    case 'delete':
      return { f: 'w', key, value: absent };
    case 'w':
      return { f, key, value: one() };
    case 'append':
      if (value === null) throw new LineProblem('an append needs a value other than null');
      return { f, key, value: one() };
  }
}

const listOf = (items: readonly unknown[], builder: HistoryBuilder, textOf: TextOf): number[] =>
  items.map((item) => builder.value(textOf(item)));
