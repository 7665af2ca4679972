/** What is under a pointer. */
import { laneSpanKinds } from '../../trace/lanes.js';
import { arrowOf } from './arrow.js';
import { acrossOf, bandOfSpan, type Geometry, laneAt, msAt } from './geometry.js';
import type { LanesIndex } from './lanes-index.js';
import { type Places, placeAlong } from './places.js';
import type { DiagramPick, Scene } from './scene.js';

export interface Pickable {
  readonly scene: Scene;
  readonly geometry: Geometry;
  readonly places: Places;
}

const eventPx = 8;
const messagePx = 6;
const spanPx = 3;

/** An event before a bar, a bar before a message; of several, the nearest; `null`: nothing is there. */
export function pickAt(on: Pickable, along: number, across: number): DiagramPick | null {
  return eventAt(on, along, across) ?? spanAt(on, along, across) ?? messageAt(on, along, across);
}

/** The message that is nearest, for who wants no other. */
export function messageAt(on: Pickable, along: number, across: number): DiagramPick | null {
  const { scene, geometry, places } = on;
  if (places.isDense) return null;
  let best: number | null = null;
  let nearest = messagePx;
  const [fromMs, toMs] = around(geometry, along, geometry.alongPx);
  scene.index.messagesIn(fromMs, toMs, (message) => {
    const { from, to } = arrowOf(on, message);
    const distance = distanceTo([along, across], from, to);
    if (distance >= nearest) return;
    nearest = distance;
    best = message;
  });
  return best === null ? null : { type: 'message', message: best };
}

function eventAt(on: Pickable, along: number, across: number): DiagramPick | null {
  const { scene, geometry, places } = on;
  const { lane } = scene.index.lanes.events;
  const its = laneAt(geometry, across);
  if (its === null || Math.abs(acrossOf(geometry, its) - across) > eventPx * 1.5) return null;
  const [first, end] = scene.index.eventsIn(...around(geometry, along, eventPx + 28));
  let best: number | null = null;
  let nearest = eventPx;
  for (let event = first; event < end; event++) {
    if (lane[event] !== its) continue;
    const distance = Math.abs(placeAlong(places, { index: scene.index, geometry }, event) - along);
    if (distance >= nearest) continue;
    nearest = distance;
    best = event;
  }
  return best === null ? null : { type: 'event', event: best };
}

function spanAt({ scene, geometry }: Pickable, along: number, across: number): DiagramPick | null {
  const { index } = scene;
  const { spans } = index.lanes;
  let best: number | null = null;
  index.spansIn(...around(geometry, along, spanPx), (span) => {
    const kind = laneSpanKinds[spans.kind[span] as number];
    if (kind !== 'operation' && kind !== 'fault') return;
    const { from, size } = bandOfSpan(geometry, index, span);
    if (across >= from && across <= from + size) best = span;
  });
  return best === null ? null : { type: 'span', span: best };
}

/** The moments so many pixels before and after. */
function around(geometry: Geometry, along: number, px: number): [number, number] {
  return [msAt(geometry, along - px), msAt(geometry, along + px)];
}

type Point = readonly [along: number, across: number];

function distanceTo([x, y]: Point, [x1, y1]: Point, [x2, y2]: Point): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : ((x - x1) * dx + (y - y1) * dy) / length;
  const on = Math.min(1, Math.max(0, share));
  return Math.hypot(x - x1 - on * dx, y - y1 - on * dy);
}

/** The event that a pick begins with; `null`: it is no moment. */
export function eventOf({ lanes }: Pick<LanesIndex, 'lanes'>, pick: DiagramPick): number | null {
  switch (pick.type) {
    case 'event':
      return pick.event;
    case 'message':
      return lanes.messages.sent[pick.message] ?? null;
    case 'span':
      return lanes.spans.begin[pick.span] ?? null;
    default:
      return null;
  }
}

/** The next event of the same lane that way; where there is none, the same. */
export function nextInLane({ index }: Scene, event: number, step: 1 | -1): number {
  const { lane, count } = index.lanes.events;
  for (let at = event + step; at >= 0 && at < count; at += step) {
    if (lane[at] === lane[event]) return at;
  }
  return event;
}

/** The event of the next lane that way that is nearest in time; where there is none, the same. */
export function nextAcross({ index }: Scene, event: number, step: 1 | -1): number {
  const { lane, count, atMs } = index.lanes.events;
  const { names } = index.lanes;
  const nearest = (its: number, way: 1 | -1): number | null => {
    for (let at = event + way; at >= 0 && at < count; at += way) if (lane[at] === its) return at;
    return null;
  };
  const away = (other: number | null): number =>
    other === null ? Infinity : Math.abs((atMs[other] as number) - (atMs[event] as number));
  for (let its = (lane[event] as number) + step; its > 0 && its < names.length; its += step) {
    const [before, after] = [nearest(its, -1), nearest(its, 1)];
    const found = away(before) < away(after) ? before : after;
    if (found !== null) return found;
  }
  return event;
}
