/**
 * The few operations of an evidence as bars in real time, a row a client. To scale where that leaves something to see; a pause
 * of seconds between operations of microseconds is shortened, and then every beginning and end says when it was.
 */
import { shownFault } from '../../check/evidence/meanwhile.js';
import { nanoseconds } from '../../check/evidence/time.js';
import type { Evidence, EvidenceOperation } from '../../check/report.js';

export interface EvidenceBar {
  readonly operation: EvidenceOperation;
  /** From 1, as the table below counts. */
  readonly number: number;
  readonly from: number;
  readonly to: number;
  /** The top of the bar. */
  readonly y: number;
  readonly label: string;
  readonly labelX: number;
  /** Its middle. */
  readonly labelY: number;
  readonly isInside: boolean;
}

export interface EvidencePicture {
  readonly width: number;
  readonly height: number;
  readonly gutter: number;
  readonly isToScale: boolean;
  readonly rows: readonly { readonly who: string; readonly y: number; readonly height: number }[];
  readonly bars: readonly EvidenceBar[];
  readonly faults: readonly {
    readonly title: string;
    readonly from: number;
    readonly to: number;
    readonly y: number;
  }[];
  readonly ticks: readonly { readonly x: number; readonly label: string }[];
}

export const barHeight = 24;
const labelHeight = 16;
const rowGap = 14;
const headHeight = 26;
const charPx = 6.7;
/** Nearer than this two moments look like one. */
const gapMin = 7;
const faultsMax = 6;
const tickRoom = 66;

export function layOutEvidence(
  evidence: Pick<Evidence, 'operations' | 'faults'>,
  width: number,
  wantsScale: boolean | null = null,
): EvidencePicture {
  const { operations, faults = [] } = evidence;
  const isNarrow = width < 560;
  const longest = Math.max(0, ...operations.map(({ who }) => who.length));
  const gutter = isNarrow ? 4 : Math.min(170, longest * charPx + 16);
  const moments = momentsOf(operations);
  const room = width - gutter - 26;
  const linear = linearScale(moments, gutter, room);
  const isToScale = wantsScale ?? isClear(moments, linear);
  const xOf = isToScale ? linear : shortenedScale(moments, gutter, room);
  const { rows, bars, bottom } = placed(operations, xOf, { gutter, width, isNarrow });
  const shownFaults = faults.slice(0, faultsMax).map((fault, at) => ({
    title: shownFault(fault.words),
    from: Math.max(gutter, xOf(fault.beganAt)),
    to: Math.min(width, xOf(fault.endedAt ?? Number.POSITIVE_INFINITY)),
    y: bottom + 6 + at * 20,
  }));
  return {
    ...{ width, gutter, isToScale, rows, bars, faults: shownFaults },
    height: bottom + 6 + shownFaults.length * 20 + 2,
    ticks: ticksAt(moments, xOf, width),
  };
}

function momentsOf(operations: readonly EvidenceOperation[]): number[] {
  const times = operations.flatMap(({ invokedAt, returnedAt }) => [
    invokedAt,
    ...(returnedAt === null ? [] : [returnedAt]),
  ]);
  return [...new Set(times)].sort((a, b) => a - b);
}

type Scale = (time: number) => number;

function linearScale(moments: readonly number[], left: number, room: number): Scale {
  const [first = 0, last = 0] = [moments[0], moments.at(-1)];
  const span = Math.max(1, last - first);
  return (time) => left + Math.max(-0.02, Math.min(1.2, (time - first) / span)) * room;
}

const isClear = (moments: readonly number[], xOf: Scale): boolean =>
  moments.every((time, at) => at === 0 || xOf(time) - xOf(moments[at - 1] as number) >= gapMin);

/** What lies between two moments gets room by the logarithm of its length. */
function shortenedScale(moments: readonly number[], left: number, room: number): Scale {
  const lengths = moments.slice(1).map((time, at) => time - (moments[at] as number));
  const least = Math.min(...lengths);
  const shares = lengths.map((length) => 1 + Math.log10(length / least));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const xs = [left];
  for (const share of shares) xs.push((xs.at(-1) as number) + (share / whole) * room);
  return (time) => {
    const after = moments.findIndex((moment) => moment >= time);
    if (after === -1) return left + room * 1.2;
    const [next, x] = [moments[after] as number, xs[after] as number];
    if (after === 0) return next === time ? x : left;
    const [before, beforeX] = [moments[after - 1] as number, xs[after - 1] as number];
    return beforeX + ((time - before) / (next - before)) * (x - beforeX);
  };
}

