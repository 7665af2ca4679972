/** What lies under everything: times, marks and the line of each lane. */
import { ticksIn } from '../timeline/viewport.js';
import { acrossOf, alongOf, gutterPx, msOf, rulerPx } from './geometry.js';
import type { Picture } from './picture.js';
import type { DiagramMark } from './scene.js';

export function paintGround(picture: Picture): void {
  const { pen, geometry, colours } = picture;
  const { width, height } = geometry;
  pen.on.fillStyle = colours.panel;
  pen.on.fillRect(0, 0, width, height);
  paintMarks(picture);
  paintTimes(picture);
  pen.on.strokeStyle = colours.muted;
  pen.on.lineWidth = 1;
  pen.on.beginPath();
  for (const lane of geometry.bands.keys()) {
    if (isTrackLane(picture, lane)) continue;
    const across = Math.round(acrossOf(geometry, lane)) + 0.5;
    pen.moveTo(0, across);
    pen.lineTo(geometry.alongPx, across);
  }
  pen.on.stroke();
}

function isTrackLane({ scene }: Picture, lane: number): boolean {
  const name = scene.index.lanes.names[lane];
  return name === 'clients' || name === 'faults';
}

function paintTimes({ pen, scene, geometry, colours }: Picture): void {
  const { on } = pen;
  const { width, height, view, alongPx, isVertical } = geometry;
  on.fillStyle = colours.raised;
  on.fillRect(0, 0, isVertical ? gutterPx : width, isVertical ? height : rulerPx);
  on.lineWidth = 1;
  if (!scene.isTimed) return;
  for (const { time, label } of ticksIn(view, 0, alongPx, isVertical ? 60 : 100)) {
    const along = Math.round(alongOf(geometry, msOf(time))) + 0.5;
    on.strokeStyle = colours.line;
    on.beginPath();
    pen.moveTo(along, 0);
    pen.lineTo(along, isVertical ? width : height);
    on.stroke();
    on.fillStyle = colours.muted;
    if (isVertical) on.fillText(label, 4, along + 8);
    else on.fillText(label, along + 4, rulerPx / 2);
  }
}

function paintMarks(picture: Picture): void {
  const { scene, geometry } = picture;
  const { names } = scene.index.lanes;
  for (const mark of scene.marks) {
    const from = Math.max(0, alongOf(geometry, mark.fromMs));
    const to = mark.toMs === null ? geometry.alongPx : alongOf(geometry, mark.toMs);
    if (to < 0 || from > geometry.alongPx) continue;
    const lanes = mark.lane === null ? names.keys() : [names.indexOf(mark.lane)];
    for (const lane of lanes) {
      if (mark.lane === null && isTrackLane(picture, lane)) continue;
      paintMark(picture, mark, { lane, from, to: Math.min(to, geometry.alongPx) });
    }
  }
}

interface Place {
  readonly lane: number;
  readonly from: number;
  readonly to: number;
}

function paintMark(
  { pen, geometry, colours }: Picture,
  { kind }: DiagramMark,
  { lane, from, to }: Place,
): void {
  const band = geometry.bands[lane];
  if (band === undefined) return;
  const { on } = pen;
  const size = Math.max(1, to - from);
  on.fillStyle = kind === 'fault' ? colours.badSoft : colours.raised;
  on.globalAlpha = kind === 'fault' ? 0.55 : 1;
  pen.fillRect(from, band.from + 2, size, band.size - 4);
  on.globalAlpha = 1;
  if (kind === 'fault') return;
  on.save();
  on.beginPath();
  on.rect(
    ...(pen.isVertical
      ? ([band.from + 2, from, band.size - 4, size] as const)
      : ([from, band.from + 2, size, band.size - 4] as const)),
  );
  on.clip();
  on.strokeStyle = colours.line;
  on.lineWidth = 2;
  on.beginPath();
  const step = 8;
  for (let along = Math.floor((from - band.size) / step) * step; along < to; along += step) {
    pen.moveTo(along, band.from + band.size);
    pen.lineTo(along + band.size, band.from);
  }
  on.stroke();
  on.restore();
}
