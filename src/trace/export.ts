import type { KnownEvent } from './recall.js';

/** A trace in the form of another tool, piece by piece. Takes the events that are wanted, in their order. */
export interface TraceExport {
  /** What stands before all events. */
  begin(): string;
  event(known: KnownEvent): string;
  end(): string;
}
