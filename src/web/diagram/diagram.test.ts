import { describe, expect, it } from 'vitest';
import { simulate } from '../../explore/simulate.js';
import { laneSpanKinds, lanesOf, noEvent } from '../../trace/lanes.js';
import { LanesBuilder } from '../../trace/lanes-builder.js';
import { arrowOf } from './arrow.js';
import { acrossOf, alongOf, bandOfSpan, geometryOf, laneAt, msAt, nsOf } from './geometry.js';
import { LanesIndex } from './lanes-index.js';
import { nextAcross, nextInLane, type Pickable, pickAt } from './picking.js';
import { placeAlong, placesOf } from './places.js';
import { sceneOf } from './scene.js';
import { draggedMs, messageOf, pickByKey, touchByKey } from './touching.js';

const { trace } = simulate({ mode: 'paxos', seed: 7, durationMs: 400, trace: true });
const builder = new LanesBuilder();
for (const event of trace ?? []) builder.add(event);
const lanes = lanesOf(builder.end());
const index = new LanesIndex(lanes);
const scene = sceneOf(index, { lit: null, culprits: [], marks: [], isTimed: true });

function seen(fromMs: number, toMs: number, isVertical = false): Pickable {
  const view = { from: nsOf(fromMs), to: nsOf(toMs) };
  const extent = { width: 1000, height: 600, isVertical };
  const geometry = geometryOf(lanes, index.rows, extent, view);
  return { scene, geometry, places: placesOf(index, geometry) };
}

const found = (visit: (take: (each: number) => void) => void): number[] => {
  const all: number[] = [];
  visit((each) => all.push(each));
  return all;
};
const places = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
const { events, messages, spans } = lanes;
const atMs = (event: number): number => events.atMs[event] as number;
const stretches = [
  [0, lanes.durationMs],
  [100, 100.5],
  [446, 449],
  [-50, -10],
  [300, 310],
] as const;

describe('the index of a trace', () => {
  it.each(stretches)('finds all and nothing but what is there from %d to %d ms', (from, to) => {
    const [first, end] = index.eventsIn(from, to);
    const inView = places(events.count).filter((event) => atMs(event) >= from && atMs(event) <= to);
    expect(places(end - first).map((at) => first + at)).toEqual(inView);
    expect(found((take) => index.messagesIn(from, to, take))).toEqual(
      places(messages.count).filter(
        (message) =>
          atMs(messages.sent[message] as number) <= to &&
          (messages.endMs[message] as number) >= from,
      ),
    );
    expect(found((take) => index.spansIn(from, to, take))).toEqual(
      places(spans.count).filter((span) => {
        const last = spans.end[span] as number;
        const endMs = last === noEvent ? lanes.durationMs : atMs(last);
        return atMs(spans.begin[span] as number) <= to && endMs >= from;
      }),
    );
  });

  it('counts the same over blocks as one by one', () => {
    for (const [first, end] of [
      [0, events.count],
      [3, 70],
      [63, 129],
      [500, 1777],
      [64, 128],
    ] as const) {
      const counts = new Uint32Array(index.cells);
      index.count(first, end, counts);
      const byLane = places(lanes.names.length).map((lane) =>
        counts.subarray(lane * 5, lane * 5 + 5).reduce((sum, count) => sum + count, 0),
      );
      const expected = places(lanes.names.length).map(
        (lane) => places(end - first).filter((at) => events.lane[first + at] === lane).length,
      );
      expect(byLane).toEqual(expected);
    }
  });
});

describe('the place of things', () => {
  it.each([false, true])('goes from moments to pixels and back; vertical: %s', (isVertical) => {
    const { geometry } = seen(440, 475, isVertical);
    for (const ms of [440, 450.25, 475])
      expect(msAt(geometry, alongOf(geometry, ms))).toBeCloseTo(ms);
    for (const lane of lanes.names.keys()) {
      expect(laneAt(geometry, acrossOf(geometry, lane))).toBe(lane);
    }
    const last = geometry.bands.at(-1);
    expect((last?.from ?? 0) + (last?.size ?? 0)).toBeCloseTo(isVertical ? 1000 : 600);
  });

  it('sets apart what happens at one moment in one lane, in its order', () => {
    const on = seen(486, 520);
    const lastOf = new Map<number, number>();
    for (let event = on.places.first; event < on.places.end; event++) {
      const along = on.places.along[event - on.places.first] as number;
      const lane = events.lane[event] as number;
      expect(along).toBeGreaterThanOrEqual(lastOf.get(lane) ?? -Infinity);
      expect(along - alongOf(on.geometry, atMs(event))).toBeLessThan(28.01);
      lastOf.set(lane, along);
    }
    const many = seen(0, lanes.durationMs).places;
    expect(many.isDense).toBe(true);
    expect(many.along).toHaveLength(0);
  });
});

