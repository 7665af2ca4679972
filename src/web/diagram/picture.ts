/** What those who draw it share. */
import type { DiagramColours } from './colours.js';
import { acrossOf, type Geometry } from './geometry.js';
import type { GlyphSprites } from './glyph-sprites.js';
import type { LanePen } from './lane-pen.js';
import { type Places, placeAlong } from './places.js';
import type { Scene } from './scene.js';

export interface Picture {
  readonly pen: LanePen;
  readonly scene: Scene;
  readonly geometry: Geometry;
  readonly places: Places;
  readonly colours: DiagramColours;
  readonly sprites: GlyphSprites;
}

/** Of what is not lit, while something is. */
export const dimmed = 0.16;
/** Where an event's sign is: of what clients ask and are told, in the lane of the node. */
export function signAt(
  { pen, scene: { index }, geometry, places }: Omit<Picture, 'colours' | 'sprites'>,
  event: number,
): readonly [x: number, y: number] {
  const across = acrossOf(geometry, index.lanes.events.lane[event] as number);
  const along = placeAlong(places, { index, geometry }, event);
  return [pen.x(along, across), pen.y(along, across)];
}
