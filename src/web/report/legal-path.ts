/** A legal order as a way through time: when each of its operations may have taken effect. */
import type { LegalOrder } from '../../check/legal-order.js';
import { selectOperations } from '../../history/columns.js';
import { type History, unsaid } from '../../history/history.js';
import type { TimelineData } from '../timeline/paint.js';

/** Operations on one key alone, each with its place in the whole. */
export interface KeyHistory {
  readonly history: History;
  readonly places: Int32Array;
}

export function historyOfKey(history: History, key: number): KeyHistory {
  const keep = Uint8Array.from(history.key, (each) => Number(each === key));
  const places: number[] = [];
  for (let at = 0; at < history.count; at++) if (keep[at] === 1) places.push(at);
  return { history: selectOperations(history, keep), places: Int32Array.from(places) };
}

/** With the operations' places in the whole. */
export const orderInWhole = (order: LegalOrder, places: Int32Array): LegalOrder => ({
  ...order,
  steps: order.steps.map((step) => ({ ...step, operation: places[step.operation] as number })),
  unplaced: order.unplaced.map((each) => ({
    ...each,
    operation: places[each.operation] as number,
  })),
});

/** As early as the order allows: when it began, or just after the one before it. */
export function effectTimes({ steps }: LegalOrder, history: History): Float64Array {
  let last = Number.NEGATIVE_INFINITY;
  return Float64Array.from(steps, ({ operation }) => {
    last = Math.max(last, history.invokedAt[operation] as number);
    return last;
  });
}

const shownAround = 6;

/** The way through the steps around one. */
export function pathAround(
  order: LegalOrder,
  times: Float64Array,
  place: number,
): TimelineData['path'] {
  const first = Math.max(0, place - shownAround);
  return order.steps.slice(first, place + shownAround + 1).map(({ operation }, at) => ({
    ...{ operation, time: times[first + at] as number },
  }));
}

/** Of which key the order is worth looking at: that of what is illegal, else the one with the most operations; -1: of none. */
export function keyToShow(history: History, culprit: number | null): number {
  const known = culprit === null ? unsaid : (history.key[culprit] as number);
  if (known !== unsaid) return known;
  const counts = new Int32Array(history.keys.length);
  for (let at = 0; at < history.count; at++) {
    const key = history.key[at] as number;
    if (key !== unsaid) counts[key] = (counts[key] as number) + 1;
  }
  const most = counts.reduce((most, count) => Math.max(most, count), 0);
  return most === 0 ? -1 : counts.indexOf(most);
}
