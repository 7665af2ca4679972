/** Histories at random, as the objects that stand in the lines of a file, and the rows they should become. */
import fc from 'fast-check';
import type { FaultSpan } from '../faults.js';
import type { Row } from './rows.js';

export interface ArbitraryHistory {
  readonly lines: readonly Record<string, unknown>[];
  readonly rows: readonly Row[];
  /** But for their lines. */
  readonly faults: readonly Omit<FaultSpan, 'line'>[];
}

const kinds = ['get', 'put', 'delete', 'insert', 'update', 'cas', 'append', 'txn'] as const;

const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom(
    '0',
    '-0',
    '12',
    '-3',
    '007',
    'null',
    'nil',
    ':ok',
    '{"a":1}',
    'a"b',
    'a\\',
    '; x',
  ),
);
const textOrNull = fc.option(text, { freq: 4 });
const key = fc.oneof(fc.constantFrom('k', '7', 'ключ'), text);

const step = fc.oneof(
  fc.tuple(fc.constant('r'), key, fc.oneof(textOrNull, fc.array(text, { maxLength: 3 }))),
  fc.tuple(fc.constant('w'), key, textOrNull),
  fc.tuple(fc.constant('append'), key, text),
);

const turn = fc.record({
  process: fc.nat(3),
  elapsed: fc.nat(2),
  kind: fc.constantFrom(...kinds),
  key,
  value: text,
  old: textOrNull,
  read: textOrNull,
  steps: fc.array(step, { maxLength: 3 }),
  outcome: fc.constantFrom('ok', 'ok', 'fail', 'info'),
  actual: fc.option(textOrNull, { nil: undefined }),
  node: fc.option(fc.constantFrom('n1', 'n2'), { nil: undefined }),
  session: fc.option(fc.constantFrom('s1', 'naïve'), { nil: undefined }),
  version: fc.option(fc.nat(5), { nil: undefined }),
  fault: fc.option(fc.tuple(fc.nat(2), fc.constantFrom('user', null, 'nemesis "é"')), { freq: 2 }),
});
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

type Writable<T> = { -readonly [K in keyof T]: T[K] };
interface Open {
  readonly asked: Turn;
  readonly row: Writable<Row>;
}

/** Each turn, a process begins an operation, or ends the one that it has open. */
export const arbitraryHistory: fc.Arbitrary<ArbitraryHistory> = fc
  .array(turn, { minLength: 1, maxLength: 40 })
  .map(play);

function play(turns: readonly Turn[]): ArbitraryHistory {
  const lines: Record<string, unknown>[] = [];
  const rows: Row[] = [];
  const open = new Map<number, Open>();
  const faults: Writable<ArbitraryHistory['faults'][number]>[] = [];
  const on = new Map<number, (typeof faults)[number]>();
  let time = 0;
  for (const now of turns) {
    time += now.elapsed;
    if (now.fault !== null) {
      const [fault, by] = now.fault;
      const begun = on.get(fault) ?? {
        words: `fault ${now.key} é\\"`,
        by,
        beganAt: time,
        endedAt: time,
      };
      const f = on.delete(fault) ? 'stop' : 'start';
      begun.endedAt = f === 'stop' ? time : Number.POSITIVE_INFINITY;
      if (f === 'start') on.set(fault, begun);
      if (f === 'start') faults.push(begun);
      lines.push({ process: 'nemesis', type: 'info', f, value: begun.words, time, fault, by });
    }
    const begun = open.get(now.process);
    if (begun === undefined) {
      const row = begin(now, time);
      rows.push(row);
      open.set(now.process, { asked: now, row });
      lines.push(
        lineOf(now, now.process, 'invoke', askedValue(now), time, { session: now.session }),
      );
    } else {
      open.delete(now.process);
      lines.push(end(begun, now, time));
    }
  }
  return { lines, rows, faults };
}

function begin(now: Turn, time: number): Writable<Row> {
  const { kind } = now;
  const writes =
    kind === 'delete' ? null : kind === 'get' || kind === 'txn' ? undefined : now.value;
  const unknown = now.steps.map(([f, name, value]) => [f, name, f === 'r' ? '?' : value]);
  return {
    process: now.process,
    kind,
    outcome: 'info',
    key: kind === 'txn' ? undefined : now.key,
    written: writes,
    expected: kind === 'cas' ? now.old : undefined,
    seen: undefined,
    invokedAt: time,
    returnedAt: Number.POSITIVE_INFINITY,
    node: undefined,
    session: now.session,
    version: undefined,
    steps:
      kind === 'append' ? [['append', now.key, now.value]] : kind === 'txn' ? unknown : undefined,
  };
}

function end({ asked, row }: Open, now: Turn, time: number): Record<string, unknown> {
  const { kind } = asked;
  const { outcome } = now;
  const isRefused = outcome === 'fail' && ['insert', 'update', 'cas'].includes(kind);
  const actual = isRefused ? now.actual : undefined;
  row.outcome = outcome;
  row.node = now.node;
  row.version = now.version === undefined ? undefined : `${now.version}@n9`;
  if (outcome !== 'info') row.returnedAt = time;
  if (outcome === 'ok' && kind === 'get') row.seen = now.read;
  if (outcome === 'ok' && kind === 'txn') row.steps = asked.steps;
  if (actual !== undefined) row.seen = actual;
  const version = now.version === undefined ? undefined : { stamp: now.version, node: 'n9' };
  const value = outcome === 'ok' && kind === 'get' ? now.read : toldValue(asked, outcome);
  return lineOf(asked, asked.process, outcome, value, time, { actual, node: now.node, version });
}

function lineOf(
  { kind, key }: Turn,
  process: number,
  type: string,
  value: unknown,
  time: number,
  extras: Record<string, unknown>,
): Record<string, unknown> {
  const line = { process, type, f: kind, ...(kind === 'txn' ? {} : { key }), value, time };
  const said = Object.entries(extras).filter(([, extra]) => extra !== undefined);
  return { ...line, ...Object.fromEntries(said) };
}

function askedValue({ kind, value, old, steps }: Turn): unknown {
  if (kind === 'get' || kind === 'delete') return null;
  if (kind === 'txn') return steps.map(([f, name, item]) => [f, name, f === 'r' ? null : item]);
  return kind === 'cas' ? [old, value] : value;
}

const toldValue = (asked: Turn, outcome: string): unknown =>
  asked.kind === 'txn' && outcome === 'ok' ? asked.steps : askedValue(asked);
