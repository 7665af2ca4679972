/**
 * A trace laid out to be drawn: a lane a node, an arrow a message, a bar an operation of a client. Columns, because a trace may
 * have a million events; event, message and span numbers are places in them.
 */
import type { Millis } from '../core/ids.js';
import { lowerBound } from '../core/lookup.js';
import { decodeUtf8 } from '../core/utf8.js';

/** What an event is, for who draws it. */
export const laneEventKinds = [
  ...(['start', 'stop', 'sent', 'delivered', 'timer', 'persist', 'sync', 'durable'] as const),
  ...(['call', 'return', 'role', 'tell', 'fault begins', 'fault ends', 'violation'] as const),
] as const;
export type LaneEventKind = (typeof laneEventKinds)[number];

/** What became of a message. `under way`: nothing yet when the trace ended. */
export const messageFates = ['delivered', 'lost', 'under way'] as const;
export type MessageFate = (typeof messageFates)[number];

/**
 * What lasts. `operation`: from a call to its return, in the lane of the clients. `undurable`: the node has records that are
 * not durable yet. `down`: it has stopped. `fault`: in the lane of faults.
 */
export const laneSpanKinds = ['operation', 'undurable', 'down', 'fault'] as const;
export type LaneSpanKind = (typeof laneSpanKinds)[number];

/** What happened to a message on its way. */
export const laneRemarkKinds = ['lost', 'held', 'doubled'] as const;
export type LaneRemarkKind = (typeof laneRemarkKinds)[number];

/** In columns of events: there is none. */
export const noEvent = 0xffff_ffff;

/** Lane 0. */
export const clientsLane = 'clients';
/** The last, where there is one. */
export const faultsLane = 'faults';

/** Plain data, for workers and files. */
export interface LanesData {
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
    /** Of a call and its return, that of the node. */
    readonly lane: Uint16Array;
    /** Indices into {@link laneEventKinds}. */
    readonly kind: Uint8Array;
    /** The message that it sends or takes; {@link noEvent}: none, or one that the trace does not know. */
    readonly message: Uint32Array;
    /** Indices into {@link LanesData.labels}. */
    readonly label: Uint16Array;
  };
  /** In the order of their sending. */
  readonly messages: {
    readonly count: number;
    /** The event of its sending. */
    readonly sent: Uint32Array;
    /** The event of its first delivery, or {@link noEvent}. */
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
  /** In the order of their begins. */
  readonly spans: {
    readonly count: number;
    /** Indices into {@link laneSpanKinds}. */
    readonly kind: Uint8Array;
    readonly lane: Uint16Array;
    /** Events. */
    readonly begin: Uint32Array;
    /** {@link noEvent}: it lasts to the end. */
    readonly end: Uint32Array;
    /** Of those that overlap in a lane, no two have the same. */
    readonly row: Uint8Array;
  };
  /** In the order of their messages. */
  readonly remarks: {
    readonly count: number;
    readonly message: Uint32Array;
    /** Indices into {@link laneRemarkKinds}. */
    readonly kind: Uint8Array;
    readonly atMs: Float64Array;
    /** Indices into {@link LanesData.labels}. */
    readonly why: Uint16Array;
  };
  /** Of messages: `prepare`, `accept`. */
  readonly types: readonly string[];
  readonly labels: readonly string[];
  /** What there is to say of each event, a line each, {@link textsPerChunk} in a chunk, as UTF-8. */
  readonly texts: readonly Uint8Array[];
}

export const textsPerChunk = 4096;

export interface Lanes extends LanesData {
  /** A few words, to stand beside the event: `put k0 1`, `accept 3`. */
  labelOf(event: number): string;
  /** All there is to say, as `kvx trace` says it; what became of a message on further lines. */
  textOf(event: number): Promise<string>;
}

/** `chunkOf`: where texts come from when they are not in `data.texts`. */
export function lanesOf(
  data: LanesData,
  chunkOf: (chunk: number) => Uint8Array | Promise<Uint8Array> = (chunk) =>
    data.texts[chunk] ?? new Uint8Array(),
): Lanes {
  const texts = new LaneTexts(data, chunkOf);
  return {
    ...data,
    labelOf: (event) => data.labels[data.events.label[event] as number] ?? '',
    textOf: (event) => texts.of(event),
  };
}

const timeChars = 11;
const typeChars = 9;

class LaneTexts {
  readonly #data: LanesData;
  readonly #chunkOf: (chunk: number) => Uint8Array | Promise<Uint8Array>;
  /** That was asked for last. */
  #chunk = -1;
  #lines: Promise<readonly string[]> = Promise.resolve([]);

  constructor(data: LanesData, chunkOf: (chunk: number) => Uint8Array | Promise<Uint8Array>) {
    this.#data = data;
    this.#chunkOf = chunkOf;
  }

  async of(event: number): Promise<string> {
    const { names, events, messages } = this.#data;
    if (!(event >= 0 && event < events.count)) return '';
    const kind = laneEventKinds[events.kind[event] as number] as LaneEventKind;
    const message = events.message[event] as number;
    const detail = await this.#line(message === noEvent ? event : (messages.sent[message] ?? 0));
    const name = (lane: number | undefined): string => names[lane ?? 0] ?? '';
    const said =
      message === noEvent
        ? detail
        : kind === 'sent'
          ? `→ ${name(messages.to[message])} ${detail}`
          : `← ${name(messages.from[message])} ${detail}`;
    const nodes = names.filter((each) => each !== clientsLane && each !== faultsLane);
    const nodeChars = Math.max(2, ...nodes.map((each) => each.length));
    const lane = events.lane[event] as number;
    const who = (names[lane] === faultsLane ? '' : name(lane)).padEnd(nodeChars);
    const what = wordOf[kind] ?? kind;
    const line = `${msText(events.atMs[event] as number)} ${who} ${what.padEnd(typeChars)} ${said}`;
    return [line.trimEnd(), ...this.#remarks(message)].join('\n');
  }

  #line(event: number): Promise<string> {
    const chunk = Math.floor(event / textsPerChunk);
    if (chunk !== this.#chunk) {
      this.#chunk = chunk;
      this.#lines = Promise.resolve(this.#chunkOf(chunk)).then((bytes) =>
        (decodeUtf8(bytes) ?? '').split('\n'),
      );
    }
    return this.#lines.then((lines) => lines[event % textsPerChunk] ?? '');
  }

  #remarks(message: number): string[] {
    if (message === noEvent) return [];
    const { remarks, labels } = this.#data;
    const said: string[] = [];
    for (let at = lowerBound(remarks.message, message); remarks.message[at] === message; at++) {
      const kind = laneRemarkKinds[remarks.kind[at] as number];
      const why = labels[remarks.why[at] as number];
      said.push(`${msText(remarks.atMs[at] as number)} ${kind}: ${why}`);
    }
    return said;
  }
}

/** As traces call them. */
const wordOf: Partial<Readonly<Record<LaneEventKind, string>>> = {
  ...{ 'fault begins': 'fault', 'fault ends': 'fault' },
};

const msText = (ms: Millis): string => ms.toFixed(3).padStart(timeChars);
