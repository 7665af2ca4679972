import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { TraceData, TraceEvent } from '../core/trace-event.js';
import { Around, pastOfViolation } from './around.js';
import { isFate, ownOf } from './merge.js';
import { type KnownEvent, Recall } from './recall.js';
import { type Criteria, Selection } from './select.js';
import { knownEvents } from './testing/known-events.js';

const everything: Criteria = {
  ...{ node: [], link: [], key: null, type: [], client: [] },
  ...{ sinceMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY },
};

function selected(events: readonly KnownEvent[], criteria: Partial<Criteria>): KnownEvent[] {
  const selection = new Selection({ ...everything, ...criteria });
  const beginMs = events[0]?.event.atMs ?? 0;
  const found = events.filter((known) => selection.takes(known, known.event.atMs - beginMs));
  selection.checkNames();
  return found;
}

const events = knownEvents({ seed: 5, events: 400 });
const dataOf = (known: readonly KnownEvent[]): TraceData[] => known.map(({ event }) => event.data);
const typesOf = (known: readonly KnownEvent[]): Set<string> =>
  new Set(dataOf(known).map(({ type }) => type));

it('takes everything unless told otherwise', () => {
  expect(selected(events, {})).toEqual(events);
});

it('takes what is at a node', () => {
  const found = selected(events, { node: ['n1', 'n3'] });
  expect(new Set(found.map(({ event }) => event.node))).toEqual(new Set(['n1', 'n3']));
  expect(found.length).toBe(events.filter(({ event }) => /n[13]/.test(event.node)).length);
});

it('takes what travels on a link one way or both, and what becomes of it', () => {
  const oneWay = selected(events, { link: ['n1>n2'] });
  expect(typesOf(oneWay)).toEqual(new Set(['sent', 'delivered', 'lost', 'doubled']));
  for (const { event } of oneWay) {
    const { node, data } = event;
    expect('to' in data ? [node, data.to] : ['from' in data && data.from, node]).toEqual([
      ...['n1', 'n2'],
    ]);
  }
  const back = selected(events, { link: ['n2>n1'] });
  const both = selected(events, { link: ['n1-n2'] });
  expect(both.length).toBe(oneWay.length + back.length);
  expect(selected(events, { link: ['n2-n1'] })).toEqual(both);
});

it('takes types of events, messages, records and operations', () => {
  expect(typesOf(selected(events, { type: ['sent', 'start'] }))).toEqual(
    new Set(['sent', 'start']),
  );
  expect(typesOf(selected(events, { type: ['note'] }))).toEqual(
    new Set(['sent', 'delivered', 'lost', 'doubled']),
  );
  expect(typesOf(selected(events, { type: ['get'] }))).toEqual(new Set(['call', 'return']));
});

it('takes calls of a client with their answers', () => {
  const found = selected(events, { client: ['ann'] });
  expect(typesOf(found)).toEqual(new Set(['call', 'return']));
  for (const { call } of found) expect(call?.data.client).toBe('ann');
});

it('takes what is about a key, answers too, and a span of time', () => {
  const found = selected(events, { key: 'x' });
  const about = { key: 'x' };
  for (const { typed, call } of found) {
    expect(typed ?? call?.data.operation).toMatchObject(about);
  }
  expect(typesOf(found)).toEqual(
    new Set(['sent', 'delivered', 'lost', 'doubled', 'call', 'return']),
  );
  const early = selected(events, { key: 'x', untilMs: 30 });
  const late = selected(events, { key: 'x', sinceMs: 30.001 });
  expect([...early, ...late]).toEqual(found);
  expect(early.length).toBeGreaterThan(0);
});

it('finds keys wherever a protocol has them', () => {
  const sent = (message: object): KnownEvent => {
    const data = { type: 'sent', to: 'n2', message } as TraceData;
    return new Recall().take({ node: 'n1', atMs: 0, clock: { n1: 1 }, data });
  };
  const batch = { commands: [{ operation: { type: 'put', key: 'k' } }] };
  const messages = [
    sent({ type: 'accept', batches: [batch] }),
    sent({ type: 'exchange', wanted: ['j', 'k'] }),
    sent({ type: 'read', reads: [{ phase: 1, key: 'k' }] }),
    sent({ type: 'read', key: { base64: '/w==' } }),
    sent({ type: 'note', client: 'k', value: 'k' }),
  ];
  expect(selected(messages, { key: 'k' })).toEqual(messages.slice(0, 3));
  expect(selected(messages, { key: '{"base64":"/w=="}' })).toEqual([messages[3]]);
});

