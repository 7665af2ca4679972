/**
 * How fast clients were served, and how often not: a history in figures, for charts and tables. A few passes over its columns,
 * so that 100,000 operations take a blink.
 */
import type { Spread } from '../check/report.js';
import { outcomeCode } from '../history/event.js';
import { faultTitle } from '../history/faults.js';
import { type History, type Kind, kinds } from '../history/history.js';

/** Nanoseconds. */
type Nanos = number;

/** What some operations were like. Percentiles are of those that are ok; `null`: none is. */
export interface Figures {
  readonly ok: number;
  readonly failed: number;
  readonly unknown: number;
  /** Nanoseconds. */
  readonly latency: Spread | null;
}

export interface KindFigures extends Figures {
  readonly kind: Kind;
}

/** A stretch in which something was broken all the time, or nothing was. */
export interface WindowFigures extends Figures {
  /** `before`, `during 1`, `after 1`. */
  readonly name: string;
  readonly isFault: boolean;
  readonly from: Nanos;
  readonly to: Nanos;
  /** What was broken, as people call it. */
  readonly faults: readonly string[];
}

/** The run in slots of equal length, a column a figure; NaN where there is none. */
export interface SlotFigures {
  readonly length: Nanos;
  /** Of each slot's middle, by the clock of the history. */
  readonly at: Float64Array;
  /** Ok operations, by when they ended. */
  readonly perSecond: Float64Array;
  /** Failed ones by when they ended, those of unknown outcome by when they began. */
  readonly failed: Float64Array;
  readonly unknown: Float64Array;
  /** Of the ok operations that ended then; nanoseconds. */
  readonly p50: Float64Array;
  readonly p99: Float64Array;
  readonly max: Float64Array;
}

export interface HistoryFigures {
  readonly total: Figures;
  readonly from: Nanos;
  /** The last time that the history tells of. */
  readonly to: Nanos;
  readonly slots: SlotFigures;
  /** Latencies of ok operations, in order. */
  readonly latencies: Float64Array;
  readonly kinds: readonly KindFigures[];
  /** None where nothing was broken. */
  readonly windows: readonly WindowFigures[];
}

const slotsWanted = 180;

export function figuresOf(history: History, slotsMax = slotsWanted): HistoryFigures {
  const { from, to } = boundsOf(history);
  const all = Int32Array.from({ length: history.count }, (_, at) => at);
  return {
    ...{ from, to },
    total: figuresFor(history, all),
    slots: slotsOf(history, from, to, slotsMax),
    latencies: latenciesOf(history, all),
    kinds: kindsOf(history, all),
    windows: windowsOf(history, from, to),
  };
}

/** Of ok operations, nearest rank; `latencies` are in order. */
export const percentile = (latencies: Float64Array, share: number): Nanos =>
  latencies[Math.max(0, Math.ceil(share * latencies.length) - 1)] ?? Number.NaN;

/** From the first beginning to the last end, of faults too. */
export function boundsOf(history: History): { from: Nanos; to: Nanos } {
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  for (let at = 0; at < history.count; at++) {
    const began = history.invokedAt[at] as number;
    const ended = history.returnedAt[at] as number;
    if (began < from) from = began;
    to = Math.max(to, began, Number.isFinite(ended) ? ended : 0);
  }
  for (const { beganAt, endedAt } of history.faults) {
    from = Math.min(from, beganAt);
    to = Math.max(to, beganAt, Number.isFinite(endedAt) ? endedAt : 0);
  }
  return from < to ? { from, to } : { from: Math.min(from, to), to: Math.min(from, to) + 1 };
}

/** Of formats without times, numbers of lines stand for nanoseconds: they say what was before what, no more. */
export const hasTimes = (operations: number, duration: Nanos): boolean => duration > 2 * operations;

function figuresFor(history: History, operations: Int32Array): Figures {
  const counts = [0, 0, 0];
  for (const at of operations) {
    const outcome = history.outcome[at] as number;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  const latencies = latenciesOf(history, operations);
  const of = (share: number): number => percentile(latencies, share);
  return {
    ok: counts[outcomeCode.ok] ?? 0,
    failed: counts[outcomeCode.fail] ?? 0,
    unknown: counts[outcomeCode.info] ?? 0,
    latency: latencies.length === 0 ? null : { p50: of(0.5), p99: of(0.99), max: of(1) },
  };
}

function latenciesOf(history: History, operations: Int32Array): Float64Array {
  const latencies = new Float64Array(operations.length);
  let count = 0;
  for (const at of operations) {
    if (history.outcome[at] !== outcomeCode.ok) continue;
    latencies[count++] = (history.returnedAt[at] as number) - (history.invokedAt[at] as number);
  }
  return latencies.subarray(0, count).sort();
}

function kindsOf(history: History, all: Int32Array): KindFigures[] {
  return kinds.flatMap((kind, code) => {
    const own = all.filter((at) => history.kind[at] === code);
    return own.length === 0 ? [] : { kind, ...figuresFor(history, own) };
  });
}

/** The length that a person would choose: 1, 2 or 5 of a power of ten. */
export function roundLength(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 2, 5, 10].find((each) => each * power >= atLeast * 0.999_999) ?? 10;
  return factor * power;
}

