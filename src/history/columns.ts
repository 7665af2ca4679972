import { GrowingTable } from '../core/growing-table.js';
import { type History, type Step, unsaid } from './history.js';

/** Past it comes an error rather than memory: a row is 62 bytes. */
export const operationsMax = 100_000_000;

const columns = {
  ...{ process: Int32Array, kind: Uint8Array, outcome: Uint8Array, key: Int32Array },
  ...{ written: Int32Array, expected: Int32Array, seen: Int32Array },
  ...{ invokedAt: Float64Array, returnedAt: Float64Array, node: Int32Array, session: Int32Array },
  ...{ versionStamp: Float64Array, versionNode: Int32Array, line: Int32Array },
};

/** What a row has of which nothing is said. */
const nothing = {
  ...{ key: unsaid, written: unsaid, expected: unsaid, seen: unsaid },
  ...{ node: unsaid, session: unsaid, versionNode: unsaid },
  ...{ returnedAt: Number.POSITIVE_INFINITY, versionStamp: Number.NaN },
};

/** The columns of a {@link History} while they grow. Most histories are short. */
export const historyTable = () => new GrowingTable(columns, nothing, 64);

/** The history of these operations alone; `keep` has a 1 for each. Ids and lines are those of the whole. */
export function selectOperations(history: History, keep: Uint8Array): History {
  const names = Object.keys(columns) as (keyof typeof columns)[];
  const kept = names.map((name) => [name, history[name].filter((_, at) => keep[at] === 1)]);
  const steps = new Map<number, readonly Step[]>();
  let count = 0;
  for (let at = 0; at < history.count; at++) {
    if (keep[at] !== 1) continue;
    const own = history.steps.get(at);
    if (own !== undefined) steps.set(count, own);
    count++;
  }
  return { ...history, ...Object.fromEntries(kept), count, steps };
}
