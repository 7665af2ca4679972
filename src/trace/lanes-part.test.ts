import { describe, expect, it } from 'vitest';
import { simulate } from '../explore/simulate.js';
import { type Lanes, lanesOf, noEvent } from './lanes.js';
import { LanesBuilder } from './lanes-builder.js';
import { partOfLanes } from './lanes-part.js';

function traced(): Lanes {
  const builder = new LanesBuilder();
  const { trace } = simulate({ mode: 'quorum', seed: 7, durationMs: 200, trace: true });
  for (const event of trace ?? []) builder.add(event);
  return lanesOf(builder.end());
}

describe('a part of a trace', () => {
  const whole = traced();
  const all = Uint32Array.from({ length: whole.events.count }, (_, event) => event);

  it('that is the whole is the whole, but for messages whose fate it does not know', () => {
    const { events, spans, names } = partOfLanes(whole, all);
    const untimed = { message: [], atMs: [] };
    expect({ ...events, ...untimed }).toEqual({ ...whole.events, ...untimed });
    expect({ spans, names }).toEqual({ spans: whole.spans, names: whole.names });
  });

  it('has the messages and spans between its events, under their own numbers', async () => {
    const events = all.filter((event) => event >= 100 && event < 600 && event % 7 !== 0);
    const part = partOfLanes(whole, events);
    const { messages } = part;
    expect(messages.count).toBeGreaterThan(20);
    for (let at = 0; at < messages.count; at++) {
      const sent = messages.sent[at] as number;
      expect(part.events.message[sent]).toBe(at);
      expect(part.events.lane[sent]).toBe(messages.from[at]);
      const delivered = messages.delivered[at] as number;
      if (delivered === noEvent) continue;
      expect(part.events.message[delivered]).toBe(at);
      expect(messages.endMs[at]).toBeGreaterThanOrEqual(part.events.atMs[sent] as number);
    }
    for (const end of part.spans.end) expect(end === noEvent || end < part.events.count).toBe(true);
    expect(part.events.atMs[0]).toBe(0);
    expect(part.beginMs).toBeCloseTo(whole.beginMs + (whole.events.atMs[events[0] as number] ?? 0));
    expect(part.labelOf(5)).toBe(whole.labelOf(events[5] as number));
    expect(await part.textOf(5)).toBe(await whole.textOf(events[5] as number));
  });

  it('has no long pauses, and everything in the order in which it was', () => {
    const events = all.filter((event) => event < 200 || event >= whole.events.count - 50);
    const { atMs } = partOfLanes(whole, events).events;
    const before = Array.from(events, (event) => whole.events.atMs[event] as number);
    const pause = (times: ArrayLike<number>) => (times[200] as number) - (times[199] as number);
    expect(pause(before)).toBeGreaterThan(100);
    expect(pause(atMs)).toBeLessThan(20);
    for (let at = 1; at < events.length; at++) {
      const isLater = (before[at] as number) > (before[at - 1] as number);
      expect((atMs[at] as number) > (atMs[at - 1] as number)).toBe(isLater);
    }
  });

  it('of nothing is empty', () => {
    expect(partOfLanes(whole, []).events.count).toBe(0);
  });
});
