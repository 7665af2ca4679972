import { registerKinds } from '../register/operations.js';
import { canTakeEffect, roles, type Timeline } from './timeline.js';
import type { TrailStep } from './trail.js';

/**
 * The whole order from the writes that the search let take effect: each observer comes at its start or after the first
 * step then that it agrees with, each write that passed unseen just before a plain write that was taken while it was
 * open.
 */
export function witnessOf(
  timeline: Timeline,
  trail: readonly TrailStep[],
  initial: number,
): Int32Array {
  const { operations, role, events } = timeline;
  const isStep = new Uint8Array(operations.count);
  for (const { operation } of trail) isStep[operation] = 1;
  const before: number[][] = trail.map(() => []);
  const after: number[][] = [[], ...trail.map(() => [])];
  let done = 0;
  events.forEach((event, place) => {
    const at = event >> 1;
    if ((event & 1) === 1) return;
    while (done < trail.length && (trail[done] as TrailStep).place < place) done++;
    if (role[at] === roles.observer) {
      let step = done;
      while (!canTakeEffect(operations, at, valueAfter(step))) step++;
      after[step]?.push(at);
    } else if (role[at] === roles.writer && isStep[at] === 0) {
      let step = done;
      while (!isPlain(step)) step++;
      before[step]?.push(at);
    }
  });
  const parts = trail.map(({ operation }, step) => [
    ...(after[step] as number[]),
    ...(before[step] as number[]),
    operation,
  ]);
  return Int32Array.from([...parts.flat(), ...(after[trail.length] as number[])]);

  function valueAfter(step: number): number {
    if (step === 0) return initial;
    return operations.value[(trail[step - 1] as TrailStep).operation] as number;
  }

  function isPlain(step: number): boolean {
    return operations.kind[(trail[step] as TrailStep).operation] === registerKinds.write;
  }
}
