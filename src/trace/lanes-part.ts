/** Some events of a trace, with the messages between them, as a trace of its own: what led to something, without the rest. */
import { type Lanes, messageFates, noEvent } from './lanes.js';

const lost = messageFates.indexOf('lost');

/** Of how many usual ones a pause may be as long as before it is shortened. */
const pauseMax = 12;

/**
 * `events`: their numbers, in order. Of messages those that were sent in it, and taken in it or lost. Long pauses between them
 * are shortened: times are in order, and no more; what is said of an event has them as they were.
 */
export function partOfLanes(lanes: Lanes, events: ArrayLike<number>): Lanes {
  const whole = Uint32Array.from(events);
  const places = new Map(Array.from(whole, (event, at) => [event, at]));
  const placeOf = (event: number): number => places.get(event) ?? noEvent;
  const messages = messagesIn(lanes, placeOf);
  const messagePlaces = new Map(messages.map((message, at) => [message, at]));
  const spans = spansIn(lanes, placeOf);
  const remarks = Array.from(lanes.remarks.message.keys()).filter((at) =>
    messagePlaces.has(lanes.remarks.message[at] as number),
  );
  const messageOf = (message: number): number => messagePlaces.get(message) ?? noEvent;
  const since = shortenedTime([
    ...picked(lanes.events.atMs, whole),
    ...picked(lanes.messages.endMs, messages),
  ]);
  return {
    ...{ names: lanes.names, types: lanes.types, labels: lanes.labels, texts: [] },
    ...{ beginMs: lanes.beginMs + (lanes.events.atMs[whole[0] ?? 0] ?? 0) },
    durationMs: Math.max(0.001, since(lanes.events.atMs[whole.at(-1) ?? 0] ?? 0)),
    events: {
      ...{ count: whole.length, atMs: picked(lanes.events.atMs, whole).map(since) },
      ...{ lane: picked(lanes.events.lane, whole), kind: picked(lanes.events.kind, whole) },
      message: picked(lanes.events.message, whole).map(messageOf),
      label: picked(lanes.events.label, whole),
    },
    messages: {
      count: messages.length,
      sent: picked(lanes.messages.sent, messages).map(placeOf),
      delivered: picked(lanes.messages.delivered, messages).map(placeOf),
      ...{ from: picked(lanes.messages.from, messages), to: picked(lanes.messages.to, messages) },
      ...{
        fate: picked(lanes.messages.fate, messages),
        type: picked(lanes.messages.type, messages),
      },
      endMs: picked(lanes.messages.endMs, messages).map(since),
    },
    spans: {
      ...{ count: spans.length, kind: picked(lanes.spans.kind, spans) },
      ...{ lane: picked(lanes.spans.lane, spans), row: picked(lanes.spans.row, spans) },
      begin: picked(lanes.spans.begin, spans).map(placeOf),
      end: picked(lanes.spans.end, spans).map(placeOf),
    },
    remarks: {
      ...{ count: remarks.length, kind: picked(lanes.remarks.kind, remarks) },
      message: picked(lanes.remarks.message, remarks).map(messageOf),
      atMs: picked(lanes.remarks.atMs, remarks).map(since),
      why: picked(lanes.remarks.why, remarks),
    },
    labelOf: (event) => lanes.labelOf(whole[event] as number),
    textOf: (event) => lanes.textOf(whole[event] as number),
  };
}

/** From the first of the times on, where a pause is no longer than some usual ones. */
function shortenedTime(times: readonly number[]): (ms: number) => number {
  const moments = [...new Set(times)].sort((a, b) => a - b);
  const gaps = moments.slice(1).map((ms, at) => ms - (moments[at] as number));
  const usual = [...gaps].sort((a, b) => a - b)[gaps.length >> 1] ?? 0;
  let total = 0;
  const places = [0, ...gaps.map((gap) => (total += Math.min(gap, pauseMax * usual)))];
  const byMoment = new Map(moments.map((ms, at) => [ms, places[at] as number]));
  return (ms) => {
    const known = byMoment.get(ms);
    if (known !== undefined) return known;
    // What lies between two of them, such as a loss, is as late as the one before.
    return (
      places[
        Math.max(
          0,
          moments.findLastIndex((moment) => moment < ms),
        )
      ] ?? 0
    );
  };
}

type PlaceOf = (event: number) => number;

function messagesIn({ messages }: Lanes, placeOf: PlaceOf): number[] {
  return Array.from({ length: messages.count }, (_, at) => at).filter((at) => {
    if (placeOf(messages.sent[at] as number) === noEvent) return false;
    return messages.fate[at] === lost || placeOf(messages.delivered[at] as number) !== noEvent;
  });
}

function spansIn({ spans }: Lanes, placeOf: PlaceOf): number[] {
  return Array.from({ length: spans.count }, (_, at) => at).filter((at) => {
    if (placeOf(spans.begin[at] as number) === noEvent) return false;
    return spans.end[at] === noEvent || placeOf(spans.end[at] as number) !== noEvent;
  });
}

function picked<Column extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(
  column: Column,
  places: ArrayLike<number>,
): Column {
  const Numbers = column.constructor as new (length: number) => Column;
  const own = new Numbers(places.length);
  for (let at = 0; at < places.length; at++) own[at] = column[places[at] as number] as number;
  return own;
}
