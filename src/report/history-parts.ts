/** A history as the parts of a report: its columns as bytes, its texts, and what little else there is. */
import type { FaultSpan } from '../history/faults.js';
import type { History, Step } from '../history/history.js';
import { readColumns, writeColumns } from './history-columns.js';
import {
  ColumnReader,
  ColumnWriter,
  readTotals,
  signed,
  unsigned,
  writeTotals,
} from './numbers.js';

/** What stands in a history beside columns and texts. */
export interface HistoryHead {
  readonly count: number;
  readonly layout: ColumnWriter['layout'];
  readonly names: readonly (readonly [process: number, name: string])[] | null;
  readonly faults: readonly (Omit<FaultSpan, 'endedAt'> & { readonly endedAt: number | null })[];
}

export type HistoryTexts = Pick<History, 'keys' | 'values' | 'nodes' | 'sessions'>;

export interface PackedHistory {
  readonly head: HistoryHead;
  readonly texts: HistoryTexts;
  readonly bytes: Uint8Array;
}

/** Past so many characters in all, only the beginning of each value is kept: whoever judges knows values by their numbers. */
const valueCharsMax = 4_000_000;
const shortChars = 200;

export function packHistory(history: History): PackedHistory {
  const writer = new ColumnWriter();
  writeColumns(writer, history);
  writeSteps(writer, history.steps);
  const { count, keys, values, nodes, sessions, names, faults } = history;
  const head: HistoryHead = {
    ...{ count, layout: writer.layout, names: names === undefined ? null : [...names] },
    faults: faults.map((fault) => ({
      ...fault,
      endedAt: Number.isFinite(fault.endedAt) ? fault.endedAt : null,
    })),
  };
  const texts = { keys, nodes, sessions, values: shortened(values) };
  return { head, texts, bytes: writer.bytes() };
}

export function unpackHistory({ head, texts, bytes }: PackedHistory): History {
  const { count, layout, names, faults } = head;
  const reader = new ColumnReader(bytes, layout);
  return {
    ...{ count, ...readColumns(reader, count, texts.keys.length), steps: readSteps(reader) },
    ...texts,
    ...(names === null ? {} : { names: new Map(names) }),
    faults: faults.map((fault) => ({
      ...fault,
      endedAt: fault.endedAt ?? Number.POSITIVE_INFINITY,
    })),
  };
}

function shortened(values: History['values']): History['values'] {
  const chars = values.reduce((sum, value) => sum + (value?.length ?? 0), 0);
  if (chars <= valueCharsMax) return values;
  return values.map((value) =>
    value === null || value.length <= shortChars ? value : `${value.slice(0, shortChars)}…`,
  );
}

const stepKinds = ['r', 'w', 'append'] as const;
/** In place of how many values a read returned. */
const unknown = 0;
const single = 1;

function writeSteps(writer: ColumnWriter, steps: History['steps']): void {
  writeTotals(writer, [...steps.keys()]);
  const all = [...steps.values()];
  writer.make(all.length, (at) => (all[at] as readonly Step[]).length);
  const flat = all.flat();
  writer.make(flat.length, (at) => stepKinds.indexOf((flat[at] as Step).f));
  writer.make(flat.length, (at) => (flat[at] as Step).key);
  const values: number[] = [];
  writer.make(flat.length, (at) => {
    const { value } = flat[at] as Step;
    if (value === null) return unknown;
    if (typeof value === 'number') {
      values.push(value);
      return single;
    }
    for (const each of value) values.push(each);
    return single + 1 + value.length;
  });
  writer.make(values.length, (at) => unsigned((values[at] as number) - (values[at - 1] ?? 0)));
}

function readSteps(reader: ColumnReader): History['steps'] {
  const operations = readTotals(reader);
  const counts = reader.next();
  const [kinds, keys, sizes, codes] = [reader.next(), reader.next(), reader.next(), reader.next()];
  let [step, place, last] = [0, 0, 0];
  const nextValue = (): number => {
    last += signed(codes[place++] as number);
    return last;
  };
  const nextStep = (): Step => {
    const size = sizes[step] as number;
    const f = stepKinds[kinds[step] as number] as Step['f'];
    const key = keys[step++] as number;
    if (size === unknown) return { f: 'r', key, value: null };
    if (size === single) return { f, key, value: nextValue() };
    return { f: 'r', key, value: Array.from({ length: size - single - 1 }, nextValue) };
  };
  const steps = new Map<number, readonly Step[]>();
  for (const [at, operation] of operations.entries()) {
    steps.set(operation, Array.from({ length: counts[at] as number }, nextStep));
  }
  return steps;
}