it.each([
  [{ node: ['m1'] }, 'the node "m1", did you mean n1?'],
  [{ client: ['an'] }, 'the client "an", did you mean ann?'],
  [{ link: ['n1>n7'] }, 'the link "n1>n7", did you mean n1>'],
] as const)('refuses the unknown name in %j', (criteria, message) => {
  expect(() => selected(events, criteria)).toThrow(`nothing in the trace has ${message}`);
});

function aroundOf(name: string, known: readonly KnownEvent[]): KnownEvent[] {
  const around = new Around(name);
  for (const each of known) around.find(each);
  around.check();
  return known.filter((each) => around.takes(each));
}

it('around an operation is what lies between its call and its return by their clocks', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const trace = knownEvents({ seed });
      const end = trace.find(({ event, call }) => event.data.type === 'return' && call !== null);
      if (end?.call === undefined || end.call === null) return;
      const begin = trace.find(({ event }) => event.data === end.call?.data) as KnownEvent;
      const name = `${begin.event.node}#${end.call.data.request}`;
      const found = new Set(aroundOf(name, trace));
      const knows = (a: TraceEvent, b: TraceEvent) => (a.clock[b.node] ?? 0) >= ownOf(b);
      for (const known of trace) {
        const { event } = known;
        const isBetween = knows(event, begin.event) && knows(end.event, event);
        const isRelated = knows(event, begin.event) || knows(end.event, event);
        if (isBetween) expect(found).toContain(known);
        if (!isRelated) expect(found).not.toContain(known);
      }
      expect(found).toContain(begin);
      expect(found).toContain(end);
    }),
    { numRuns: 40 },
  );
});

it('around a key is what all operations on it have to do with', () => {
  const at = (node: string, own: number, clock: object, data: TraceData): TraceEvent => ({
    ...{ node, atMs: own, clock: { ...clock, [node]: own }, data },
  });
  const key = keyFromText('k');
  const read = { type: 'read', key } as const;
  const get = { type: 'call', request: 1, client: null, operation: { type: 'get', key } } as const;
  const result = { type: 'value', value: null, version: null } as const;
  const recall = new Recall();
  const trace = [
    at('n2', 1, {}, { type: 'persist', record: { type: 'entry', key } as never }),
    at('n3', 1, {}, { type: 'persist', record: { type: 'entry', key } as never }),
    at('n1', 1, {}, { ...get, level: null }),
    at('n1', 2, {}, { type: 'sent', to: 'n2', message: read }),
    at('n2', 2, {}, { type: 'timer', name: 'tick' }),
    at('n2', 3, { n1: 2 }, { type: 'delivered', from: 'n1', sent: 2, message: read }),
    at('n2', 4, { n1: 2 }, { type: 'sent', to: 'n1', message: { type: 'reply' } }),
    at('n1', 3, { n2: 4 }, { type: 'delivered', from: 'n2', sent: 4, message: { type: 'reply' } }),
    at('n1', 4, { n2: 4 }, { type: 'return', request: 1, result }),
    at('n1', 5, { n2: 4 }, { type: 'sent', to: 'n2', message: { type: 'write', key } as never }),
    at('n1', 6, { n2: 4 }, { type: 'timer', name: 'tick' }),
  ].map((event) => recall.take(event));
  const found = aroundOf('k', trace).map((known) => trace.indexOf(known));
  // Not what n3 does beside it, nor what n2 or n1 does for another reason.
  expect(found).toEqual([0, 2, 3, 5, 6, 7, 8, 9]);
  expect(aroundOf('n1#1', trace)).toEqual(aroundOf('k', trace));
  expect(() => aroundOf('n1#2', trace)).toThrow('no client asks for "n1#2" in the trace');
});

it('what is chosen of a trace keeps its order', () => {
  const found = selected(events, { type: ['sent'] });
  const places = found.map((known) => events.indexOf(known));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(events.some(({ event }) => isFate(event))).toBe(true);
});

it('takes what the nodes that a violation names knew by then, and what was broken', () => {
  const at = (node: string, clock: TraceEvent['clock'], data: TraceData = { type: 'sync' }) => {
    return { node, atMs: 0, clock, data };
  };
  const fault = { id: 1, words: 'isolate n3', by: 'the swarm' };
  const heard = at('n2', { n2: 1 });
  const isolated = at('faults', { faults: 1 }, { type: 'fault', change: 'begin', fault });
  const told = at('n1', { n1: 1, n2: 1 });
  const message = 'n1 holds this, and n4 holds that';
  const violation = at('faults', { faults: 2 }, { type: 'violation', check: 'decision', message });
  const others = [at('n2', { n2: 2 }), at('n3', { n3: 1 })];
  const past = pastOfViolation([
    ...[heard, isolated, ...others, told, violation],
    at('n1', { n1: 2 }),
  ]);
  expect(past).toEqual([heard, isolated, told, violation]);
  expect(pastOfViolation(others)).toEqual(others);
});
