import { kindCode, outcomeCode } from '../../../history/event.js';
import type { History, Outcome, Step } from '../../../history/history.js';

export interface Drawn {
  readonly process: number;
  readonly outcome: Outcome;
  readonly start: number;
  /** Infinity for `info`. */
  readonly end: number;
  readonly steps: readonly Step[];
}

/** Keys are x, y, z…; a value is its number. */
export function historyOf(transactions: readonly Drawn[]): History {
  const count = transactions.length;
  const column = (value: number) => new Int32Array(count).fill(value);
  const values = transactions.flatMap(({ steps }) =>
    steps.flatMap(({ value }) => (value === null ? [] : value)),
  );
  return {
    count,
    process: Int32Array.from(transactions, ({ process }) => process),
    kind: new Uint8Array(count).fill(kindCode.txn),
    outcome: Uint8Array.from(transactions, ({ outcome }) => outcomeCode[outcome]),
    ...{ key: column(-1), written: column(-1), expected: column(-1), seen: column(-1) },
    invokedAt: Float64Array.from(transactions, ({ start }) => start),
    returnedAt: Float64Array.from(transactions, ({ end }) => end),
    ...{ node: column(-1), session: column(-1), versionNode: column(-1) },
    versionStamp: new Float64Array(count).fill(Number.NaN),
    line: Int32Array.from(transactions, (_, at) => at + 1),
    keys: ['x', 'y', 'z', 'u', 'v'],
    values: Array.from({ length: values.reduce((a, b) => Math.max(a, b), 0) + 1 }, (_, id) =>
      id === 0 ? null : String(id),
    ),
    ...{ nodes: [], sessions: [] },
    steps: new Map(transactions.map(({ steps }, at) => [at, steps])),
    faults: [],
  };
}
