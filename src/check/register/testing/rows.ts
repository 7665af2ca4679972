import { type RegisterOperations, registerKinds } from '../operations.js';

/** One operation, for histories that a person writes; `end` of Infinity: it may have happened at any later time, or never. */
export interface Row {
  readonly kind: keyof typeof registerKinds;
  readonly value: number;
  /** Of `cas`. */
  readonly expected: number;
  readonly start: number;
  readonly end: number;
}

export const never = Number.POSITIVE_INFINITY;

const row = (
  kind: Row['kind'],
  value: number,
  expected: number,
  start: number,
  end: number,
): Row => ({ kind, value, expected, start, end });

export const read = (value: number, start: number, end: number) =>
  row('read', value, 0, start, end);
export const write = (value: number, start: number, end: number) =>
  row('write', value, 0, start, end);
export const remove = (start: number, end: number) => write(0, start, end);
export const cas = (expected: number, value: number, start: number, end: number) =>
  row('cas', value, expected, start, end);
export const update = (value: number, start: number, end: number) =>
  row('update', value, 0, start, end);

export function operationsOf(rows: readonly Row[], initial = 0): RegisterOperations {
  return {
    count: rows.length,
    kind: Uint8Array.from(rows, ({ kind }) => registerKinds[kind]),
    value: Int32Array.from(rows, ({ value }) => value),
    expected: Int32Array.from(rows, ({ expected }) => expected),
    start: Float64Array.from(rows, ({ start }) => start),
    end: Float64Array.from(rows, ({ end }) => end),
    initial,
  };
}

const kindNames = Object.keys(registerKinds) as (keyof typeof registerKinds)[];

export function rowsOf(operations: RegisterOperations): Row[] {
  return Array.from({ length: operations.count }, (_, at) => ({
    kind: kindNames[operations.kind[at] as number] as Row['kind'],
    value: operations.value[at] as number,
    expected: operations.expected[at] as number,
    start: operations.start[at] as number,
    end: operations.end[at] as number,
  }));
}

/** For messages of tests that fail: one operation a line, ready to be pasted into a test. */
export function printed(operations: RegisterOperations): string {
  const lines = rowsOf(operations).map(({ kind, value, expected, start, end }) => {
    const times = `${start}, ${end === never ? 'never' : end}`;
    if (kind === 'cas') return `cas(${expected}, ${value}, ${times}),`;
    if (kind === 'write' && value === 0) return `remove(${times}),`;
    return `${kind}(${value}, ${times}),`;
  });
  return `initial ${operations.initial}\n${lines.join('\n')}`;
}
