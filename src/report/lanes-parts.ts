/**
 * Lanes as the parts of a report. Events of messages say nothing that messages don't say, and messages little that their events
 * don't; texts are parts of their own, each read when somebody looks at an event of it.
 */
import { type Lanes, type LanesData, lanesOf, noEvent } from '../trace/lanes.js';
import {
  ColumnReader,
  ColumnWriter,
  readTotals,
  signed,
  unsigned,
  writeTotals,
} from './numbers.js';

type Events = LanesData['events'];
type Messages = LanesData['messages'];
type Spans = LanesData['spans'];
type Remarks = LanesData['remarks'];

/** What stands in lanes beside columns and texts. */
export interface LanesHead extends Pick<LanesData, 'names' | 'beginMs' | 'durationMs' | 'types'> {
  readonly layout: ColumnWriter['layout'];
  readonly pieces: number;
}

export interface PackedLanes {
  readonly head: LanesHead;
  readonly bytes: Uint8Array;
  readonly labels: readonly string[];
}

/** Times are kept to a tenth of a microsecond. */
const ticksPerMs = 10_000;
const ticksOf = (column: Float64Array): Float64Array =>
  column.map((ms) => Math.round(ms * ticksPerMs));
const msOf = (column: Float64Array): Float64Array => column.map((ticks) => ticks / ticksPerMs);

export function packLanes(lanes: LanesData): PackedLanes {
  const { events, messages, spans, remarks, labels, texts } = lanes;
  const { names, types, beginMs, durationMs } = lanes;
  const writer = new ColumnWriter();
  const ticks = ticksOf(events.atMs);
  writeTotals(writer, ticks);
  for (const column of [events.lane, events.kind, events.label]) writer.add(column);
  writeMessages(writer, messages, ticks);
  const likely = likelyMessages(messages, events.count);
  writer.make(events.count, (at) => {
    const message = events.message[at] as number;
    if (message === likely[at]) return 0;
    return message === noEvent ? 1 : 2 + message;
  });
  writeSpans(writer, spans);
  writeRemarks(writer, remarks);
  const head = { names, types, beginMs, durationMs, pieces: texts.length };
  return { head: { ...head, layout: writer.layout }, bytes: writer.bytes(), labels };
}

/** `pieceOf`: the texts that {@link LanesData.texts} had at this place. */
export function unpackLanes(
  { head, bytes, labels }: PackedLanes,
  pieceOf: (piece: number) => Promise<Uint8Array>,
): Lanes {
  const { layout, pieces: _, ...told } = head;
  const reader = new ColumnReader(bytes, layout);
  const ticks = readTotals(reader);
  const count = ticks.length;
  const lane = Uint16Array.from(reader.next());
  const kind = Uint8Array.from(reader.next());
  const label = Uint16Array.from(reader.next());
  const messages = readMessages(reader, ticks);
  const message = likelyMessages(messages, count);
  for (const [at, code] of reader.next().entries()) {
    if (code !== 0) message[at] = code === 1 ? noEvent : code - 2;
  }
  const events: Events = { count, atMs: msOf(ticks), lane, kind, message, label };
  const [spans, remarks] = [readSpans(reader), readRemarks(reader)];
  return lanesOf({ ...told, events, messages, spans, remarks, labels, texts: [] }, pieceOf);
}

/** By event: the message that has it for its sending or its first delivery. */
function likelyMessages(
  { count, sent, delivered }: Pick<Messages, 'count' | 'sent' | 'delivered'>,
  eventCount: number,
): Uint32Array {
  const messages = new Uint32Array(eventCount).fill(noEvent);
  for (let at = 0; at < count; at++) {
    messages[sent[at] as number] = at;
    messages[delivered[at] as number] = at;
  }
  return messages;
}

/** How many events later, from 1; 0: there is none. */
function writeLater(writer: ColumnWriter, from: Uint32Array, to: Uint32Array): void {
  writer.make(from.length, (at) => {
    const event = to[at] as number;
    return event === noEvent ? 0 : 1 + unsigned(event - (from[at] as number));
  });
}

function readLater(reader: ColumnReader, from: Uint32Array): Uint32Array {
  return Uint32Array.from(reader.next(), (code, at) =>
    code === 0 ? noEvent : (from[at] as number) + signed(code - 1),
  );
}

function writeMessages(writer: ColumnWriter, messages: Messages, ticks: Float64Array): void {
  const { count, sent, delivered, from, to, fate, endMs, type } = messages;
  writeTotals(writer, sent);
  writeLater(writer, sent, delivered);
  for (const column of [from, to, fate, type]) writer.add(column);
  const ends = ticksOf(endMs);
  writer.make(count, (at) => unsigned((ends[at] as number) - likelyEnd(ticks, messages, at)));
}

function readMessages(reader: ColumnReader, ticks: Float64Array): Messages {
  const sent = Uint32Array.from(readTotals(reader));
  const delivered = readLater(reader, sent);
  const [from, to] = [Uint16Array.from(reader.next()), Uint16Array.from(reader.next())];
  const fate = Uint8Array.from(reader.next());
  const type = Uint16Array.from(reader.next());
  const ends = reader.next();
  for (const [at, code] of ends.entries()) {
    ends[at] = likelyEnd(ticks, { sent, delivered }, at) + signed(code);
  }
  return { count: sent.length, sent, delivered, from, to, fate, endMs: msOf(ends), type };
}

/** A message that was delivered ends then; any other some time after it was sent. */
function likelyEnd(
  ticks: Float64Array,
  { sent, delivered }: Pick<Messages, 'sent' | 'delivered'>,
  at: number,
): number {
  return ticks[delivered[at] as number] ?? ticks[sent[at] as number] ?? 0;
}

function writeSpans(writer: ColumnWriter, { kind, lane, begin, end, row }: Spans): void {
  writeTotals(writer, begin);
  writeLater(writer, begin, end);
  for (const column of [kind, lane, row]) writer.add(column);
}

function readSpans(reader: ColumnReader): Spans {
  const begin = Uint32Array.from(readTotals(reader));
  const end = readLater(reader, begin);
  const kind = Uint8Array.from(reader.next());
  const lane = Uint16Array.from(reader.next());
  return { count: begin.length, kind, lane, begin, end, row: Uint8Array.from(reader.next()) };
}

function writeRemarks(writer: ColumnWriter, { message, kind, atMs, why }: Remarks): void {
  writeTotals(writer, message);
  writer.add(kind);
  writeTotals(writer, ticksOf(atMs));
  writer.add(why);
}

function readRemarks(reader: ColumnReader): Remarks {
  const message = Uint32Array.from(readTotals(reader));
  const kind = Uint8Array.from(reader.next());
  const atMs = msOf(readTotals(reader));
  return { count: message.length, message, kind, atMs, why: Uint16Array.from(reader.next()) };
}
