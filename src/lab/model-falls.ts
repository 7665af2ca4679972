/** Since when each model does not hold, by events, and what led to that. */

import type { Limited } from '../check/check.js';
import { type Fall, fallsOf } from '../check/falls.js';
import type { CheckReport } from '../check/report.js';
import type { History } from '../history/history.js';
import { noEvent } from '../trace/lanes.js';
import type { SliceFinder } from '../trace/slices.js';
import type { OperationEvents } from './operation-events.js';
import type { ModelFall } from './recording.js';

export interface JudgedRun {
  readonly history: History;
  readonly report: CheckReport;
  readonly slices: SliceFinder;
  readonly operations: OperationEvents;
}

/** In the order of their events. */
export function fallsIn(run: JudgedRun, limits: Limited): ModelFall[] {
  const { history, report } = run;
  return fallsOf(history, report, limits)
    .map((fall) => ({ ...placeOf(fall, run), ...fall }))
    .sort((a, b) => a.event - b.event);
}

/** Where its node has answered the operation, and what the operations that violate the model have to do with. */
function placeOf(
  { operation, operations: involved }: Fall,
  { history, slices, operations }: JudgedRun,
): Pick<ModelFall, 'event' | 'slice'> {
  const own = operations.tracedOf(operation, history, slices).at(-1)?.return ?? noEvent;
  const event = own === noEvent ? operations.lastEventOf(operation) : own;
  const traced = [...new Set([...involved, operation])]
    .flatMap((at) => operations.tracedOf(at, history, slices))
    .filter(({ call }) => call <= event);
  const ends = traced.map((each) => (each.return === noEvent ? each.call : each.return));
  const slice = slices.slice({
    targets: [event, ...ends.filter((end) => end < event)],
    keys: new Set(traced.flatMap(({ keys }) => keys)),
    operations: traced,
  });
  return { event, slice };
}
