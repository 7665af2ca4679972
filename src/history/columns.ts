import { type History, type Step, unsaid } from './history.js';

/** Past it comes an error rather than memory: a row is 62 bytes. */
export const operationsMax = 100_000_000;

/** By column: what its numbers are, and which of them says that nothing is said. */
const columns = {
  process: [Int32Array, 0],
  kind: [Uint8Array, 0],
  outcome: [Uint8Array, 0],
  key: [Int32Array, unsaid],
  written: [Int32Array, unsaid],
  expected: [Int32Array, unsaid],
  seen: [Int32Array, unsaid],
  invokedAt: [Float64Array, 0],
  returnedAt: [Float64Array, Number.POSITIVE_INFINITY],
  node: [Int32Array, unsaid],
  session: [Int32Array, unsaid],
  versionStamp: [Float64Array, Number.NaN],
  versionNode: [Int32Array, unsaid],
  line: [Int32Array, 0],
} as const;

type ColumnName = keyof typeof columns;
type Column = Int32Array | Uint8Array | Float64Array;
type Table = Pick<History, ColumnName>;

/** A table of the columns, each as `make` makes it. */
function tableOf(make: (name: ColumnName) => Column): Table {
  const names = Object.keys(columns) as ColumnName[];
  return Object.fromEntries(names.map((name) => [name, make(name)])) as unknown as Table;
}

/** The columns of a {@link History} while they grow, row by row. */
export class Columns {
  count = 0;
  /** Rows that are not counted yet say nothing. */
  rows = emptyTable(64);
  readonly steps = new Map<number, readonly Step[]>();

  /** A row of its own for one more operation, about which nothing is said. */
  add(): number {
    const at = this.count++;
    if (at === this.rows.process.length) {
      const larger = emptyTable(at * 2);
      for (const name of Object.keys(columns) as ColumnName[]) larger[name].set(this.rows[name]);
      this.rows = larger;
    }
    return at;
  }

  finish(names: Pick<History, 'keys' | 'values' | 'nodes' | 'sessions' | 'faults'>): History {
    const { count, steps, rows } = this;
    return { count, ...tableOf((name) => rows[name].slice(0, count)), steps, ...names };
  }
}

const emptyTable = (length: number): Table =>
  tableOf((name) => {
    const [Numbers, nothing] = columns[name];
    return new Numbers(length).fill(nothing);
  });

/** The history of these operations alone; `keep` has a 1 for each. Ids and lines are those of the whole. */
export function selectOperations(history: History, keep: Uint8Array): History {
  const rows = tableOf((name) => history[name].filter((_, at) => keep[at] === 1));
  const steps = new Map<number, readonly Step[]>();
  let count = 0;
  for (let at = 0; at < history.count; at++) {
    if (keep[at] !== 1) continue;
    const own = history.steps.get(at);
    if (own !== undefined) steps.set(count, own);
    count++;
  }
  return { ...history, ...rows, count, steps };
}
