/** What changes without the trace being drawn anew: how far it has come, what is pointed at and what is selected. */
import { arrowOf } from './arrow.js';
import type { DiagramColours } from './colours.js';
import { alongOf, bandOfSpan, gutterPx, rulerPx } from './geometry.js';
import { type DrawingContext, LanePen, labelFont } from './lane-pen.js';
import type { Pickable } from './picking.js';
import { signAt } from './picture.js';
import { placeAlong } from './places.js';
import type { DiagramPick } from './scene.js';

export interface DiagramOverlay {
  /** The last event that has happened; `null`: all have. */
  readonly cursor: number | null;
  readonly selected: DiagramPick | null;
  readonly hovered: DiagramPick | null;
  /** A message that is dragged, and how far along. */
  readonly dragged: {
    readonly message: number;
    readonly byPx: number;
    readonly words: string;
  } | null;
}

export function paintOverlay(
  on: DrawingContext,
  picture: Pickable,
  overlay: DiagramOverlay,
  colours: DiagramColours,
): void {
  const pen = new LanePen(on, picture.geometry);
  const over = { ...picture, pen, colours };
  on.clearRect(0, 0, picture.geometry.width, picture.geometry.height);
  on.font = labelFont;
  on.textBaseline = 'middle';
  if (overlay.cursor !== null) paintCursor(over, overlay.cursor);
  if (overlay.hovered !== null) paintPick(over, overlay.hovered, 1.5);
  if (overlay.selected !== null) paintPick(over, overlay.selected, 3);
  if (overlay.dragged !== null) paintDragged(over, overlay.dragged);
}

interface Over extends Pickable {
  readonly pen: LanePen;
  readonly colours: DiagramColours;
}

function paintCursor({ pen, scene, geometry, places, colours }: Over, cursor: number): void {
  const { on } = pen;
  const { width, height, isVertical, alongPx } = geometry;
  const edge = isVertical ? gutterPx : rulerPx;
  const across = isVertical ? width : height;
  const { atMs, count } = scene.index.lanes.events;
  const where = { index: scene.index, geometry };
  const at =
    cursor < 0
      ? alongOf(geometry, 0) - 6
      : cursor >= count
        ? alongOf(geometry, atMs[count - 1] ?? 0) + 6
        : placeAlong(places, where, cursor) + 5;
  // What comes after is faint.
  if (at < alongPx) {
    on.globalAlpha = 0.78;
    on.fillStyle = colours.panel;
    pen.fillRect(Math.max(0, at), edge, alongPx - Math.max(0, at), across - edge);
    on.globalAlpha = 1;
  }
  on.fillStyle = colours.accent;
  pen.fillRect(at - 0.75, 0, 1.5, across);
}

function paintPick(over: Over, pick: DiagramPick, width: number): void {
  const { pen, scene, geometry, colours } = over;
  const { on } = pen;
  on.strokeStyle = colours.accent;
  on.lineWidth = width;
  on.beginPath();
  switch (pick.type) {
    case 'event': {
      const [x, y] = signAt(over, pick.event);
      on.arc(x, y, 8, 0, 2 * Math.PI);
      break;
    }
    case 'message': {
      const { from, to } = arrowOf(over, pick.message);
      pen.moveTo(...from);
      pen.lineTo(...to);
      break;
    }
    case 'span': {
      const row = bandOfSpan(geometry, scene.index, pick.span);
      const from = Math.max(-4, alongOf(geometry, scene.index.beginOfSpan(pick.span)));
      const to = Math.min(
        geometry.alongPx + 4,
        alongOf(geometry, scene.index.endOfSpan(pick.span)),
      );
      on.rect(
        pen.x(from, row.from),
        pen.y(from, row.from),
        pen.isVertical ? row.size : to - from,
        pen.isVertical ? to - from : row.size,
      );
      break;
    }
    default:
  }
  on.stroke();
}

function paintDragged(over: Over, dragged: NonNullable<DiagramOverlay['dragged']>): void {
  const { pen, colours } = over;
  const { on } = pen;
  const { from, to } = arrowOf(over, dragged.message);
  const end = [to[0] + dragged.byPx, to[1]] as const;
  on.strokeStyle = colours.warn;
  on.lineWidth = 2;
  on.setLineDash([6, 4]);
  on.beginPath();
  pen.moveTo(...from);
  pen.lineTo(...end);
  on.stroke();
  on.setLineDash([]);
  pen.text(dragged.words, pen.x(...end) + 8, pen.y(...end) - 10, colours.warn, colours.panel);
}
