/** What lasts: operations and faults as bars, records that are not durable yet, nodes that are down. */
import { laneSpanKinds, noEvent } from '../../trace/lanes.js';
import { acrossOf, alongOf, bandOfSpan, msAt } from './geometry.js';
import { labelCharPx } from './lane-pen.js';
import { dimmed, type Picture } from './picture.js';
import { returnKind, spanLabel } from './span-label.js';

const rowsInLane = 256;
/** Bars that end no later than so much after another of the same row are left out. */
const finePx = 1.5;
const coarsePx = 3;
/** Narrower bars have no words. */
const labelMinPx = 26;

export function paintSpans(picture: Picture): void {
  const { scene, geometry } = picture;
  const { spans, names } = scene.index.lanes;
  const apartPx = picture.places.isDense ? coarsePx : finePx;
  // By lane, kind and row: up to where it is painted. What would be on the same pixels again is left out.
  const paintedTo = new Float64Array(names.length * laneSpanKinds.length * rowsInLane).fill(-1e9);
  scene.index.spansIn(msAt(geometry, -2), msAt(geometry, geometry.alongPx + 2), (span) => {
    const from = Math.max(-4, alongOf(geometry, scene.index.beginOfSpan(span)));
    const to = Math.min(geometry.alongPx + 4, alongOf(geometry, scene.index.endOfSpan(span)));
    const kind = spans.kind[span] as number;
    const lane = spans.lane[span] as number;
    const track = (lane * laneSpanKinds.length + kind) * rowsInLane + (spans.row[span] as number);
    const painted = paintedTo[track] as number;
    if (to < painted + apartPx) return;
    paintedTo[track] = Math.max(to, from + 1);
    paintSpan(picture, span, { from, to: Math.max(to, from + 1) });
  });
  picture.pen.on.globalAlpha = 1;
}

interface Reach {
  readonly from: number;
  readonly to: number;
}

function paintSpan(picture: Picture, span: number, reach: Reach): void {
  const { pen, scene, geometry, colours } = picture;
  const { spans } = scene.index.lanes;
  const lane = spans.lane[span] as number;
  const across = acrossOf(geometry, lane);
  const isDim = scene.isLit !== null && scene.isLit[spans.begin[span] as number] !== 1;
  pen.on.globalAlpha = isDim ? dimmed * 2 : 1;
  switch (laneSpanKinds[spans.kind[span] as number]) {
    case 'undurable':
      pen.on.fillStyle = colours.disk;
      pen.fillBlock(reach.from, across + 7, reach.to - reach.from, 3);
      return;
    case 'down': {
      if (reach.to - reach.from < 4) {
        pen.on.fillStyle = colours.bad;
        pen.fillBlock(reach.from, across - 1, 1, 3);
        return;
      }
      // No line, but a dashed one.
      pen.on.globalAlpha = 1;
      pen.on.fillStyle = colours.panel;
      pen.fillRect(reach.from, across - 2, reach.to - reach.from, 4);
      pen.on.strokeStyle = colours.bad;
      pen.on.lineWidth = 1.5;
      pen.on.setLineDash([3, 5]);
      pen.on.beginPath();
      pen.moveTo(reach.from, across);
      pen.lineTo(reach.to, across);
      pen.on.stroke();
      pen.on.setLineDash([]);
      return;
    }
    case 'fault':
      paintBar(picture, span, { ...reach, fill: colours.badSoft, rim: colours.bad });
      return;
    default:
      paintBar(picture, span, operationLook(picture, span, reach));
  }
}

interface Bar extends Reach {
  readonly fill: string;
  readonly rim: string;
}

function operationLook({ scene, colours }: Picture, span: number, reach: Reach): Bar {
  const { spans } = scene.index.lanes;
  const isBad = scene.culprits.has(spans.begin[span] as number);
  const isBadEnd = scene.culprits.has(spans.end[span] as number);
  if (isBad || isBadEnd) return { ...reach, fill: colours.badSoft, rim: colours.bad };
  return { ...reach, fill: colours.accentSoft, rim: colours.client };
}

function paintBar(picture: Picture, span: number, { from, to, fill, rim }: Bar): void {
  const { pen, scene, geometry, colours } = picture;
  const { on } = pen;
  const row = bandOfSpan(geometry, scene.index, span);
  const size = to - from;
  if (size < 3) {
    on.fillStyle = rim;
    pen.fillBlock(from, row.from, size, row.size);
    return;
  }
  const box = pen.isVertical
    ? ([row.from, from, row.size, size] as const)
    : ([from, row.from, size, row.size] as const);
  on.fillStyle = fill;
  on.fillRect(...box);
  on.strokeStyle = rim;
  on.lineWidth = 1;
  // What nobody answered has an open end.
  if (!isAnswered(picture, span)) on.setLineDash([2, 2]);
  on.strokeRect(box[0] + 0.5, box[1] + 0.5, Math.max(0, box[2] - 1), Math.max(0, box[3] - 1));
  on.setLineDash([]);
  const room = (pen.isVertical ? row.size : size) - 8;
  if (room < labelMinPx || row.size < 9) return;
  const text = spanLabel(picture.scene, span);
  const shown =
    text.length * labelCharPx <= room ? text : `${text.slice(0, room / labelCharPx - 1)}…`;
  on.fillStyle = colours.text;
  // At the left edge where the bar began before.
  const x = pen.isVertical ? row.from + 4 : Math.max(from, 0) + 4;
  const y = pen.isVertical ? Math.max(from, 0) + 8 : row.from + row.size / 2 + 0.5;
  on.fillText(shown, x, y);
}

function isAnswered({ scene }: Picture, span: number): boolean {
  const { spans, events } = scene.index.lanes;
  if (laneSpanKinds[spans.kind[span] as number] !== 'operation') return true;
  const end = spans.end[span] as number;
  return end !== noEvent && events.kind[end] === returnKind;
}
