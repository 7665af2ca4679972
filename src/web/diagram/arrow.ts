/** Where a message goes on the canvas. */
import { messageFates, noEvent } from '../../trace/lanes.js';
import { acrossOf, alongOf, type Geometry } from './geometry.js';
import { type Places, placeAlong } from './places.js';
import type { Scene } from './scene.js';

export interface Arrow {
  readonly from: readonly [along: number, across: number];
  readonly to: readonly [along: number, across: number];
}

const lostFate = messageFates.indexOf('lost');

export function arrowOf(
  {
    scene,
    geometry,
    places,
  }: { readonly scene: Scene; readonly geometry: Geometry; readonly places: Places },
  message: number,
): Arrow {
  const where = { index: scene.index, geometry };
  const { sent, delivered, from, to, endMs, fate } = scene.index.lanes.messages;
  const begin = placeAlong(places, where, sent[message] as number);
  const taken = delivered[message] as number;
  const end =
    taken === noEvent
      ? alongOf(geometry, endMs[message] as number)
      : placeAlong(places, where, taken);
  const a = acrossOf(geometry, from[message] as number);
  const b = acrossOf(geometry, to[message] as number);
  // What is lost ends on its way.
  const share = fate[message] === lostFate ? 0.7 : 1;
  return { from: [begin, a], to: [Math.max(begin, end), a + (b - a) * share] };
}
