import { lazily } from '../core/lookup.js';
import { encodeUtf8 } from '../core/utf8.js';
import type { History } from '../history/history.js';
import { type Lanes, textsPerChunk } from '../trace/lanes.js';
import { type HistoryHead, unpackHistory } from './history-parts.js';
import { type LanesHead, unpackLanes } from './lanes-parts.js';
import type { ColumnWriter } from './numbers.js';
import { headPart, type PartReader, partNames, ReportProblem, reportVersion } from './parts.js';
import type { Report, ReportRun } from './report.js';

/**
 * A report whose small part is there; the others are read when they are asked for, once. All throw {@link ReportProblem}; texts of
 * events say instead what is wrong with them.
 */
export interface OpenedReport extends Omit<Report, 'history' | 'lanes' | 'slice' | 'runs'> {
  readonly slice: Uint32Array | null;
  readonly runs: readonly OpenedRun[];
  /** Whether there is one, before it is read. */
  readonly hasHistory: boolean;
  readonly hasLanes: boolean;
  history(): Promise<History | null>;
  lanes(): Promise<Lanes | null>;
}

export interface OpenedRun extends Omit<ReportRun, 'history'> {
  history(): Promise<History | null>;
}

type Head = Omit<Report, 'history' | 'lanes' | 'slice' | 'runs'> & {
  readonly version: number;
  readonly slice: readonly number[] | null;
  readonly runs: readonly Omit<ReportRun, 'history'>[];
  readonly histories: readonly (HistoryHead | null)[];
  readonly lanes: LanesHead | null;
};

export async function decodeReport(parts: PartReader): Promise<OpenedReport> {
  const whole = orProblem(parts);
  const { version, slice, runs, histories, lanes, ...small } = await readHead(whole);
  const historyOf = (nth: number) => lazily(() => readHistory(whole, histories[nth] ?? null, nth));
  return {
    ...small,
    slice: slice === null ? null : Uint32Array.from(slice),
    runs: runs.map((run, at) => ({ ...run, history: historyOf(at + 1) })),
    hasHistory: histories[0] !== null,
    hasLanes: lanes !== null,
    history: historyOf(0),
    lanes: lazily(() => readLanes(whole, lanes)),
  };
}

async function readHead(parts: PartReader): Promise<Head> {
  const head = parsed(await parts.text(headPart), headPart) as Head;
  if (head.version === reportVersion) return head;
  const what = `this report has form ${head.version}, and this is for form ${reportVersion}`;
  throw new ReportProblem(`${what}: another version of kvx reads it`);
}

async function readHistory(
  parts: PartReader,
  head: HistoryHead | null,
  nth: number,
): Promise<History | null> {
  if (head === null) return null;
  const [bytes, texts] = [partNames.columns(nth), partNames.texts(nth)];
  const [columns, text] = await Promise.all([parts.bytes(bytes), parts.text(texts)]);
  checkSize(columns, head.layout, bytes);
  return unpackHistory({
    ...{ head, bytes: columns },
    texts: parsed(text, texts) as Pick<History, 'keys' | 'values' | 'nodes' | 'sessions'>,
  });
}

async function readLanes(parts: PartReader, head: LanesHead | null): Promise<Lanes | null> {
  if (head === null) return null;
  const { lanes, labels } = partNames;
  const [bytes, text] = await Promise.all([parts.bytes(lanes), parts.text(labels)]);
  checkSize(bytes, head.layout, lanes);
  const packed = { head, bytes, labels: parsed(text, labels) as readonly string[] };
  const told = (problem: Error) => encodeUtf8(`${problem.message}\n`.repeat(textsPerChunk));
  return unpackLanes(packed, (piece) => parts.bytes(partNames.piece(piece)).catch(told));
}

function checkSize(bytes: Uint8Array, layout: ColumnWriter['layout'], name: string): void {
  const wanted = layout.reduce((sum, [rows, width]) => sum + rows * width, 0);
  if (bytes.length !== wanted) throw damaged(name);
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(name);
  }
}

const damaged = (name: string): ReportProblem =>
  new ReportProblem(`this file is damaged, or not all of it is there: its part ${name}`);

/** Whatever is wrong with a part, the file is what people know. */
function orProblem(parts: PartReader): PartReader {
  const orDamaged = async <T>(name: string, read: Promise<T>): Promise<T> => {
    try {
      return await read;
    } catch (error) {
      throw error instanceof ReportProblem ? error : damaged(name);
    }
  };
  return {
    bytes: (name) => orDamaged(name, parts.bytes(name)),
    text: (name) => orDamaged(name, parts.text(name)),
  };
}
