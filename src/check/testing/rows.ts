import { kindCode, outcomeCode } from '../../history/event.js';
import { type History, type Kind, type Outcome, unsaid } from '../../history/history.js';

/** One operation of a history as tests write it. `value`: what was written, read, or (of a cas) `[expected, written]`. */
export interface Row {
  readonly process: number;
  readonly f: Exclude<Kind, 'append' | 'txn'>;
  readonly value?: string | null | readonly [string | null, string | null];
  readonly from: number;
  readonly to?: number;
  readonly outcome?: Outcome;
  readonly key?: string;
  readonly node?: string;
  readonly session?: string;
  readonly version?: number;
  /** What a refused conditional write met. */
  readonly met?: string | null;
}

class Names {
  readonly list: (string | null)[];
  constructor(first: readonly (string | null)[]) {
    this.list = [...first];
  }
  id(name: string | null): number {
    const at = this.list.indexOf(name);
    return at === -1 ? this.list.push(name) - 1 : at;
  }
}

/** Rows in any order; operations without an end are open for ever. */
export function historyOf(given: readonly Row[]): History {
  const rows = [...given].sort((a, b) => a.from - b.from);
  const [keys, values] = [new Names([]), new Names([null])];
  const [nodes, sessions] = [new Names([]), new Names([])];
  const column = (of: (row: Row, at: number) => number) => Int32Array.from(rows, of);
  const written = ({ f, value }: Row) => {
    if (f === 'get') return unsaid;
    return values.id(f === 'delete' ? null : Array.isArray(value) ? value[1] : (value as string));
  };
  const seen = ({ f, value, met, outcome = 'ok' }: Row) => {
    if (f === 'get') return outcome === 'ok' ? values.id((value ?? null) as string | null) : unsaid;
    return met === undefined ? unsaid : values.id(met);
  };
  const outcomeOf = ({ outcome, to }: Row): Outcome =>
    outcome ?? (to === undefined ? 'info' : 'ok');
  return {
    count: rows.length,
    process: column(({ process }) => process),
    kind: Uint8Array.from(rows, ({ f }) => kindCode[f]),
    outcome: Uint8Array.from(rows, (row) => outcomeCode[outcomeOf(row)]),
    key: column(({ key = 'x' }) => keys.id(key)),
    written: column(written),
    expected: column(({ f, value }) =>
      f === 'cas' ? values.id((value as readonly (string | null)[])[0] ?? null) : unsaid,
    ),
    seen: column(seen),
    invokedAt: Float64Array.from(rows, ({ from }) => from),
    returnedAt: Float64Array.from(rows, (row) =>
      outcomeOf(row) === 'info' ? Number.POSITIVE_INFINITY : (row.to as number),
    ),
    node: column(({ node }) => (node === undefined ? unsaid : nodes.id(node))),
    session: column(({ session }) => (session === undefined ? unsaid : sessions.id(session))),
    versionStamp: Float64Array.from(rows, ({ version = Number.NaN }) => version),
    versionNode: column(({ version }) => (version === undefined ? unsaid : nodes.id('n1'))),
    line: column((_, at) => at + 1),
    keys: keys.list as string[],
    values: values.list,
    nodes: nodes.list as string[],
    sessions: sessions.list as string[],
    steps: new Map(),
    faults: [],
  };
}
