/** What led to the evidence of a verdict, among the events of a trace that was kept beside the history. */
import type { Evidence, EvidenceOperation } from '../check/report.js';
import type { Millis } from '../core/ids.js';
import type { TraceEvent } from '../core/trace-event.js';
import { type LanesData, noEvent } from '../trace/lanes.js';
import { SliceFinder, type TracedOperation } from '../trace/slices.js';

/** Clocks of threads and processes differ by so much at most, on one machine. */
const clocksMs: Millis = 2;

/**
 * Events of the lanes, in their order; `null`: the trace knows of none of its operations. `events`: those of the lanes, one for
 * one. `beginMs`: when the history's clock stood at 0, as the trace dates it.
 */
export function sliceOfEvidence(
  { operations }: Evidence,
  events: readonly TraceEvent[],
  lanes: LanesData,
  beginMs: Millis,
): Uint32Array | null {
  const finder = new SliceFinder(events, lanes);
  const traced = operations.flatMap((operation) => tracedOf(operation, finder, events, beginMs));
  if (traced.length === 0) return null;
  const targets = traced.map((each) => (each.return === noEvent ? each.call : each.return));
  const keys = new Set(operations.flatMap(({ key }) => key ?? []));
  // What was before the first of them explains nothing that they don't.
  const first = Math.min(...traced.map(({ call }) => call));
  return finder.slice({ targets, keys, operations: traced }).filter((event) => event >= first);
}

/** What nodes did for it, as far as can be told: what they were asked by then, on that key. */
function tracedOf(
  { f, key, node, invokedAt, returnedAt }: EvidenceOperation,
  finder: SliceFinder,
  events: readonly TraceEvent[],
  beginMs: Millis,
): readonly TracedOperation[] {
  const from = beginMs + invokedAt / 1e6 - clocksMs;
  const to = returnedAt === null ? Number.POSITIVE_INFINITY : beginMs + returnedAt / 1e6 + clocksMs;
  const atMs = (event: number): Millis => (events[event] as TraceEvent).atMs;
  const alike = finder.operations.filter(
    (each) =>
      each.type === f &&
      (key === null || each.keys.includes(key)) &&
      atMs(each.call) >= from &&
      (each.return === noEvent || atMs(each.return) <= to),
  );
  const there = alike.filter(({ call }) => (events[call] as TraceEvent).node === node);
  // It was asked through one node, and may have been asked again.
  return (there.length > 0 ? there : alike).slice(0, attemptsMax);
}

const attemptsMax = 5;
