/** Where events are too many to be told apart, how many there are: a column for every three pixels of time, in each lane. */

import { partitionPoint } from '../../core/lookup.js';
import { faultsLane } from '../../trace/lanes.js';
import type { DiagramColours } from './colours.js';
import { msOf } from './geometry.js';
import { densityClasses } from './lanes-index.js';
import { dimmed, type Picture } from './picture.js';

const columnPx = 3;
const classColours: readonly (keyof DiagramColours)[] = [
  ...(['message', 'client', 'disk', 'muted', 'told'] as const),
];

export function paintDensity({ pen, scene, geometry, colours }: Picture): void {
  const { index } = scene;
  const { view, alongPx, bands } = geometry;
  const { atMs } = index.lanes.events;
  const columnNs = ((view.to - view.from) / alongPx) * columnPx;
  // Columns stand still in time while one scrolls.
  const begin = Math.floor(view.from / columnNs) * columnNs;
  const offset = ((begin - view.from) / (view.to - view.from)) * alongPx;
  const columns = Math.ceil(alongPx / columnPx) + 1;
  const counts = new Uint32Array(index.cells * columns);
  const eventFrom = (ns: number, from: number): number =>
    partitionPoint(atMs.length, (event) => (atMs[event] as number) < msOf(ns), from);
  let first = eventFrom(begin, 0);
  for (let column = 0; column < columns; column++) {
    const end = eventFrom(begin + (column + 1) * columnNs, first);
    if (end > first) {
      index.count(first, end, counts.subarray(column * index.cells, (column + 1) * index.cells));
    }
    first = end;
  }
  pen.on.globalAlpha = scene.isLit === null ? 0.9 : dimmed;
  for (const [nth] of densityClasses.entries()) {
    pen.on.fillStyle = colours[classColours[nth] as keyof DiagramColours];
    for (const [lane, band] of bands.entries()) {
      // Bars say it.
      if (index.lanes.names[lane] === faultsLane) continue;
      const sizeMax = Math.min(band.size - 8, 56);
      const middle = band.from + band.size / 2;
      for (let column = 0; column < columns; column++) {
        const at = column * index.cells + lane * densityClasses.length;
        const own = counts[at + nth] as number;
        if (own === 0) continue;
        let [sum, below] = [0, 0];
        for (let each = 0; each < densityClasses.length; each++) {
          const count = counts[at + each] as number;
          sum += count;
          if (each < nth) below += count;
        }
        const size = Math.min(sizeMax, 3 + 4.5 * Math.log2(1 + sum));
        const from = middle - size / 2 + (below / sum) * size;
        pen.fillBlock(offset + column * columnPx, from, columnPx, (own / sum) * size);
      }
    }
  }
  pen.on.globalAlpha = 1;
}
