/**
 * Lays a trace out as {@link LanesData} while it is told, in one pass: numbers in columns, texts as bytes. Of what is under
 * way it keeps what it needs to know what becomes of it.
 */

import { GrowingTable } from '../core/growing-table.js';
import type { Millis, NodeId } from '../core/ids.js';
import { entryOf } from '../core/lookup.js';
import { compareNodes } from '../core/node-order.js';
import { oneLine } from '../core/show.js';
import type { TraceData, TracedFate, TraceEvent, TypedData } from '../core/trace-event.js';
import { encodeUtf8 } from '../core/utf8.js';
import { type EventData, labelAndShorter } from './labels.js';
import { FreeRows, LaneWords, Track, wordsMax } from './lane-tracks.js';
import {
  clientsLane,
  faultsLane,
  type LaneEventKind,
  type LaneRemarkKind,
  type LaneSpanKind,
  type LanesData,
  laneEventKinds,
  laneRemarkKinds,
  laneSpanKinds,
  messageFates,
  noEvent,
  textsPerChunk,
} from './lanes.js';
import { knownOf } from './line.js';
import type { KnownCall } from './recall.js';
import { detailOf } from './text.js';
import { typedText } from './typed-text.js';

/** Longer texts are cut: values may be of any size. */
const charsMax = { label: 32, why: 100, text: 2000 } as const;

type Sent = Extract<TraceData, { readonly type: 'sent' }>;
type Delivered = Extract<TraceData, { readonly type: 'delivered' }>;

const kindNumbers = numbered<LaneEventKind>(laneEventKinds);
const spanNumbers = numbered<LaneSpanKind>(laneSpanKinds);
const remarkNumbers = numbered<LaneRemarkKind>(laneRemarkKinds);
const [deliveredFate, lostFate, underWay] = messageFates.map((_, at) => at) as [0, 1, 2];

function numbered<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, at) => [name, at])) as Record<Name, number>;
}

