/**
 * A few operations as bars on a line of time, one row a client:
 *
 *              0          10  20         30  40          50 ms
 *   client 1   ├─ put 7 ──┤   ├─ put 9 ──┤
 *   client 2                                 ┣━ get → 7 ━┫
 *
 * What is left and right of what is true; how long it took is not, for a pause of seconds may lie between operations of
 * microseconds. The operation that should not have been is drawn heavily. What has no end runs out to the right. Below,
 * what was broken on purpose meanwhile is shaded:
 *
 *   faults           ░░ partition n1/n2,n3 ░░░
 */
import type { Evidence, EvidenceFault, EvidenceOperation } from '../report.js';
import { shownFault } from './meanwhile.js';

export interface TimelinePaint {
  readonly culprit: (text: string) => string;
  readonly plain: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly fault: (text: string) => string;
}

const unpainted: TimelinePaint = {
  culprit: (text) => text,
  plain: (text) => text,
  dim: (text) => text,
  fault: (text) => text,
};

/** More of them nobody tells apart. */
const faultsMax = 6;

interface Bar {
  readonly operation: EvidenceOperation;
  readonly label: string;
  /** Columns, both included. */
  readonly from: number;
  readonly to: number;
}

/** Lines without newlines; none where `width` columns are too few. Numbers stand for labels where labels are too long. */
export function timeline(
  { operations, faults = [] }: Pick<Evidence, 'operations' | 'faults'>,
  width: number,
  paint: TimelinePaint = unpainted,
): string[] {
  const gutter = Math.max(0, ...operations.map(({ who }) => who.length)) + 2;
  const whole = operations.map(({ label }) => ` ${label} `);
  const numbers = operations.map((_, at) => `${at + 1}`);
  for (const [labels, gap] of [
    [whole, 3],
    [whole, 2],
    [numbers, 2],
    [numbers, 1],
  ] as const) {
    const columns = columnsOf(operations, labels, gap);
    if (gutter + columns.width > width) continue;
    const bars = barsOf(operations, labels, columns);
    return [
      `${' '.repeat(gutter)}${paint.dim(ruler(columns, width - gutter))}`.trimEnd(),
      ...rowsOf(bars).map((row) => rowText(row, gutter, columns.width, paint)),
      ...faults.slice(0, faultsMax).map((fault, at) => {
        const name = (at === 0 ? 'faults' : '').padEnd(gutter);
        return `${name}${paint.fault(shading(fault, columns, width - gutter))}`;
      }),
    ];
  }
  return [];
}

/** Where on the line each beginning and end stands. */
interface Columns {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly width: number;
  /** Times that were given a column, each with it. */
  readonly marks: readonly { readonly time: number; readonly column: number }[];
}

interface Moment {
  readonly time: number;
  readonly isEnd: boolean;
  readonly at: number;
}

function columnsOf(
  operations: readonly EvidenceOperation[],
  labels: readonly string[],
  gap: number,
): Columns {
  const moments = operations.flatMap(({ invokedAt, returnedAt }, at): Moment[] => [
    { time: invokedAt, isEnd: false, at },
    { time: returnedAt ?? Number.POSITIVE_INFINITY, isEnd: true, at },
  ]);
  // Of a beginning and an end at the same time the beginning is before: intervals are closed.
  moments.sort((a, b) => a.time - b.time || Number(a.isEnd) - Number(b.isEnd));
  const starts: number[] = [];
  const ends: number[] = [];
  const marks: { time: number; column: number }[] = [];
  let column = 0;
  for (const [place, { time, isEnd, at }] of moments.entries()) {
    const before = moments[place - 1];
    if (before !== undefined && (before.time !== time || before.isEnd !== isEnd)) column += gap;
    // Both bounds and, between them, the label with a little of the bar on either side.
    if (isEnd) column = Math.max(column, (starts[at] as number) + (labels[at] ?? '').length + 3);
    (isEnd ? ends : starts)[at] = column;
    if (before?.time !== time && Number.isFinite(time)) marks.push({ time, column });
  }
  return { starts, ends, marks, width: column + 1 };
}

function barsOf(
  operations: readonly EvidenceOperation[],
  labels: readonly string[],
  { starts, ends }: Columns,
): Bar[] {
  return operations.map((operation, at) => ({
    operation,
    label: labels[at] ?? '',
    from: starts[at] as number,
    to: ends[at] as number,
  }));
}

