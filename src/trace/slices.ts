/**
 * What led to an event: of all that it knows of, by vector clocks, what is about the same keys or was done for the same
 * operations. Events are numbered as in the lanes.
 */

import type { Millis, NodeId } from '../core/ids.js';
import { keyToBytes } from '../core/key.js';
import { entryOf } from '../core/lookup.js';
import { show } from '../core/show.js';
import type { TraceEvent } from '../core/trace-event.js';
import { decodeUtf8 } from '../core/utf8.js';
import { keysIn } from './keys.js';
import { signsOfLife } from './labels.js';
import { type LanesData, noEvent } from './lanes.js';
import { knownOf } from './line.js';
import { ownOf } from './merge.js';

/** What a node did for a client. */
export interface TracedOperation {
  readonly type: string;
  readonly keys: readonly string[];
  /** Events; `return`: {@link noEvent} when it was not answered. */
  readonly call: number;
  return: number;
}

/** What is asked: what led to these events, as far as it is about these keys or was done for these operations. */
export interface SliceQuery {
  readonly targets: readonly number[];
  readonly keys: ReadonlySet<string>;
  readonly operations: readonly TracedOperation[];
}

/** Of an event that is about no key: so much of what it knows of. */
const plainPastMax = 60;
/** Operations on the keys of an event that are looked at, the last ones. */
const operationsMax = 20;
const operationsOfViolationMax = 3;
const sliceMax = 5_000;
/** Where no operation says how far to go back. */
const lookedAtMax = 2_000;

/** Of no key, and rare. */
const always: ReadonlySet<string> = new Set(['start', 'stop', 'role', 'tell']);
/** Faults are known to nobody: all of them count. */
const never: ReadonlySet<string> = new Set(['fault', 'sync', 'violation']);

export class SliceFinder {
  /** In the order of their calls. */
  readonly operations: readonly TracedOperation[];
  readonly #events: readonly TraceEvent[];
  /** What was broken and mended. */
  readonly #faults: readonly number[];
  /** Of its own: the lanes' may be handed over to somebody else. */
  readonly #message: Uint32Array;
  readonly #delivered: Uint32Array;
  readonly #keys: (readonly string[] | undefined)[] = [];

  constructor(events: readonly TraceEvent[], lanes: Pick<LanesData, 'events' | 'messages'>) {
    this.#events = events;
    this.#faults = [...events.keys()].filter((at) => events[at]?.data.type === 'fault');
    this.#message = lanes.events.message.slice();
    this.#delivered = lanes.messages.delivered.slice();
    this.operations = operationsIn(events);
  }

  /** Of events. */
  get count(): number {
    return this.#events.length;
  }