/** Takes events in an order in which causes come first: as a simulator tells them, or as `Merge` gives them. */
export class LanesBuilder {
  readonly #events = new GrowingTable({
    ...{ atMs: Float64Array, lane: Uint16Array, kind: Uint8Array },
    ...{ message: Uint32Array, label: Uint16Array },
  });
  readonly #messages = new GrowingTable({
    ...{ sent: Uint32Array, delivered: Uint32Array, from: Uint16Array, to: Uint16Array },
    ...{ fate: Uint8Array, endMs: Float64Array, type: Uint16Array },
  });
  readonly #spans = new GrowingTable({
    ...{ kind: Uint8Array, lane: Uint16Array, begin: Uint32Array, end: Uint32Array },
    row: Uint8Array,
  });
  readonly #remarks = new GrowingTable({
    ...{ message: Uint32Array, kind: Uint8Array, atMs: Float64Array, why: Uint16Array },
  });
  readonly #labels = new LaneWords(wordsMax);
  readonly #types = new LaneWords(wordsMax);
  readonly #tracks = new Map<NodeId, Track>();
  readonly #operationRows = new FreeRows();
  readonly #faultRows = new FreeRows();
  /** Spans of what is broken now, by the fault's number. */
  readonly #faults = new Map<number, number>();
  readonly #texts: Uint8Array[] = [];
  #lines: string[] = [];
  #said: { readonly message: TypedData; readonly text: string } | null = null;
  #beginMs: Millis | null = null;
  #nowMs: Millis = 0;

  constructor() {
    this.#trackOf(clientsLane);
  }

  /** Events so far: the number of the next. */
  get count(): number {
    return this.#events.count;
  }

  add(event: TraceEvent): void {
    this.#beginMs ??= event.atMs;
    // Clocks of several nodes may contradict what caused what.
    this.#nowMs = Math.max(this.#nowMs, event.atMs - this.#beginMs);
    const { data } = event;
    if (isRemark(data)) this.#remark(event.node, data);
    else this.#event(event, data);
  }

  end(): LanesData {
    this.#closeChunk();
    const order = [...this.#tracks.keys()].sort(compareLanes);
    const lanes = Uint16Array.from(this.#tracks.keys(), (name) => order.indexOf(name));
    const asLanes = (column: Uint16Array): Uint16Array => column.map((lane) => lanes[lane] ?? 0);
    const events = this.#events.finish();
    const messages = this.#messages.finish();
    for (let at = 0; at < messages.count; at++) {
      if (messages.fate[at] === underWay) messages.endMs[at] = this.#nowMs;
    }
    const spans = this.#spans.finishBy('begin');
    return {
      ...{ names: order, beginMs: this.#beginMs ?? 0, durationMs: this.#nowMs },
      events: { ...events, lane: asLanes(events.lane) },
      messages: { ...messages, from: asLanes(messages.from), to: asLanes(messages.to) },
      spans: { ...spans, lane: asLanes(spans.lane) },
      remarks: this.#remarks.finishBy('message'),
      ...{ types: this.#types.list, labels: this.#labels.list, texts: this.#texts },
    };
  }

  #trackOf(name: NodeId): Track {
    return entryOf(this.#tracks, name, () => new Track(this.#tracks.size));
  }

  #event(event: TraceEvent, data: EventData): void {
    const isOfNode = data.type !== 'fault' && data.type !== 'violation';
    const track = this.#trackOf(isOfNode ? event.node : faultsLane);
    const at = this.#events.add();
    const { rows } = this.#events;
    rows.atMs[at] = this.#nowMs;
    rows.lane[at] = track.lane;
    rows.kind[at] = kindNumbers[kindOf(data)];
    rows.message[at] = noEvent;
    const call = this.#follow(event, data, at, track);
    const message = rows.message[at] as number;
    // What is delivered says what was sent.
    const isSaid = data.type === 'delivered' && message !== noEvent;
    rows.label[at] = isSaid
      ? (rows.label[this.#messages.rows.sent[message] as number] as number)
      : this.#labelOf(data);
    track.lastEvent = at;
    if (isSaid) this.#say('');
    // Its link is in the columns.
    else if (data.type === 'sent') this.#say(this.#messageText(data.message));
    else this.#say(detailOf({ event, typed: null, call }));
  }

  /** Returns the call of what a client asks or is told. */
  #follow(event: TraceEvent, data: EventData, at: number, track: Track): KnownCall | null {
    switch (data.type) {
      case 'start':
        this.#start(at, track);
        return null;
      case 'stop':
        this.#stop(at, track);
        track.down = this.#beginSpan('down', track.lane, at);
        return null;
      case 'sent':
        this.#sent(event, data, at, track);
        return null;
      case 'delivered':
        this.#delivered(data, at);
        return null;
      case 'persist':
        track.appended++;
        track.undurableSpan ??= this.#beginSpan('undurable', track.lane, at);
        return null;
      case 'durable':
        this.#durable(at, track, data.position);
        return null;
      case 'call': {
        const span = this.#beginSpan('operation', 0, at, this.#operationRows.take());
        const call = { atMs: event.atMs, data, span };
        track.calls.set(data.request, call);
        return call;
      }
      case 'return': {
        const call = track.calls.get(data.request) ?? null;
        track.calls.delete(data.request);
        if (call !== null) this.#endOperation(call.span, at);
        return call;
      }
      case 'fault':
        this.#fault(data.change, data.fault.id, at, track);
        return null;
      default:
        return null;
    }
  }

  #start(at: number, track: Track): void {
    const { lastEvent } = track;
    // A node that was killed from outside has not said so.
    if (track.down === null && lastEvent !== noEvent) {
      this.#stop(lastEvent, track);
      track.down = this.#beginSpan('down', track.lane, lastEvent);
    }
    if (track.down !== null) this.#spans.rows.end[track.down] = at;
    track.down = null;
  }

  /** What it did not make durable and did not answer, nobody will. */
  #stop(at: number, track: Track): void {
    if (track.undurableSpan !== null) this.#spans.rows.end[track.undurableSpan] = at;
    track.undurableSpan = null;
    track.appended = 0;
    for (const { span } of track.calls.values()) this.#endOperation(span, at);
    track.calls.clear();
  }

  #sent(
    { node, clock }: TraceEvent,
    { to, message: { type } }: Sent,
    at: number,
    track: Track,
  ): void {
    const message = this.#messages.add();
    const { rows } = this.#messages;
    rows.sent[message] = at;
    rows.delivered[message] = noEvent;
    rows.from[message] = track.lane;
    rows.to[message] = this.#trackOf(to).lane;
    rows.fate[message] = underWay;
    rows.type[message] = this.#types.numberOf(type, true);
    this.#events.rows.message[at] = message;
    const own = track.sent.add();
    track.sent.rows.own[own] = knownOf(clock, node);
    track.sent.rows.message[own] = message;
  }

  #delivered({ from, sent }: Delivered, at: number): void {
    const message = this.#tracks.get(from)?.messageOf(sent) ?? noEvent;
    this.#events.rows.message[at] = message;
    if (message === noEvent) return;
    const { rows } = this.#messages;
    if (rows.delivered[message] !== noEvent) return;
    rows.delivered[message] = at;
    rows.fate[message] = deliveredFate;
    rows.endMs[message] = this.#nowMs;
  }

  #remark(from: NodeId, { type, sent, why }: TracedFate): void {
    const message = this.#tracks.get(from)?.messageOf(sent) ?? noEvent;
    if (message === noEvent) return;
    const at = this.#remarks.add();
    const { rows } = this.#remarks;
    rows.message[at] = message;
    rows.kind[at] = remarkNumbers[type];
    rows.atMs[at] = this.#nowMs;
    rows.why[at] = this.#labels.numberOf(oneLine(why, charsMax.why), true);
    // Of one that was doubled, the other may have come.
    if (type !== 'lost' || this.#messages.rows.delivered[message] !== noEvent) return;
    this.#messages.rows.fate[message] = lostFate;
    this.#messages.rows.endMs[message] = this.#nowMs;
  }

  #durable(at: number, track: Track, position: number): void {
    if (track.undurableSpan !== null) this.#spans.rows.end[track.undurableSpan] = at;
    const isMore = position < track.appended;
    track.undurableSpan = isMore ? this.#beginSpan('undurable', track.lane, at) : null;
  }

  #fault(change: 'begin' | 'end', id: number, at: number, track: Track): void {
    const known = this.#faults.get(id);
    if (change === 'begin') {
      const span = this.#beginSpan('fault', track.lane, at, this.#faultRows.take());
      this.#faults.set(id, span);
    } else if (known !== undefined) {
      this.#faults.delete(id);
      this.#spans.rows.end[known] = at;
      this.#faultRows.give(this.#spans.rows.row[known] as number);
    }
  }

  #beginSpan(kind: LaneSpanKind, lane: number, begin: number, row = 0): number {
    const span = this.#spans.add();
    const { rows } = this.#spans;
    rows.kind[span] = spanNumbers[kind];
    rows.lane[span] = lane;
    rows.begin[span] = begin;
    rows.end[span] = noEvent;
    rows.row[span] = row;
    return span;
  }

  #endOperation(span: number, at: number): void {
    this.#spans.rows.end[span] = at;
    this.#operationRows.give(this.#spans.rows.row[span] as number);
  }

  #labelOf(data: EventData): number {
    const [label, instead] = labelAndShorter(data);
    return this.#labels.numberOf(oneLine(label, charsMax.label), instead === null, instead ?? '');
  }

  /** Many messages are one to several nodes. */
  #messageText(message: TypedData): string {
    if (this.#said?.message === message) return this.#said.text;
    this.#said = { message, text: typedText(message) };
    return this.#said.text;
  }

  #say(text: string): void {
    this.#lines.push(text === '' ? '' : oneLine(text, charsMax.text));
    if (this.#lines.length === textsPerChunk) this.#closeChunk();
  }

  #closeChunk(): void {
    if (this.#lines.length === 0) return;
    this.#texts.push(encodeUtf8(this.#lines.join('\n')));
    this.#lines = [];
  }
}

const isRemark = (data: TraceData): data is TracedFate =>
  (laneRemarkKinds as readonly string[]).includes(data.type);

function compareLanes(a: string, b: string): number {
  const rank = (name: string) => (name === clientsLane ? 0 : name === faultsLane ? 2 : 1);
  return rank(a) - rank(b) || compareNodes(a, b);
}

function kindOf(data: EventData): LaneEventKind {
  if (data.type !== 'fault') return data.type;
  return data.change === 'begin' ? 'fault begins' : 'fault ends';
}