interface Frame {
  readonly gutter: number;
  readonly width: number;
  readonly isNarrow: boolean;
}

/** Client by client; labels that don't fit into their bars stand above them, where there is room. */
function placed(
  operations: readonly EvidenceOperation[],
  xOf: Scale,
  { gutter, width, isNarrow }: Frame,
): Pick<EvidencePicture, 'rows' | 'bars'> & { readonly bottom: number } {
  const rows: { who: string; y: number; height: number }[] = [];
  const bars: EvidenceBar[] = [];
  let y = headHeight;
  for (const who of new Set(operations.map((operation) => operation.who))) {
    const own = operations.flatMap((operation, at) =>
      operation.who === who ? [{ operation, number: at + 1, ...edges(operation, xOf, width) }] : [],
    );
    const levels = levelsOf(own, { gutter, width, isNarrow });
    const above = Math.max(0, ...levels.map(({ level }) => level + 1)) * labelHeight;
    const top = y + (isNarrow ? labelHeight : 0);
    for (const [at, bar] of own.entries()) {
      const { level, label, labelX, lane } = levels[at] as Level;
      const barY = top + above + lane * (barHeight + 4);
      const isInside = level === -1;
      const labelY = isInside ? barY + barHeight / 2 : top + above - (level + 0.5) * labelHeight;
      bars.push({ ...bar, y: barY, label, labelX, labelY, isInside });
    }
    const lanes = Math.max(0, ...levels.map(({ lane }) => lane)) + 1;
    const height = top - y + above + lanes * (barHeight + 4);
    rows.push({ who, y, height });
    y += height + rowGap;
  }
  return { rows, bars: bars.sort((a, b) => a.number - b.number), bottom: y - rowGap };
}

function edges({ invokedAt, returnedAt }: EvidenceOperation, xOf: Scale, width: number) {
  const from = xOf(invokedAt);
  return { from, to: returnedAt === null ? width : Math.max(from + 3, xOf(returnedAt)) };
}

interface Level {
  /** -1: within the bar; else lines of labels above it. */
  readonly level: number;
  /** Of a client that did several things at once. */
  readonly lane: number;
  readonly label: string;
  readonly labelX: number;
}

function levelsOf(
  bars: readonly { operation: EvidenceOperation; number: number; from: number; to: number }[],
  { gutter, width, isNarrow }: Frame,
): Level[] {
  /** Until where each line above is taken, and each lane. */
  const taken: number[] = [];
  const lanes: number[] = [];
  return bars.map(({ operation, number, from, to }) => {
    let lane = lanes.findIndex((end) => end <= from);
    if (lane === -1) lane = lanes.push(0) - 1;
    lanes[lane] = to;
    const whole = `${number}  ${operation.label}`;
    const length = whole.length * charPx;
    if (length + 12 <= to - from) return { level: -1, lane, label: whole, labelX: from + 8 };
    const label =
      length > width - gutter - 8 || (isNarrow && length > width / 2) ? `${number}` : whole;
    const labelX = Math.max(gutter, Math.min(from, width - label.length * charPx - 4));
    let level = taken.findIndex((end) => end <= labelX);
    if (level === -1) level = taken.push(0) - 1;
    taken[level] = labelX + label.length * charPx + 10;
    return { level, lane, label, labelX };
  });
}

/** Moments that are written down: as many as there is room for, counted from the first; always the last. */
function ticksAt(moments: readonly number[], xOf: Scale, width: number): EvidencePicture['ticks'] {
  const first = moments[0] ?? 0;
  const last = moments.at(-1) ?? 0;
  const ticks: { x: number; label: string }[] = [];
  for (const time of moments) {
    const x = xOf(time);
    const isFree = x - (ticks.at(-1)?.x ?? Number.NEGATIVE_INFINITY) >= tickRoom;
    const leavesRoom = time === last || xOf(last) - x >= tickRoom;
    if (!isFree || !leavesRoom || x > width) continue;
    ticks.push({ x, label: time === first ? '0' : `+${nanoseconds(time - first)}` });
  }
  return ticks;
}
