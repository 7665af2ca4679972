/** What an event is about that only an event before it says. */
import type { NodeId } from '../core/ids.js';
import { entryOf } from '../core/lookup.js';
import type { TraceData, TraceEvent, TypedData } from '../core/trace-event.js';
import { Recent } from './recent.js';

export interface KnownCall {
  readonly atMs: number;
  readonly data: Extract<TraceData, { readonly type: 'call' }>;
}

/** An event, and what it is about. */
export interface KnownEvent {
  readonly event: TraceEvent;
  /** The message or the record; `null`: there is none, or it is too long ago that it was sent. */
  readonly typed: TypedData | null;
  /** Of a call and its return. */
  readonly call: KnownCall | null;
}

/** Of those that were sent last. */
const messagesMax = 16_384;

/** Takes the events of a trace in their order, in bounded memory. */
export class Recall {
  readonly #sent = new Recent<TypedData>(messagesMax);
  readonly #calls = new Map<NodeId, Map<number, KnownCall>>();

  take(event: TraceEvent): KnownEvent {
    return { event, typed: this.#typedOf(event), call: this.#callOf(event) };
  }

  #typedOf({ node, clock, data }: TraceEvent): TypedData | null {
    switch (data.type) {
      case 'sent':
        this.#sent.set(`${node}:${clock[node]}`, data.message);
        return data.message;
      case 'delivered':
        return data.message;
      case 'persist':
        return data.record;
      case 'lost':
      case 'held':
      case 'doubled':
        return this.#sent.get(`${node}:${data.sent}`) ?? null;
      default:
        return null;
    }
  }

  #callOf({ node, atMs, data }: TraceEvent): KnownEvent['call'] {
    // What the node of before did not answer, nobody will.
    if (data.type === 'start') this.#calls.delete(node);
    if (data.type !== 'call' && data.type !== 'return') return null;
    const calls = entryOf(this.#calls, node, () => new Map());
    if (data.type === 'call') {
      const call = { atMs, data };
      calls.set(data.request, call);
      return call;
    }
    const call = calls.get(data.request) ?? null;
    calls.delete(data.request);
    return call;
  }
}