  /** What led to one event, and the event, in their order. */
  sliceOf(event: number): Uint32Array {
    const { data } = this.#event(event);
    if (data.type === 'fault') return Uint32Array.of(event);
    if (data.type === 'violation') return this.#pastOfViolation(event, data.message);
    const around = this.operations.filter((each) => this.#isWithin(event, each));
    const keys = new Set([...this.#keysOf(event), ...around.flatMap((each) => each.keys)]);
    if (keys.size === 0) return this.#plainPast(event);
    const known = this.operations.filter(
      (each) => this.#knows(event, each.call) && each.keys.some((key) => keys.has(key)),
    );
    return this.slice({ targets: [event], keys, operations: known.slice(-operationsMax) });
  }

  slice({ targets, keys, operations }: SliceQuery): Uint32Array {
    const last = Math.max(...targets);
    const calls = operations.map(({ call }) => call);
    const first = calls.length === 0 ? Math.max(0, last - lookedAtMax) : Math.min(last, ...calls);
    const ends = new Set(operations.flatMap((each) => [each.call, each.return]));
    const isRelevant = (event: number): boolean => {
      const { data } = this.#event(event);
      if (targets.includes(event)) return true;
      if (never.has(data.type) || !this.#isKnown(event, targets)) return false;
      if (ends.has(event)) return true;
      if (data.type === 'call' || data.type === 'return') return false;
      if (always.has(data.type)) return true;
      const isOfMessage = data.type === 'sent' || data.type === 'delivered';
      if (isOfMessage && !this.#matters(event, data.message.type, targets)) return false;
      return (
        this.#keysOf(event).some((key) => keys.has(key)) ||
        operations.some((each) => this.#isWithin(event, each, last))
      );
    };
    const found: number[] = [];
    // By node, when the last one found of it happened: a timer that has led to nothing is left out.
    const foundAt = new Map<NodeId, Millis>();
    for (let event = last; event >= first && found.length < sliceMax; event--) {
      if (!isRelevant(event)) continue;
      const { node, atMs, data } = this.#event(event);
      const isIdle = data.type === 'timer' && foundAt.get(node) !== atMs;
      if (isIdle && !targets.includes(event)) continue;
      foundAt.set(node, atMs);
      found.push(event);
    }
    const broken = this.#faults.filter((event) => event <= last);
    return Uint32Array.from([...found, ...broken].sort((a, b) => a - b));
  }

  /** Of what may never be: what the nodes that it names knew by then of what clients asked last. */
  #pastOfViolation(event: number, message: string): Uint32Array {
    const names = new Set(message.match(/\bn\d+\b/g));
    const lasts = new Map<NodeId, number>();
    for (let at = event - 1; at >= 0 && lasts.size < names.size; at--) {
      const { node } = this.#event(at);
      if (names.has(node) && !lasts.has(node)) lasts.set(node, at);
    }
    const targets = [...lasts.values()];
    if (targets.length === 0) return Uint32Array.of(event);
    const known = this.operations.filter(({ call }) => this.#isKnown(call, targets));
    const operations = known.slice(-operationsOfViolationMax);
    const keys = new Set(operations.flatMap((each) => each.keys));
    return Uint32Array.from([...this.slice({ targets, keys, operations }), event]);
  }

  #plainPast(event: number): Uint32Array {
    const found = [event];
    for (let at = event - 1; at >= 0 && found.length < plainPastMax; at--) {
      if (this.#knows(event, at)) found.push(at);
    }
    return Uint32Array.from(found.reverse());
  }

  /** Whether what came of a message is known, too; one that never came may be what was missing. */
  #matters(event: number, type: string, targets: readonly number[]): boolean {
    if (signsOfLife.has(type)) return false;
    const message = this.#message[event] as number;
    if (message === noEvent || this.#event(event).data.type !== 'sent') return true;
    const delivered = this.#delivered[message] as number;
    return delivered === noEvent || this.#isKnown(delivered, targets);
  }

  #isKnown(event: number, by: readonly number[]): boolean {
    return by.some((each) => each === event || this.#knows(each, event));
  }

  /** After its call and before its return, or, while that has not come, before the last event that is asked for. */
  #isWithin(event: number, operation: TracedOperation, last = noEvent): boolean {
    const { call, return: end } = operation;
    if (event < call || !(event === call || this.#knows(event, call))) return false;
    if (end === noEvent || end > last) return true;
    return event <= end && (event === end || this.#knows(end, event));
  }

  /** Whether an event happened after this other one. */
  #knows(event: number, other: number): boolean {
    const before = this.#event(other);
    const own = ownOf(before);
    return own > 0 && knownOf(this.#event(event).clock, before.node) >= own;
  }

  #event(event: number): TraceEvent {
    return this.#events[event] as TraceEvent;
  }

  #keysOf(event: number): readonly string[] {
    const known = this.#keys[event];
    if (known !== undefined) return known;
    const { data } = this.#event(event);
    const about = 'message' in data ? data.message : 'record' in data ? data.record : null;
    const keys = textsOf(about ?? ('operation' in data ? data.operation : null));
    this.#keys[event] = keys;
    return keys;
  }
}

function operationsIn(events: readonly TraceEvent[]): TracedOperation[] {
  const found: TracedOperation[] = [];
  const open = new Map<string, Map<number, TracedOperation>>();
  for (const [at, { node, data }] of events.entries()) {
    if (data.type === 'start') open.delete(node);
    else if (data.type === 'call') {
      const { operation, request } = data;
      const traced = { type: operation.type, keys: textsOf(operation), call: at, return: noEvent };
      found.push(traced);
      entryOf(open, node, () => new Map()).set(request, traced);
    } else if (data.type === 'return') {
      const traced = open.get(node)?.get(data.request);
      if (traced !== undefined) traced.return = at;
    }
  }
  return found;
}

/** As histories write them. */
const textsOf = (data: unknown): string[] =>
  [...new Set(keysIn(data))].map((key) => decodeUtf8(keyToBytes(key as never)) ?? show(key));