function slotsOf(history: History, from: Nanos, to: Nanos, slotsMax: number): SlotFigures {
  const length = roundLength(Math.max(1, (to - from) / slotsMax));
  const count = Math.max(1, Math.ceil((to - from) / length));
  const slotOf = (time: number): number =>
    Math.min(count - 1, Math.max(0, Math.floor((time - from) / length)));
  const column = (): Float64Array => new Float64Array(count);
  const [ok, failed, unknown] = [column(), column(), column()];
  for (let at = 0; at < history.count; at++) {
    const returned = history.returnedAt[at] as number;
    const isUnknown = history.outcome[at] === outcomeCode.info || !Number.isFinite(returned);
    const slot = slotOf(isUnknown ? (history.invokedAt[at] as number) : returned);
    const counts = isUnknown ? unknown : history.outcome[at] === outcomeCode.ok ? ok : failed;
    counts[slot] = (counts[slot] as number) + 1;
  }
  const latencies = latenciesBySlot(history, ok, slotOf);
  const of = (share: number): Float64Array =>
    Float64Array.from(latencies, (each) => percentile(each, share));
  return {
    ...{ length, failed, unknown, p50: of(0.5), p99: of(0.99), max: of(1) },
    at: column().map((_, slot) => from + (slot + 0.5) * length),
    perSecond: ok.map((each) => (each * 1e9) / length),
  };
}

/** One array, a part of it for each slot, each in order. */
function latenciesBySlot(
  history: History,
  ok: Float64Array,
  slotOf: (time: number) => number,
): Float64Array[] {
  const begins = new Int32Array(ok.length + 1);
  for (let slot = 0; slot < ok.length; slot++) {
    begins[slot + 1] = (begins[slot] as number) + (ok[slot] as number);
  }
  const next = begins.slice();
  const latencies = new Float64Array(begins[ok.length] as number);
  for (let at = 0; at < history.count; at++) {
    const returned = history.returnedAt[at] as number;
    if (history.outcome[at] !== outcomeCode.ok || !Number.isFinite(returned)) continue;
    const slot = slotOf(returned);
    const place = next[slot] as number;
    next[slot] = place + 1;
    latencies[place] = returned - (history.invokedAt[at] as number);
  }
  return Array.from(ok, (_, slot) => latencies.subarray(begins[slot], begins[slot + 1]).sort());
}

interface Stretch {
  readonly isFault: boolean;
  readonly from: Nanos;
  readonly to: Nanos;
  readonly faults: readonly string[];
}

/** Faults that overlap are one stretch. */
function stretchesOf(history: History, from: Nanos, to: Nanos): Stretch[] {
  const broken: { from: number; to: number; faults: string[] }[] = [];
  for (const { words, beganAt, endedAt } of [...history.faults].sort(
    (a, b) => a.beganAt - b.beganAt,
  )) {
    const last = broken.at(-1);
    const end = Math.min(endedAt, to);
    if (last === undefined || beganAt > last.to) {
      broken.push({ from: beganAt, to: end, faults: [faultTitle(words)] });
    } else {
      last.to = Math.max(last.to, end);
      last.faults.push(faultTitle(words));
    }
  }
  const stretches: Stretch[] = [];
  let calmFrom = from;
  for (const each of broken) {
    if (each.from > calmFrom) stretches.push(calm(calmFrom, each.from));
    stretches.push({ isFault: true, ...each });
    calmFrom = each.to;
  }
  if (calmFrom < to) stretches.push(calm(calmFrom, to));
  return stretches;
}

const calm = (from: Nanos, to: Nanos): Stretch => ({ isFault: false, from, to, faults: [] });

/**
 * An operation that was under way while something was broken counts for that, whether it began before or ended after it:
 * before is what had ended before it, after is what began after it.
 */
function windowsOf(history: History, from: Nanos, to: Nanos): WindowFigures[] {
  if (history.faults.length === 0) return [];
  const stretches = stretchesOf(history, from, to);
  const own: number[][] = stretches.map(() => []);
  let first = 0;
  for (let at = 0; at < history.count; at++) {
    const began = history.invokedAt[at] as number;
    const ended = history.returnedAt[at] as number;
    while (first < stretches.length - 1 && (stretches[first] as Stretch).to < began) first++;
    let place = first;
    for (let each = first; each < stretches.length; each++) {
      const stretch = stretches[each] as Stretch;
      if (stretch.from > ended) break;
      if (!stretch.isFault) continue;
      place = each;
      break;
    }
    own[place]?.push(at);
  }
  const isAlone = stretches.filter(({ isFault }) => isFault).length === 1;
  let nth = 0;
  return stretches.map((stretch, at) => {
    if (stretch.isFault) nth++;
    const number = isAlone ? '' : ` ${nth}`;
    const name = nth === 0 ? 'before' : `${stretch.isFault ? 'during' : 'after'}${number}`;
    return { name, ...stretch, ...figuresFor(history, Int32Array.from(own[at] ?? [])) };
  });
}

/** A curve whose every tenth from the end gets the same room: 50 %, 90 %, 99 %, 99.9 % … */
export function percentileCurve(
  latencies: Float64Array,
  points = 200,
): { readonly nines: Float64Array; readonly latency: Float64Array } {
  // Beyond the last operation there is nothing to know.
  const last = Math.log10(Math.max(10, latencies.length));
  const nines = Float64Array.from({ length: points }, (_, at) => (last * at) / (points - 1));
  return { nines, latency: nines.map((each) => percentile(latencies, 1 - 10 ** -each)) };
}
