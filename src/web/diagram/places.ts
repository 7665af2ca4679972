/**
 * Where the events in view stand along time. Nodes do much in no time: what would stand on one spot is set side by side, as
 * far as there is room, so that one sees what came of what.
 */
import { alongOf, type Geometry, msAt } from './geometry.js';
import type { LanesIndex } from './lanes-index.js';

export interface Places {
  /** The first event in view, and the one after the last. */
  readonly first: number;
  readonly end: number;
  /** Too many to be drawn one by one: they are counted. */
  readonly isDense: boolean;
  /** Of each event from the first on; empty when dense. */
  readonly along: Float32Array;
}

/** Events on one pixel of time, past which they are counted. */
const eventsPerPx = 2;
const gapPx = 7;
const shiftMaxPx = 28;
/** Of them, past which nothing is set side by side. */
const sideBySideMax = 400;

export function placesOf(index: LanesIndex, geometry: Geometry): Places {
  const margin = shiftMaxPx + 4;
  const [first, end] = index.eventsIn(
    msAt(geometry, -margin),
    msAt(geometry, geometry.alongPx + margin),
  );
  const isDense = end - first > eventsPerPx * geometry.alongPx;
  const along = new Float32Array(isDense ? 0 : end - first);
  const { atMs, lane } = index.lanes.events;
  const last = new Float64Array(index.lanes.names.length).fill(-Infinity);
  const isSideBySide = end - first <= sideBySideMax;
  for (let at = 0; at < along.length; at++) {
    const event = first + at;
    const its = lane[event] as number;
    const exact = alongOf(geometry, atMs[event] as number);
    const apart = (last[its] as number) + gapPx - exact;
    const shift = isSideBySide ? Math.min(shiftMaxPx, Math.max(0, apart)) : 0;
    along[at] = exact + shift;
    last[its] = along[at] as number;
  }
  return { first, end, isDense, along };
}

/** Also of an event that is out of view. */
export function placeAlong(
  { first, end, along, isDense }: Places,
  { index, geometry }: { readonly index: LanesIndex; readonly geometry: Geometry },
  event: number,
): number {
  if (!isDense && event >= first && event < end) return along[event - first] as number;
  return alongOf(geometry, index.lanes.events.atMs[event] as number);
}
