/**
 * Where lanes and moments are on the canvas. Time runs to the right, or downwards where the page is narrow: `along` is the
 * way of time, `across` the way from lane to lane.
 */
import type { Lanes } from '../../trace/lanes.js';
import { clientsLane, faultsLane } from '../../trace/lanes.js';
import type { TimeView } from '../timeline/viewport.js';
import type { BarRows, LanesIndex } from './lanes-index.js';

export interface Geometry {
  readonly isVertical: boolean;
  readonly width: number;
  readonly height: number;
  readonly view: TimeView;
  /** By lane: where its band begins and how wide it is; its line is in the middle. */
  readonly bands: readonly Band[];
  /** Pixels of the way of time, all of them; it begins with the times. */
  readonly alongPx: number;
}

export interface Band {
  readonly from: number;
  readonly size: number;
}

/** Of times, at the edge of all lanes. */
export const rulerPx = 22;
/** The same where time runs downwards. */
export const gutterPx = 48;
const rowPx = 15;
const bandMin = 30;
const clientsRowsMax = 8;

export const nsOf = (ms: number): number => ms * 1e6;
export const msOf = (ns: number): number => ns / 1e6;

export interface Extent {
  readonly width: number;
  readonly height: number;
  readonly isVertical: boolean;
}

/** How much of a page it wants across its lanes. */
export function acrossWanted({ names }: Lanes, rows: BarRows): number {
  return names.reduce((sum, name) => sum + leastOf(name, rows) * (isTrack(name) ? 1 : 2), rulerPx);
}

/** No node's. */
export const isTrack = (name: string): boolean => name === clientsLane || name === faultsLane;

/** Bars need a row each, up to so many; a node's line needs room for arrows between it and the next. */
function leastOf(name: string, rows: BarRows): number {
  if (name === clientsLane) return 10 + rowPx * Math.max(1, Math.min(rows.clients, clientsRowsMax));
  if (name === faultsLane) return 8 + rowPx * Math.max(1, Math.min(rows.faults, 4));
  return bandMin;
}

/** What is left beyond that is shared by the nodes. */
export function geometryOf(
  lanes: Lanes,
  rows: BarRows,
  { width, height, isVertical }: Extent,
  view: TimeView,
): Geometry {
  const edge = isVertical ? gutterPx : rulerPx;
  const across = (isVertical ? width : height) - edge;
  const wanted = lanes.names.map((name) =>
    isVertical ? (isTrack(name) ? 0.8 : 1) : leastOf(name, rows),
  );
  const sum = wanted.reduce((a, b) => a + b, 0);
  const nodes = lanes.names.filter((name) => !isTrack(name)).length;
  const spare = isVertical ? 0 : Math.max(0, across - sum) / Math.max(1, nodes);
  const factor = isVertical ? across / sum : Math.min(1, across / sum);
  const bands: Band[] = [];
  let from = edge;
  for (const [lane, name] of lanes.names.entries()) {
    const size = (wanted[lane] as number) * factor + (isTrack(name) ? 0 : spare);
    bands.push({ from, size });
    from += size;
  }
  return { isVertical, width, height, view, bands, alongPx: isVertical ? height : width };
}

/** Along, in pixels. */
export function alongOf({ view, alongPx }: Geometry, ms: number): number {
  return ((nsOf(ms) - view.from) / (view.to - view.from)) * alongPx;
}

export function msAt({ view, alongPx }: Geometry, along: number): number {
  return msOf(view.from + (along / alongPx) * (view.to - view.from));
}

/** Of a lane's line, across. */
export function acrossOf({ bands }: Geometry, lane: number): number {
  const band = bands[lane];
  return band === undefined ? 0 : band.from + band.size / 2;
}

export function laneAt({ bands }: Geometry, across: number): number | null {
  const lane = bands.findIndex(({ from, size }) => across >= from && across < from + size);
  return lane < 0 ? null : lane;
}

/** Of a bar, across: where its row in the band of its lane begins, and how wide it is. */
export function bandOfSpan({ bands }: Geometry, { lanes, rows }: LanesIndex, span: number): Band {
  const { spans } = lanes;
  const lane = spans.lane[span] as number;
  const { from, size } = bands[lane] ?? { from: 0, size: 0 };
  const count = lane === 0 ? rows.clients : rows.faults;
  const each = Math.max(2, Math.min(rowPx, (size - 6) / Math.max(1, count)));
  return {
    from: from + 4 + (((spans.row[span] as number) * each) % Math.max(each, size - 6)),
    size: Math.max(2, each - 2),
  };
}
