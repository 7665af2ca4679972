/** What it was like before, while and after something was broken; and how figures stand in tables. */
import { formatDuration } from '../config/duration.js';
import type { Millis } from '../core/ids.js';
import { oneLine } from '../core/show.js';
import { faultTitle } from '../history/faults.js';
import { right } from '../render/page.js';
import { type TableOptions, tableLines } from '../render/table.js';
import { wrap } from '../render/wrap.js';
import type { LoadWindow } from './results.js';

export const perSecond = (count: number, ms: Millis): number => (ms > 0 ? (count * 1000) / ms : 0);

/** Three digits that count: 0.123, 1.23, 12.3, 1235. */
export function threeDigits(ms: Millis): string {
  if (ms >= 100) return ms.toFixed(0);
  if (ms >= 10) return ms.toFixed(1);
  return ms.toFixed(ms >= 1 ? 2 : 3);
}

const columns = [
  { title: 'WHEN' },
  ...['FROM', 'FOR', 'DONE', 'ERRORS', 'PER SEC', 'P50 MS', 'P99 MS', 'MAX MS'].map(right),
];

/** Of a nemesis that breaks something every second nobody wants a row each. */
const faultsShownMax = 8;

export function windowLines(windows: readonly LoadWindow[], options: TableOptions): string[] {
  const { width = 80 } = options;
  const faultCount = windows.filter(({ isFault }) => isFault).length;
  const names = namesOf(windows);
  const last = windows.findIndex((_, at) => names[at] === `during ${faultsShownMax + 1}`);
  const shown = last === -1 ? windows : windows.slice(0, last);
  const more = faultCount - faultsShownMax;
  return [
    ...tableLines(
      columns,
      shown.map((window, at) => row(window, names[at] ?? '')),
      options,
    ),
    ...shown.flatMap((window, at) => {
      if (!window.isFault) return [];
      return wrap(`${names[at]}: ${recoverySentence(window)}`, Math.min(width, 100));
    }),
    ...(more > 0 ? [`and ${more} more; --json has them all`] : []),
  ];
}

/** `before`, `during`, `after`; where there were several faults, with their numbers. */
function namesOf(windows: readonly LoadWindow[]): string[] {
  const isAlone = windows.filter(({ isFault }) => isFault).length === 1;
  let nth = 0;
  return windows.map(({ isFault }) => {
    if (isFault) nth++;
    if (nth === 0) return 'before';
    const number = isAlone ? '' : ` ${nth}`;
    return `${isFault ? 'during' : 'after'}${number}`;
  });
}

function row(window: LoadWindow, name: string): string[] {
  const { fromMs, toMs, doneCount, errorCount, latencyMs } = window;
  const latency = (of: 'p50' | 'p99' | 'max') =>
    latencyMs === null ? '-' : threeDigits(latencyMs[of]);
  return [
    ...[name, formatDuration(fromMs), formatDuration(toMs - fromMs)],
    ...[String(doneCount), String(errorCount)],
    String(Math.round(perSecond(doneCount, toMs - fromMs))),
    ...[latency('p50'), latency('p99'), latency('max')],
  ];
}

const wordsShownMax = 40;

function recoverySentence({ faults, silenceMs, ...recovery }: LoadWindow): string {
  const [first = '', ...others] = faults;
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  const silence = silenceMs > 0 ? `; no answer for ${formatDuration(silenceMs)}` : '';
  return `${oneLine(faultTitle(first), wordsShownMax)}${more}${silence}${served(recovery)}`;
}

/** Served is who gets four fifths of what he got before. */
function served({
  isComparable,
  servedAgainMs,
  recoverMs,
}: Pick<LoadWindow, 'isComparable' | 'servedAgainMs' | 'recoverMs'>): string {
  if (!isComparable) return '';
  if (servedAgainMs === 0) return '; clients were served all the time';
  if (servedAgainMs !== null) return `; clients were served again ${after(servedAgainMs)} it began`;
  if (recoverMs === null) return '; clients were not seen to be served as before';
  return `; clients were served again ${after(recoverMs)} it ended`;
}

const after = (ms: Millis): string => (ms === 0 ? 'as soon as' : `${formatDuration(ms)} after`);
