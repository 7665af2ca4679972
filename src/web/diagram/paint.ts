/** Draws what is in view: ground, bars, messages, events and words, in that order. */
import { lowerBound } from '../../core/lookup.js';
import { laneEventKinds } from '../../trace/lanes.js';
import type { DiagramColours } from './colours.js';
import { alongOf, type Geometry, gutterPx, msAt, rulerPx } from './geometry.js';
import type { GlyphSprites } from './glyph-sprites.js';
import { glyphByKind } from './glyphs.js';
import { type DrawingContext, LanePen, labelFont } from './lane-pen.js';
import { paintBarLabels } from './paint-bar-labels.js';
import { paintDensity } from './paint-density.js';
import { paintGround } from './paint-ground.js';
import { paintLabels } from './paint-labels.js';
import { paintMessages } from './paint-messages.js';
import { paintSpans } from './paint-spans.js';
import { dimmed, type Picture, signAt } from './picture.js';
import { type Places, placesOf } from './places.js';
import type { Scene } from './scene.js';

/** Events in view, past which messages have no heads and events no shapes. */
const shapesMax = 1200;

/** Returns where events stand now. */
export function paintLanes(
  on: DrawingContext,
  scene: Scene,
  geometry: Geometry,
  look: {
    readonly colours: DiagramColours;
    readonly sprites: GlyphSprites;
    readonly isPrinted: boolean;
  },
): Places {
  const places = placesOf(scene.index, geometry);
  const picture = { pen: new LanePen(on, geometry), scene, geometry, places, ...look };
  on.font = labelFont;
  on.textBaseline = 'middle';
  paintGround(picture);
  on.save();
  clipToLanes(picture);
  paintSpans(picture);
  if (places.isDense) paintDensity(picture);
  paintMessages(picture);
  if (!places.isDense) paintEvents(picture);
  paintChosen(picture);
  if (!places.isDense) {
    paintLabels(picture);
    paintBarLabels(picture);
  }
  on.restore();
  if (look.isPrinted) paintNames(picture);
  return places;
}

function clipToLanes({ pen, geometry }: Picture): void {
  const { width, height, isVertical } = geometry;
  pen.on.beginPath();
  if (isVertical) pen.on.rect(gutterPx, 0, width - gutterPx, height);
  else pen.on.rect(0, rulerPx, width, height - rulerPx);
  pen.on.clip();
}

/** On paper, where nothing stands beside the canvas. */
function paintNames({ pen, scene, geometry, colours }: Picture): void {
  for (const [lane, name] of scene.index.lanes.names.entries()) {
    const { from, size } = geometry.bands[lane] ?? { from: 0, size: 0 };
    const [x, y] = geometry.isVertical ? [from + 2, 8] : [4, from + size / 2 - 9];
    pen.text(name, x, y, colours.muted, colours.panel);
  }
}

function paintEvents(picture: Picture): void {
  const { pen, scene, places, colours, sprites } = picture;
  const { kind } = scene.index.lanes.events;
  const areShapes = places.end - places.first <= shapesMax;
  for (const isLit of scene.isLit === null ? [true] : [false, true]) {
    pen.on.globalAlpha = isLit ? 1 : dimmed;
    for (let event = places.first; event < places.end; event++) {
      if (scene.isLit !== null && (scene.isLit[event] === 1) !== isLit) continue;
      const its = kind[event] as number;
      // Bars say it.
      if (faultKinds.has(its)) continue;
      const [x, y] = signAt(picture, event);
      if (areShapes) sprites.draw(pen.on, its, x, y);
      else {
        pen.on.fillStyle = colours[glyphByKind[its]?.colour ?? 'muted'];
        pen.on.fillRect(x - 1, y - 3, 1.5, 6);
      }
    }
  }
  pen.on.globalAlpha = 1;
}

/** Culprits, and what is lit where the rest is only counted. */
function paintChosen(picture: Picture): void {
  const { pen, scene, geometry, places, colours, sprites } = picture;
  const { events } = scene.index.lanes;
  if (places.isDense && scene.isLit !== null) {
    // As many as one can tell apart.
    let lastAlong = -1;
    const end = lowerBound(scene.lit, places.end);
    for (let at = lowerBound(scene.lit, places.first); at < end; at++) {
      const event = scene.lit[at] as number;
      const along = alongOf(geometry, events.atMs[event] as number);
      if (along - lastAlong < 0.25) continue;
      lastAlong = along;
      sprites.draw(pen.on, events.kind[event] as number, ...signAt(picture, event));
    }
  }
  const [fromMs, toMs] = [msAt(geometry, -10), msAt(geometry, geometry.alongPx + 10)];
  for (const event of scene.culprits) {
    const atMs = events.atMs[event] as number;
    if (!(atMs >= fromMs && atMs <= toMs)) continue;
    const [x, y] = signAt(picture, event);
    pen.on.strokeStyle = colours.bad;
    pen.on.lineWidth = 2;
    pen.on.beginPath();
    pen.on.arc(x, y, 8, 0, 2 * Math.PI);
    pen.on.stroke();
    sprites.draw(pen.on, events.kind[event] as number, x, y, true);
  }
}

const faultKinds: ReadonlySet<number> = new Set([
  laneEventKinds.indexOf('fault begins'),
  laneEventKinds.indexOf('fault ends'),
]);
