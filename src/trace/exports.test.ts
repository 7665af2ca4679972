import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../core/random.js';
import type { TraceEvent } from '../core/trace-event.js';
import { type ExportName, exportAs } from './exports.js';
import { eventOfTraceLine } from './line.js';
import { isFate } from './merge.js';
import { type KnownEvent, Recall } from './recall.js';
import { knownEvents } from './testing/known-events.js';
import { importedByPerfetto } from './testing/perfetto-rules.js';
import { parsedByShiviz } from './testing/shiviz-rules.js';

function exported(name: ExportName, events: readonly KnownEvent[]): string {
  const to = exportAs(name);
  return [to.begin(), ...events.map((event) => to.event(event)), to.end()].join('');
}

const anyOptions = fc.record({
  seed: fc.nat(),
  events: fc.integer({ min: 1, max: 150 }),
  kills: fc.boolean(),
  skewMs: fc.constantFrom(0, 1000),
});
/** Which events are chosen, drawn from the seed. */
const anyShare = fc.constantFrom(1, 0.5, 0.1);

function chosen(events: readonly KnownEvent[], share: number): KnownEvent[] {
  const random = new SeededRandom(events.length);
  const some = events.filter(() => random.chance(share));
  return some.length === 0 ? events.slice(0, 1) : some;
}

it('ShiViz takes what is exported to it, however it was filtered, and finds the same causes', () => {
  fc.assert(
    fc.property(anyOptions, anyShare, (options, share) => {
      const events = chosen(knownEvents(options), share);
      const parsed = parsedByShiviz(exported('shiviz', events));
      expect(parsed.map(({ host }) => host)).toEqual(events.map(({ event }) => event.node));
      for (const [at, { event }] of events.entries()) {
        if (isFate(event)) continue;
        for (const [before, { event: cause }] of events.slice(0, at).entries()) {
          if (isFate(cause)) continue;
          const number = parsed[before]?.clock[cause.node] as number;
          const isKnown = (parsed[at]?.clock[cause.node] ?? 0) >= number;
          const wasKnown = (event.clock[cause.node] ?? 0) >= (cause.clock[cause.node] as number);
          expect(isKnown).toBe(wasKnown);
        }
      }
    }),
    { numRuns: 40 },
  );
});

it('Perfetto takes what is exported to it, however it was filtered, with all its arrows', () => {
  fc.assert(
    fc.property(anyOptions, anyShare, (options, share) => {
      const events = chosen(knownEvents(options), share);
      const { tracks, arrows } = importedByPerfetto(exported('perfetto', events));
      const countOf = (node: string) => events.filter(({ event }) => event.node === node).length;
      for (const [node, count] of tracks) expect(count).toBe(countOf(node));
      const sent = new Set(
        events.flatMap(({ event: { node, clock, data } }) =>
          data.type === 'sent' ? [`${node}:${clock[node]}`] : [],
        ),
      );
      const arrived = events.filter(
        ({ event: { data } }) => data.type === 'delivered' && sent.has(`${data.from}:${data.sent}`),
      );
      expect(arrows).toBe(arrived.length);
    }),
    { numRuns: 40 },
  );
});

it('JSON lines are the events', () => {
  const events = knownEvents({ seed: 1 });
  const lines = exported('jsonl', events).trimEnd().split('\n');
  expect(lines.map(eventOfTraceLine)).toEqual(events.map(({ event }) => event));
});

it('calls and faults are slices, and end with the trace at the latest', () => {
  const fault = (change: 'begin' | 'end', id: number, atMs: number): TraceEvent => {
    const data = { type: 'fault', change, fault: { id, words: 'fault cut n1>n2', by: 'user' } };
    return { node: 'faults', atMs, clock: { faults: atMs }, data } as TraceEvent;
  };
  const recall = new Recall();
  const faults = [
    fault('end', 1, 1),
    fault('begin', 2, 2),
    fault('end', 2, 3),
    fault('begin', 3, 4),
  ];
  const known = [...knownEvents({ seed: 7 }), ...faults.map((event) => recall.take(event))];
  const calls = known.filter(({ event }) => event.data.type === 'call').length;
  expect(calls).toBeGreaterThan(0);
  expect(importedByPerfetto(exported('perfetto', known)).asyncSlices).toBe(calls + 3);
});

describe('the rules', () => {
  const shiviz = (...events: string[]): string =>
    [String.raw`(?<event>.*)\n(?<host>\S*) (?<clock>{.*})`, '', ...events].join('\n');

  it.each([
    ['a host that does not begin at 1', ['a', 'n1 {"n1":2}'], 'n1 counts 2'],
    ['a host that leaves a number out', ['a', 'n1 {"n1":1}', 'b', 'n1 {"n1":3}'], 'n1 counts 3'],
    ['an unknown host', ['a', 'n1 {"n1":1,"n2":1}'], 'names n2'],
    ['an event that is not there', ['a', 'n1 {"n1":1}', 'b', 'n2 {"n2":1,"n1":2}'], 'no event 2'],
    ['a clock without its host', ['a', 'n1 {"n2":1}'], 'local host n1 is missing'],
    ['a line more', ['a', 'n1 {"n1":1}', 'b'], 'a line is no event'],
    ['nothing', [], 'captures no events'],
    [
      'a clock that forgets',
      ['a', 'n1 {"n1":1}', 'b', 'n2 {"n2":1,"n1":1}', 'c', 'n2 {"n2":2}'],
      'not what that knows',
    ],
  ])('ShiViz: %s is refused', (_, events, why) => {
    expect(() => parsedByShiviz(shiviz(...events))).toThrow(why);
  });

  const name = { ph: 'M', pid: 1, tid: 1, args: { name: 'n' } };
  const names = [
    { ...name, name: 'process_name' },
    { ...name, name: 'thread_name' },
  ];
  const slice = { ph: 'X', name: 'a', pid: 1, tid: 1, ts: 1, dur: 0 };
  const call = { ph: 'b', name: 'a', pid: 1, tid: 1, ts: 1, id: '0x1', cat: 'call' };
  const arrow = { ...slice, bind_id: '0x1' };

  it.each([
    ['no time', [{ ...slice, ts: undefined }], 'has no time'],
    ['no thread', [{ ...slice, tid: 'n1' }], 'must be numbers'],
    ['a thread without a name', [{ ...slice, tid: 2 }], 'has no name'],
    ['two at once', [slice, slice], 'overlaps'],
    ['an instant of nowhere', [{ ...slice, ph: 'i' }], 'has a scope'],
    ['a slice without an end', [call], 'never end'],
    ['a slice without a beginning', [{ ...call, ph: 'e' }], 'has not begun'],
    ['an arrow without a beginning', [{ ...arrow, flow_in: true }], 'has not begun'],
    ['an arrow without a direction', [arrow], 'a direction'],
  ])('Perfetto: %s is refused', (_, events, why) => {
    const file = JSON.stringify({ traceEvents: [...names, ...events] });
    expect(() => importedByPerfetto(file)).toThrow(why);
  });
});
