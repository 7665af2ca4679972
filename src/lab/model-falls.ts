/** Since when each model does not hold, by events, and what led to that. */
import type { CheckReport } from '../check/report.js';
import type { History } from '../history/history.js';
import { noEvent } from '../trace/lanes.js';
import type { SliceFinder } from '../trace/slices.js';
import type { OperationEvents } from './operation-events.js';
import type { ModelFall } from './recording.js';

export interface JudgedRun {
  readonly history: History;
  readonly report: CheckReport;
  readonly causes: SliceFinder;
  readonly operations: OperationEvents;
}

/** In the order of their events. */
export function fallsIn({ history, report, causes, operations }: JudgedRun): ModelFall[] {
  const falls = report.models.flatMap(({ model, verdict, reason, evidence }): ModelFall[] => {
    const involved = evidence?.operations.map(({ index }) => index) ?? [];
    if (verdict !== 'violated' || involved.length === 0) return [];
    const endOf = (at: number): number => {
      const end = history.returnedAt[at] as number;
      return Number.isFinite(end) ? end : -1;
    };
    const operation = involved.reduce((a, b) => (endOf(b) > endOf(a) ? b : a));
    const traced = involved.flatMap((at) => operations.tracedOf(at, history, causes));
    const own = operations.tracedOf(operation, history, causes).at(-1)?.return ?? noEvent;
    const event = own === noEvent ? operations.lastEventOf(operation) : own;
    const ends = traced.map((each) => (each.return === noEvent ? each.call : each.return));
    const slice = causes.slice({
      targets: [event, ...ends.filter((end) => end < event)],
      keys: new Set(traced.flatMap(({ keys }) => keys)),
      operations: traced,
    });
    return [{ model, event, operation, sentence: evidence?.sentence ?? reason, slice }];
  });
  return falls.sort((a, b) => a.event - b.event);
}
