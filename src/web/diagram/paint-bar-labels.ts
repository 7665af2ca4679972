/** Words beside bars that are too short to hold them: a read of a moment may be what all is about. */
import { laneSpanKinds } from '../../trace/lanes.js';
import { alongOf, bandOfSpan, msAt } from './geometry.js';
import { labelCharPx } from './lane-pen.js';
import { dimmed, type Picture } from './picture.js';
import { spanLabel } from './span-label.js';

const barsMax = 150;
const charsMax = 30;
const roomMinPx = 30;

export function paintBarLabels(picture: Picture): void {
  const { pen, scene, geometry, colours } = picture;
  if (geometry.isVertical) return;
  const { spans } = scene.index.lanes;
  const bars: number[] = [];
  scene.index.spansIn(msAt(geometry, 0), msAt(geometry, geometry.alongPx), (span) => {
    if (laneSpanKinds[spans.kind[span] as number] === 'operation') bars.push(span);
  });
  if (bars.length > barsMax) return;
  // Up to where there is room beside the bar: from the last one backwards.
  const roomTo = new Map<number, number>();
  for (const span of bars.reverse()) {
    const row = spans.row[span] as number;
    const from = alongOf(geometry, scene.index.beginOfSpan(span));
    const to = alongOf(geometry, scene.index.endOfSpan(span));
    const room = (roomTo.get(row) ?? geometry.width) - to - 8;
    roomTo.set(row, from);
    const text = spanLabel(scene, span);
    if (to - from - 8 >= text.length * labelCharPx || room < roomMinPx) continue;
    // What stands in the bar is not said twice.
    if (to - from >= roomMinPx) continue;
    const chars = Math.min(charsMax, Math.floor(room / labelCharPx));
    const shown = text.length <= chars ? text : `${text.slice(0, chars - 1)}…`;
    const { from: top, size } = bandOfSpan(geometry, scene.index, span);
    const isLit = scene.isLit === null || scene.isLit[spans.begin[span] as number] === 1;
    const isBad = scene.culprits.has(spans.end[span] as number);
    pen.on.globalAlpha = isLit ? 1 : dimmed * 2;
    pen.text(shown, to + 4, top + size / 2, isBad ? colours.bad : colours.text, colours.panel);
  }
  pen.on.globalAlpha = 1;
}
