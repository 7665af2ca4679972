/**
 * A trace laid out to be drawn: a lane a node, an arrow a message. Columns, because a trace may have a million events; event
 * and message numbers are places in them.
 */
import type { Millis } from '../core/ids.js';

/** What an event is, for who draws it. */
export const laneEventKinds = [
  ...(['start', 'stop', 'sent', 'delivered', 'timer', 'persist', 'sync', 'durable'] as const),
  ...(['call', 'return', 'role', 'tell', 'fault begins', 'fault ends', 'violation'] as const),
] as const;
export type LaneEventKind = (typeof laneEventKinds)[number];

/** What became of a message. `under way`: nothing yet when the trace ended. */
export const messageFates = ['delivered', 'lost', 'under way'] as const;
export type MessageFate = (typeof messageFates)[number];

/** In {@link Lanes.messages}: there is no such event. */
export const noEvent = 0xffff_ffff;

export interface Lanes {
  /** `clients` first, then nodes in their order, `faults` last where there is such a track. */
  readonly names: readonly string[];
  /** Of the first event, as the trace dates it. */
  readonly beginMs: Millis;
  readonly durationMs: Millis;
  /** In order of time; of one time, causes first. */
  readonly events: {
    readonly count: number;
    /** Since `beginMs`. */
    readonly atMs: Float64Array;
    readonly lane: Uint16Array;
    /** Indices into {@link laneEventKinds}. */
    readonly kind: Uint8Array;
    /** The message that it sends or takes; {@link noEvent}: none. */
    readonly message: Uint32Array;
  };
  readonly messages: {
    readonly count: number;
    /** The event of its sending. */
    readonly sent: Uint32Array;
    /** The event of its (first) delivery, or {@link noEvent}. */
    readonly delivered: Uint32Array;
    readonly from: Uint16Array;
    readonly to: Uint16Array;
    /** Indices into {@link messageFates}. */
    readonly fate: Uint8Array;
    /** When it was delivered or lost, since `beginMs`; of what is under way, the end of the trace. */
    readonly endMs: Float64Array;
    /** Ids into {@link types}. */
    readonly type: Uint16Array;
  };
  /** Of messages: `prepare`, `accept`. */
  readonly types: readonly string[];
  /** A few words, to stand beside the event: `put k0 1`, `accept 3`. */
  labelOf(event: number): string;
  /** All there is to say, a line or several. */
  textOf(event: number): Promise<string>;
}