describe('what is under the pointer', () => {
  const on = seen(486, 520);

  it('is the event whose sign is there', () => {
    const { first, end } = on.places;
    const isAlone = (event: number): boolean =>
      places(end - first)
        .map((at) => first + at)
        .every(
          (other) =>
            other === event ||
            events.lane[other] !== events.lane[event] ||
            Math.abs(along(other) - along(event)) > 8,
        );
    const along = (event: number): number =>
      placeAlong(on.places, { index, geometry: on.geometry }, event);
    const alone = places(end - first)
      .map((at) => first + at)
      .filter((event) => along(event) > 0 && along(event) < 1000 && isAlone(event));
    expect(alone.length).toBeGreaterThan(5);
    for (const event of alone) {
      const across = acrossOf(on.geometry, events.lane[event] as number);
      expect(pickAt(on, along(event) + 2, across - 3)).toEqual({ type: 'event', event });
    }
  });

  it('is a message in the middle of its arrow, and a bar of the clients', () => {
    const [message = 0] = found((take) => index.messagesIn(500, 502, take)).filter(
      (each) => messages.delivered[each] !== noEvent && atMs(messages.sent[each] as number) > 500,
    );
    const { from, to } = arrowOf(on, message);
    const third = (a: number, b: number): number => a + (b - a) / 3;
    const pick = pickAt(on, third(from[0], to[0]), third(from[1], to[1]));
    expect(pick).toEqual({ type: 'message', message });
    expect(messageOf(scene, pick)).toBe(message);
    const [span = 0] = found((take) => index.spansIn(490, 500, take)).filter(
      (each) => laneSpanKinds[spans.kind[each] as number] === 'operation',
    );
    const row = bandOfSpan(on.geometry, index, span);
    const along = Math.max(1, alongOf(on.geometry, index.beginOfSpan(span)) + 1);
    expect(pickAt(on, along, row.from + row.size / 2)).toEqual({ type: 'span', span });
    expect(pickAt(on, 300, 595)).toBeNull();
  });
});

describe('keys', () => {
  const event = messages.sent[100] as number;
  const at = (key: string) =>
    pickByKey(scene, { type: 'event', event }, { key, isVertical: false, from: 0 });

  it('go along a lane, across lanes and to the other end of a message', () => {
    expect(events.lane[nextInLane(scene, event, 1)]).toBe(events.lane[event]);
    expect(at('ArrowRight')).toEqual({ type: 'event', event: nextInLane(scene, event, 1) });
    expect(at('ArrowLeft')).toEqual({ type: 'event', event: nextInLane(scene, event, -1) });
    const below = nextAcross(scene, event, 1);
    expect(events.lane[below]).toBe((events.lane[event] as number) + 1);
    const message =
      places(messages.count).find((each) => messages.delivered[each] !== noEvent) ?? 0;
    const [sent, delivered] = [messages.sent[message] as number, messages.delivered[message]];
    const enter = { key: 'Enter', isVertical: false, from: 0 };
    expect(pickByKey(scene, { type: 'event', event: sent }, enter)).toEqual({
      ...{ type: 'event', event: delivered },
    });
    expect(pickByKey(scene, null, { ...enter, key: 'ArrowLeft', from: 12 })).toEqual({
      ...{ type: 'event', event: 12 },
    });
  });

  it('lose, double and delay the message that is picked, and none where none is', () => {
    expect(touchByKey('x', 3, 20)).toEqual({ type: 'lose', message: 3 });
    expect(touchByKey('d', 3, 20)).toEqual({ type: 'double', message: 3 });
    expect(touchByKey('l', 3, 20)).toEqual({ type: 'delay', message: 3, byMs: 20 });
    expect(touchByKey('x', null, 20)).toBeNull();
    expect(touchByKey('q', 3, 20)).toBeNull();
  });

  it('a message is dragged by steps that one can see, never back in time', () => {
    expect(draggedMs(seen(0, 100), 55)).toBeCloseTo(5.5);
    expect(draggedMs(seen(0, 0.1), 10)).toBeCloseTo(0.001);
    expect(draggedMs(seen(0, 100), -9)).toBe(0);
  });
});

it('faults shade the lanes that they name, and what is lit is found', () => {
  const named = scene.marks.filter(({ lane }) => lane !== null);
  expect(named.length).toBeGreaterThan(0);
  for (const { lane, label } of named) expect(label).toContain(lane);
  const { isLit } = sceneOf(index, { lit: [5, 9], culprits: [], marks: [], isTimed: true });
  expect(isLit?.[5]).toBe(1);
  expect(isLit?.[6]).toBe(0);
});
