/** A trace as reports have it: laid out in lanes, with what led to the evidence. */
import type { Evidence } from '../../check/report.js';
import type { Millis } from '../../core/ids.js';
import { quantity } from '../../core/show.js';
import type { TraceEvent } from '../../core/trace-event.js';
import { sliceOfEvidence } from '../../report/evidence-slice.js';
import type { Report } from '../../report/report.js';
import { LanesBuilder } from '../../trace/lanes-builder.js';
import { isFate } from '../../trace/merge.js';
import { eventsWritten } from '../programs/trace-source.js';

/** More are not kept of a trace: the last ones are. */
export const toldEventsMax = 1_000_000;

type ToldTrace = Pick<Report, 'lanes' | 'slice' | 'notes'>;

/** `events`: in causal order. `beginMs`: when the history's clock stood at 0, as they are dated. */
export function toldTrace(
  events: readonly TraceEvent[],
  evidence: Evidence | null,
  beginMs: Millis | null,
): ToldTrace {
  if (events.length === 0) return { lanes: null, slice: null, notes: [] };
  const builder = new LanesBuilder();
  for (const event of events) builder.add(event);
  const lanes = builder.end();
  const isSliced = evidence !== null && beginMs !== null;
  const told = isSliced ? events.filter((event) => !isFate(event)) : [];
  const slice = isSliced ? sliceOfEvidence(evidence, told, lanes, beginMs) : null;
  const isCut = events.length === toldEventsMax;
  const notes = isCut
    ? [`Of the trace, the last ${quantity(toldEventsMax, 'event')} are here.`]
    : [];
  return { lanes, slice, notes };
}

/** What the nodes of a cluster have written since then, or the end of it; nothing where they write nothing. */
export const tracedSince = (folder: string, beginMs: Millis): readonly TraceEvent[] =>
  [...eventsWritten(folder)].filter(({ atMs }) => atMs >= beginMs).slice(-toldEventsMax);
