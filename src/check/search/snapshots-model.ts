import type { Step } from '../../history/history.js';
import type { Call, Model } from './model.js';
import { type Database, run, transactionsModel } from './transactions-model.js';

/** Each transaction twice: call 2n is where it takes its snapshot, 2n + 1 where it commits. */
export interface HalfTransaction {
  readonly at: number;
  readonly isCommit: boolean;
  readonly steps: readonly Step[];
}

export interface Snapshots {
  readonly database: Database;
  /** Those that have taken their snapshots and have not committed. */
  readonly active: ReadonlySet<number>;
  /** Keys that they write. */
  readonly writing: ReadonlySet<number>;
}

export function snapshotCalls(
  transactions: readonly { readonly steps: readonly Step[]; readonly end: number }[],
): Call<HalfTransaction>[] {
  return transactions.flatMap(({ steps, end }, at) =>
    [false, true].map((isCommit) => ({
      ...{ operation: { at, isCommit, steps }, start: 0 },
      end: end === Number.POSITIVE_INFINITY ? end : 1,
    })),
  );
}

const keysWritten = (steps: readonly Step[]) =>
  new Set(steps.flatMap(({ f, key }) => (f === 'r' ? [] : [key])));

/**
 * Snapshot isolation: a transaction reads the database as it is when it takes its snapshot, and nobody else writes what it
 * is about to write until it commits. Who is active follows from which calls have been made.
 */
export const snapshotsModel: Model<Snapshots, HalfTransaction> = {
  initial: { database: transactionsModel.initial, active: new Set(), writing: new Set() },
  step(state, { at, isCommit, steps }) {
    const { database, active, writing } = state;
    const written = keysWritten(steps);
    if (!isCommit) {
      const isFree = [...written].every((key) => !writing.has(key));
      if (!isFree || run(database, steps) === null) return [false, state];
      const after = new Set([...writing, ...written]);
      return [true, { database, active: new Set([...active, at]), writing: after }];
    }
    if (!active.has(at)) return [false, state];
    // What it wrote is what it would write now: nobody else has written those keys since.
    const own =
      run(
        database,
        steps.filter(({ f }) => f !== 'r'),
      ) ?? database;
    return [
      true,
      {
        database: own,
        active: new Set([...active].filter((other) => other !== at)),
        writing: new Set([...writing].filter((key) => !written.has(key))),
      },
    ];
  },
  equal: (a, b) => transactionsModel.equal(a.database, b.database),
  hash: ({ database }) => transactionsModel.hash(database),
  bytes: ({ database, active, writing }) => 100 * database.size + 50 * (active.size + writing.size),
};
