import { laneEventKinds, laneSpanKinds, noEvent } from '../../trace/lanes.js';
import type { Scene } from './scene.js';

export const returnKind = laneEventKinds.indexOf('return');

/** `put k0 1 → done`, or what broke. */
export function spanLabel({ index }: Pick<Scene, 'index'>, span: number): string {
  const { lanes } = index;
  const { begin, end, kind } = lanes.spans;
  const label = lanes.labelOf(begin[span] as number);
  const last = end[span] as number;
  if (laneSpanKinds[kind[span] as number] !== 'operation') return label;
  if (last === noEvent || lanes.events.kind[last] !== returnKind) return label;
  return `${label} → ${lanes.labelOf(last)}`;
}