/** One row a client, and more for a client whose bars overlap; clients in the order in which they first appear. */
function rowsOf(bars: readonly Bar[]): Bar[][] {
  const clients = [...new Set(bars.map(({ operation }) => operation.who))];
  return clients.flatMap((who) => {
    const rows: Bar[][] = [];
    for (const bar of bars) {
      if (bar.operation.who !== who) continue;
      const free = rows.find((row) => (row.at(-1)?.to ?? -1) < bar.from);
      if (free === undefined) rows.push([bar]);
      else free.push(bar);
    }
    return rows;
  });
}

function rowText(row: readonly Bar[], gutter: number, width: number, paint: TimelinePaint): string {
  let text = (row[0]?.operation.who ?? '').padEnd(gutter);
  let column = 0;
  for (const bar of row) {
    const painted = bar.operation.isCulprit ? paint.culprit : paint.plain;
    text += ' '.repeat(bar.from - column) + painted(barText(bar, width));
    column = bar.to + 1;
  }
  return text;
}

function barText({ operation, label, from, to }: Bar, width: number): string {
  const isOpen = operation.returnedAt === null;
  const [begin, line, end] = operation.isCulprit ? '┣━┫' : '├─┤';
  const room = (isOpen ? width - 1 : to) - from - 1;
  const left = Math.floor((room - label.length) / 2);
  const before = (line as string).repeat(left);
  const after = (isOpen ? '┄' : (line as string)).repeat(room - label.length - left);
  return `${begin}${before}${label}${after}${isOpen ? '▸' : end}`;
}

/** With its title within it, or else where there is room beside it. */
function shading(
  { words, beganAt, endedAt }: EvidenceFault,
  columns: Columns,
  room: number,
): string {
  const from = Math.ceil(columnAt(columns, beganAt));
  const to = Math.max(from, Math.floor(columnAt(columns, endedAt ?? Number.POSITIVE_INFINITY)));
  const title = ` ${shownFault(words)} `;
  const length = to - from + 1;
  const margin = ' '.repeat(from);
  const shade = '░'.repeat(length);
  if (title.length + 2 <= length)
    return `${margin}░${title}${'░'.repeat(length - title.length - 1)}`;
  if (to + title.length < room) return `${margin}${shade}${title.trimEnd()}`;
  if (title.length <= from) return `${' '.repeat(from - title.length)}${title}${shade}`;
  return `${margin}${length < 8 ? shade : `░${title.slice(0, length - 4).trimEnd()}… `.padEnd(length, '░')}`;
}

/** Between two columns, of what was between two times. */
function columnAt({ marks, width }: Columns, time: number): number {
  const after = marks.findIndex((mark) => mark.time >= time);
  if (after === -1) return width - 1;
  const { time: next, column } = marks[after] as Columns['marks'][number];
  return next === time || after === 0 ? column : (column + (marks[after - 1]?.column ?? 0)) / 2;
}

const scales = [
  { unit: 'ns', ns: 1 },
  { unit: 'µs', ns: 1e3 },
  { unit: 'ms', ns: 1e6 },
  { unit: 's', ns: 1e9 },
] as const;

/** As many of the times as there is room for, counted from the first. */
function ruler({ marks }: Columns, room: number): string {
  const first = marks[0]?.time ?? 0;
  const span = (marks.at(-1)?.time ?? 0) - first;
  const scale = [...scales].reverse().find(({ ns }) => span >= ns) ?? scales[0];
  const digits = span / scale.ns < 10 ? 2 : span / scale.ns < 100 ? 1 : 0;
  const shown = (time: number) => `${Number(((time - first) / scale.ns).toFixed(digits))}`;
  const last = marks.at(-1);
  const closing = last === undefined ? '' : `${shown(last.time)} ${scale.unit}`;
  // The last mark says the unit; it moves left when it would not fit.
  const lastColumn = Math.min(last?.column ?? 0, room - closing.length);
  let text = '';
  for (const { time, column } of marks.slice(0, -1)) {
    const mark = shown(time);
    const isFree = column === 0 || text.length < column;
    if (isFree && column + mark.length < lastColumn) text = text.padEnd(column) + mark;
  }
  return text.padEnd(lastColumn) + closing;
}
