/** Operations laid out as bars, a row a client, and which of them are worth drawing. */
import { partitionPoint, pushTo } from '../../core/lookup.js';
import { outcomeCode } from '../../history/event.js';
import { type History, unsaid } from '../../history/history.js';
import type { TimeView } from './viewport.js';

export interface ClientRow {
  readonly process: number;
  readonly name: string;
  /** In the order of their beginnings; a client has one operation open at a time. */
  readonly operations: Int32Array;
  /** Those of them that are not ok. */
  readonly odd: Int32Array;
}

/** What a script calls the client, or its number. */
export const clientName = (history: History, process: number): string =>
  history.names?.get(process) ?? `${process}`;

/** Clients in the order of their numbers, each with those of its operations that have a 1 in `keep`. */
export function rowsOf(history: History, keep: Uint8Array): ClientRow[] {
  const byProcess = new Map<number, number[]>();
  for (let at = 0; at < history.count; at++) {
    if (keep[at] === 1) pushTo(byProcess, history.process[at] as number, at);
  }
  return [...byProcess]
    .sort(([a], [b]) => a - b)
    .map(([process, own]) => {
      const operations = Int32Array.from(own);
      const odd = operations.filter((at) => history.outcome[at] !== outcomeCode.ok);
      return { process, name: clientName(history, process), operations, odd };
    });
}

/**
 * Until when each operation is drawn. One whose end nobody knows may take effect at any later time; its bar ends where its
 * client goes on to the next, or with the run.
 */
export function barEnds(history: History, end: number): Float64Array {
  const ends = history.returnedAt.slice();
  const next = new Map<number, number>();
  for (let at = history.count - 1; at >= 0; at--) {
    const process = history.process[at] as number;
    if (!Number.isFinite(ends[at])) ends[at] = next.get(process) ?? end;
    next.set(process, history.invokedAt[at] as number);
  }
  return ends;
}

/** Is given each bar: its operation, and how many are drawn as one with it. */
export type TakeBar = (operation: number, fromPx: number, toPx: number, count: number) => void;

/** What is narrower nobody tells apart, and thousands of them take their time to draw. */
const grainPx = 2;

/**
 * The bars of a row that are in view, in pixels of it. Those that would lie within two pixels are one bar, found by leaps: so
 * there are never more of them than pixels, however many operations there are.
 */
export function barsInView(
  operations: Int32Array,
  begins: Float64Array,
  ends: Float64Array,
  view: TimeView,
  widthPx: number,
  take: TakeBar,
): void {
  const scale = widthPx / (view.to - view.from);
  let place = firstFrom(operations, begins, view.from, 0);
  // What began before the view may reach into it.
  const before = operations[place - 1];
  if (before !== undefined && (ends[before] as number) >= view.from) place--;
  while (place < operations.length) {
    const operation = operations[place] as number;
    const began = begins[operation] as number;
    if (began > view.to) return;
    const fromPx = (began - view.from) * scale;
    const toPx = ((ends[operation] as number) - view.from) * scale;
    if (toPx - fromPx >= grainPx) {
      take(operation, fromPx, toPx, 1);
      place++;
      continue;
    }
    const grainEnd = view.from + ((Math.floor(fromPx / grainPx) + 1) * grainPx) / scale;
    const next = firstFrom(operations, begins, grainEnd, place + 1);
    const last = operations[next - 1] as number;
    const lastPx = ((ends[last] as number) - view.from) * scale;
    take(operation, fromPx, Math.max(fromPx + 1, lastPx), next - place);
    place = next;
  }
}

/** The first place from `place` on whose operation begins at `time` or later. */
const firstFrom = (
  operations: Int32Array,
  begins: Float64Array,
  time: number,
  place: number,
): number =>
  partitionPoint(
    operations.length,
    (at) => (begins[operations[at] as number] as number) < time,
    place,
  );

/** Of a row, what is under way at `time`, or so near that it is meant; {@link unsaid}: nothing. */
export function operationAt(
  { operations }: ClientRow,
  begins: Float64Array,
  ends: Float64Array,
  time: number,
  near: number,
): number {
  const place = firstFrom(operations, begins, time, 0);
  let [best, distance] = [unsaid, near];
  for (const at of [operations[place - 1], operations[place]]) {
    if (at === undefined) continue;
    const away = Math.max(0, (begins[at] as number) - time, time - (ends[at] as number));
    if (away > distance || (best !== unsaid && away === distance)) continue;
    [best, distance] = [at, away];
  }
  return best;
}
