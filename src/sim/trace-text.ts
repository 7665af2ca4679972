/** Trace events for people, one a line. */
import { keyFromBytes } from '../core/key.js';
import type { TraceEvent } from '../core/trace-event.js';
import { typedText } from '../trace/typed-text.js';

/** `     12.345 n1 sent(to n2, message promise(ballot 3.n2, accepted []))`. */
export function timedTraceLine({ node, atMs, data }: TraceEvent): string {
  return `${atMs.toFixed(3).padStart(11)} ${node} ${typedText(data)}`;
}

/** Whether any string or byte string in the event is this one. */
export function mentions(event: TraceEvent, text: string): boolean {
  return holds(event, text);
}

function holds(data: unknown, text: string): boolean {
  if (typeof data === 'string') return data === text;
  if (data instanceof Uint8Array) return keyFromBytes(data) === text;
  if (typeof data !== 'object' || data === null) return false;
  return Object.values(data).some((value) => holds(value, text));
}
