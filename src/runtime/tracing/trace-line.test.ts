import { expect, it } from 'vitest';
import { keyFromBytes, keyFromText } from '../../core/key.js';
import type { TraceData, TraceEvent } from '../../core/trace-event.js';
import { tracedMax, traceLineOf } from './trace-line.js';

const event = (data: TraceData): TraceEvent => ({ node: 'n1', atMs: 1.5, clock: { n1: 3 }, data });
const inLine = (data: TraceData): unknown =>
  (JSON.parse(traceLineOf(event(data))) as TraceEvent).data;
const put = (key: string, value: Uint8Array) =>
  ({ type: 'persist', record: { type: 'put', key, value } as never }) as const;
const read = (key: string, value: Uint8Array) =>
  (inLine(put(key, value)) as { record: { key: unknown; value: unknown } }).record;

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
