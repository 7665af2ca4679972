import { expect, it } from 'vitest';
import { keyFromBytes, keyFromText } from '../core/key.js';
import type { TraceData, TraceEvent } from '../core/trace-event.js';
import { ShapeError } from '../core/wire.js';
import { eventOfTraceLine, tracedMax, traceLineOf } from './line.js';

const put = { type: 'put', key: keyFromText('k'), value: new Uint8Array([0x31]) } as const;

const samples: { readonly [T in TraceData['type']]: TraceData & { readonly type: T } } = {
  start: { type: 'start', incarnation: 2 },
  stop: { type: 'stop', why: null },
  sent: { type: 'sent', to: 'n2', message: { type: 'promise' } },
  delivered: { type: 'delivered', from: 'n2', sent: 7, message: { type: 'promise' } },
  lost: { type: 'lost', to: 'n2', sent: 3, why: 'cut' },
  held: { type: 'held', to: 'n2', sent: 3, why: 'paused' },
  doubled: { type: 'doubled', to: 'n2', sent: 3, why: 'duplicate' },
  timer: { type: 'timer', name: 'tick' },
  persist: { type: 'persist', record: { type: 'promised' } },
  sync: { type: 'sync' },
  durable: { type: 'durable', position: 4 },
  call: { type: 'call', request: 1, client: null, operation: put, level: 'quorum' },
  return: { type: 'return', request: 1, result: { type: 'value', value: null, version: null } },
  role: { type: 'role', role: 'leader' },
  tell: { type: 'tell', event: { what: 'leads', detail: 'ballot 1.n1' } },
  fault: { type: 'fault', change: 'begin', fault: { id: 1, words: 'fault cut n1>n2', by: 'user' } },
  violation: { type: 'violation', check: 'agreement', message: 'two values' },
};

const event = (data: TraceData): TraceEvent => ({
  ...{ node: 'n1', atMs: 1.5, clock: { n1: 3, n2: 7 }, data },
});

it.each(Object.values(samples))('reads back $type', (data) => {
  const line = traceLineOf(event(data));
  expect(eventOfTraceLine(line)).toEqual(JSON.parse(line));
});

it.each(Object.values(samples).filter((data) => Object.keys(data).length > 1))(
  'refuses $type without one of its fields',
  (data) => {
    const checked = Object.keys(data).filter((field) => field !== 'type' && field !== 'level');
    for (const field of checked) {
      const { [field]: _, ...others } = data as unknown as Record<string, unknown>;
      const line = JSON.stringify({ ...event(data), data: others });
      expect(() => eventOfTraceLine(line)).toThrow(ShapeError);
      expect(() => eventOfTraceLine(line)).toThrow(`data: ${field}: expected`);
    }
  },
);

it.each([
  ['', 'this is not JSON: ""'],
  ['{"node":"n1","atMs":1', 'this is not JSON: "{"node":"n1","atMs":1"'],
  ['[]', 'expected an object, got a list of 0'],
  ['{"node":"n 1"}', 'node: expected a name'],
  ['{"node":"n1"}', 'atMs: expected a finite number'],
  ['{"node":"n1","atMs":1,"clock":{"n1":1},"data":{"type":"toString"}}', 'no event has type'],
  ['{"node":"n1","atMs":1,"clock":{"n2":1},"data":{"type":"sync"}}', 'clock: n1 must know'],
  ['{"node":"n1","atMs":1,"clock":{"n1":-1},"data":{"type":"sync"}}', 'clock: expected a whole'],
  ['{"node":"n1","atMs":1,"clock":{"n1":1},"data":{}}', 'data: type: expected text'],
])('refuses %j', (line, why) => {
  expect(() => eventOfTraceLine(line)).toThrow(ShapeError);
  expect(() => eventOfTraceLine(line)).toThrow(why);
});

const inLine = (data: TraceData): unknown =>
  (JSON.parse(traceLineOf(event(data))) as TraceEvent).data;
const persisted = (key: string, value: Uint8Array) =>
  ({ type: 'persist', record: { type: 'put', key, value } as never }) as const;
const read = (key: string, value: Uint8Array) =>
  (inLine(persisted(key, value)) as { record: { key: unknown; value: unknown } }).record;

it('writes keys and values as text, and those that are none as base64', () => {
  expect(read(keyFromText('straße'), new TextEncoder().encode('größe'))).toMatchObject({
    ...{ key: 'straße', value: 'größe' },
  });
  const bytes = new Uint8Array([0xff, 0x00]);
  expect(read(keyFromBytes(bytes), bytes)).toMatchObject({
    ...{ key: { base64: '/wA=' }, value: { base64: '/wA=' } },
  });
  expect(read(keyFromText('k'), Buffer.from('hi'))).toMatchObject({ value: 'hi' });
  expect(inLine({ type: 'stop', why: 'broken … for good' })).toMatchObject({
    why: 'broken … for good',
  });
});

it('cuts values and lists, so that a line is bounded', () => {
  const { value } = read(keyFromText('k'), new Uint8Array(1_000_000).fill(0x61));
  expect(value).toBe(`${'a'.repeat(tracedMax.valueBytes)}… (1000000 bytes)`);
  // 'é' takes two bytes: the one that the cut would halve is left out whole.
  const wide = new TextEncoder().encode(`a${'é'.repeat(100)}`);
  expect(read(keyFromText('k'), wide).value).toMatch(/^aé{31}… \(201 bytes\)$/);
  const writes = Array.from({ length: 1000 }, (_, at) => at);
  const cut = inLine({ type: 'persist', record: { type: 'many', writes } as never });
  expect((cut as { record: { writes: unknown[] } }).record.writes).toEqual([
    ...writes.slice(0, tracedMax.listItems),
    '… and 968 more',
  ]);
});
