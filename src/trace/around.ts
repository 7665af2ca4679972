/**
 * What an operation of a client has to do with: its part of happened-before.
 *
 * An event between the call and its return, by their clocks, may have had a part in the answer. What comes before the return or
 * after the call, and is about the operation's keys, is what it found and what it left: a write that was read, a repair. What
 * is concurrent with the operation is left out.
 */
import { usageError } from '../core/errors.js';
import { show } from '../core/show.js';
import type { TraceEvent } from '../core/trace-event.js';
import { isAbout, keysIn } from './keys.js';
import { knownOf } from './line.js';
import { ownOf } from './merge.js';
import type { KnownEvent } from './recall.js';

interface Spanned {
  readonly call: TraceEvent;
  readonly keys: readonly string[];
  /** `null`: nobody answered. */
  return: TraceEvent | null;
}

/** More of them are no single operation any more. */
const operationsMax = 100;

/** Takes all events of a trace in their order, twice: first to find the operations, then to say which events belong to them. */
export class Around {
  readonly #name: string;
  readonly #found: Spanned[] = [];

  /** A key, or a request such as `n1#17`. */
  constructor(name: string) {
    this.#name = name;
  }

  find(known: KnownEvent): void {
    const { event, call } = known;
    const { node, data } = event;
    if (data.type === 'call') {
      if (`${node}#${data.request}` !== this.#name && !isAbout(known, this.#name)) return;
      if (this.#found.length === operationsMax) {
        const what = `more than ${operationsMax} operations are about ${show(this.#name)}`;
        throw usageError(
          what,
          'Name one by its node and number, such as n1#17, as `call` shows it.',
        );
      }
      this.#found.push({ call: event, keys: [...keysIn(data.operation)], return: null });
    } else if (data.type === 'return' && call !== null) {
      const found = this.#found.findLast(({ call: { data: each } }) => each === call.data);
      if (found !== undefined) found.return = event;
    }
  }

  /** Throws a definite `bad-request` when there is no such operation. To be called when all events were taken once. */
  check(): void {
    if (this.#found.length > 0) return;
    const what = `no client asks for ${show(this.#name)} in the trace`;
    throw usageError(what, 'Give a key, or a request such as n1#17, as `call` shows it.');
  }

  takes(known: KnownEvent): boolean {
    const { event } = known;
    return this.#found.some(({ call, keys, return: end }) => {
      const isAfter = knows(event, call);
      const isBefore = knows(end ?? call, event);
      return (
        (isAfter && isBefore) || ((isAfter || isBefore) && keys.some((key) => isAbout(known, key)))
      );
    });
  }
}

/**
 * What led to the first violation of a trace: all that the nodes which it names knew by then, and what was broken. Where none is
 * told, all there is.
 */
export function pastOfViolation(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const at = events.findIndex(({ data }) => data.type === 'violation');
  const violation = events[at]?.data;
  if (violation?.type !== 'violation') return events;
  const before = events.slice(0, at);
  const lasts = [...new Set(violation.message.match(/\bn\d+\b/g))].flatMap(
    (name) => before.findLast(({ node }) => node === name) ?? [],
  );
  const isPast = (event: TraceEvent): boolean =>
    event.data.type === 'fault' || lasts.some((last) => knows(last, event));
  return [...before.filter(isPast), events[at] as TraceEvent];
}

/** Whether the event is this other one or happened after it. */
function knows({ clock }: TraceEvent, other: TraceEvent): boolean {
  return knownOf(clock, other.node) >= ownOf(other);
}
