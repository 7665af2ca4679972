import type { TraceData } from '../../core/trace-event.js';
import type { ActiveFault } from '../../faults/active.js';

/** What stands for a node in events about what was broken on purpose. */
export const faultTrack = 'faults';

export type TracedFault = Pick<ActiveFault, 'id' | 'words' | 'by'>;

/** What has begun and what has ended when the list of faults is another. */
export function faultChanges(
  before: readonly TracedFault[],
  after: readonly TracedFault[],
): TraceData[] {
  const changes = (change: 'begin' | 'end', now: readonly TracedFault[], then: typeof now) =>
    now
      .filter(({ id }) => then.every((fault) => fault.id !== id))
      .map(({ id, words, by }) => ({ type: 'fault', change, fault: { id, words, by } }) as const);
  return [...changes('begin', after, before), ...changes('end', before, after)];
}
