import { describe, expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { ClientResult, Operation } from '../core/operation.js';
import { SeededRandom } from '../core/random.js';
import type { TraceData, TraceEvent } from '../core/trace-event.js';
import { agedReads, delaysIn, type Quorums, StalenessPrediction, stalenessBins } from './pbs.js';

const ones = { read: 1, write: 1, replicas: 3 } as const;
const predict = (delays: Partial<Parameters<typeof delaysOf>[0]>, quorums: Quorums) =>
  new StalenessPrediction(delaysOf(delays), quorums, new SeededRandom(1));
const delaysOf = (said: {
  ownAck?: number[];
  write?: number[];
  ack?: number[];
  read?: number[];
  reply?: number[];
}) => ({
  ...{ write: [1], ack: [1], ownAck: [0], read: [1], reply: [1] },
  ...said,
});

describe('the prediction', () => {
  it('is none where quorums overlap', () => {
    const prediction = predict(
      { write: [1, 50, 900] },
      { ...ones, read: 2, write: 2, localShare: 0 },
    );
    expect(prediction.staleAt(0)).toBe(0);
  });

  it('of one each: a read of its own coordinator is stale until the write is there', () => {
    // The same node writes and reads in a third of all cases.
    const prediction = predict({ write: [10] }, { ...ones, localShare: 1 });
    expect(prediction.staleAt(9.9)).toBeCloseTo(2 / 3, 1);
    expect(prediction.staleAt(10)).toBe(0);
  });

  it('gets worse when writes take longer than what follows them', () => {
    const random = new SeededRandom(3);
    const exponential = (mean: number) =>
      Array.from({ length: 2000 }, () => -mean * Math.log(1 - random.next()));
    const fast = { ack: exponential(1), read: exponential(1), reply: exponential(1) };
    const staleAt = (writeMs: number) =>
      predict({ ...fast, write: exponential(writeMs) }, { ...ones, localShare: 0 }).staleAt(1);
    expect(staleAt(10)).toBeGreaterThan(2 * staleAt(1));
    expect(staleAt(0.1)).toBeLessThan(0.1);
  });
});

it('delays are those of messages and of their answers, matched by phase', () => {
  const event = (node: string, own: number, atMs: number, data: object): TraceEvent => ({
    ...{ node, atMs, clock: { [node]: own }, data: data as TraceData },
  });
  const version = { stamp: 9, node: 'n1' };
  const write = { type: 'write', writes: [{ phase: 7, version }] };
  const repair = { type: 'write', writes: [{ phase: 8, version: { stamp: 1, node: 'n3' } }] };
  const [n2, n3] = [5, 6].map((sent) => ({ type: 'delivered', from: 'n1', sent, message: write }));
  const ack = {
    type: 'delivered',
    from: 'n2',
    sent: 2,
    message: { type: 'ack', acks: [{ phase: 7 }] },
  };
  const events = [
    event('n1', 4, 98, { type: 'persist', record: { type: 'entry', version } }),
    event('n1', 5, 100, { type: 'sent', to: 'n2', message: write }),
    event('n1', 6, 100, { type: 'sent', to: 'n3', message: write }),
    event('n1', 6, 101, { type: 'sync' }),
    event('n2', 1, 104, n2 ?? {}),
    event('n1', 7, 106, { type: 'durable', position: 3 }),
    event('n3', 1, 109, n3 ?? {}),
    event('n1', 9, 111, ack),
    event('n1', 10, 112, { type: 'sent', to: 'n2', message: repair }),
    event('n2', 2, 113, { type: 'delivered', from: 'n1', sent: 10, message: repair }),
    event('n2', 3, 120, { type: 'sent', to: 'n1', message: { type: 'read', reads: [] } }),
  ];
  expect(delaysIn(events.reverse())).toEqual({
    ...{ write: [6, 11], ack: [7], ownAck: [8], read: [], reply: [] },
  });
});

it('a read is as old as the newest write acknowledged before it, and stale when it misses that one', () => {
  const key = keyFromText('k');
  const version = (stamp: number) => ({ stamp, node: 'n1' });
  const events: TraceEvent[] = [];
  const asked = (from: number, to: number, operation: Operation, result: ClientResult) => {
    const request = events.length;
    const call = { type: 'call', request, client: null, operation, level: null } as const;
    const at = { node: 'n1', clock: {} };
    events.push({ ...at, atMs: from, data: call });
    events.push({ ...at, atMs: to, data: { type: 'return', request, result } });
  };
  const put = (from: number, to: number, stamp: number) => {
    const value = Buffer.from(`${stamp}`);
    const result = { type: 'done', version: version(stamp), existed: null } as const;
    asked(from, to, { type: 'put', key, value }, result);
  };
  const get = (from: number, stamp: number | null) => {
    const seen =
      stamp === null
        ? { value: null, version: null }
        : { value: Buffer.of(1), version: version(stamp) };
    asked(from, from + 1, { type: 'get', key }, { type: 'value', ...seen });
  };
  get(0, null);
  put(5, 10, 1);
  put(20, 30, 3);
  // Acknowledged after the newer one.
  put(31, 32, 2);
  get(15, 1);
  get(34, 3);
  get(50, 1);
  get(60, null);
  const reads = agedReads(events);
  expect(reads).toEqual([
    { ageMs: 5, isStale: false },
    { ageMs: 4, isStale: false },
    { ageMs: 20, isStale: true },
    { ageMs: 30, isStale: true },
  ]);
  const prediction = predict({ write: [25] }, { ...ones, localShare: 1 });
  const [young, middle, old] = stalenessBins(reads, prediction);
  expect(young).toMatchObject({ fromMs: 2, toMs: 5, reads: 1, stale: 0 });
  expect(middle).toMatchObject({ fromMs: 5, toMs: 10, reads: 1, stale: 0 });
  expect(old).toMatchObject({ fromMs: 20, toMs: 50, reads: 2, stale: 2 });
  expect(old?.expected).toBeCloseTo(2 / 3, 1);
});
