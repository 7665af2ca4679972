import { expect, it } from 'vitest';
import { simulate } from '../explore/simulate.js';
import { hashed, Trace } from './trace.js';

it('has another hash when any number that counts is another', () => {
  const hashOf = (note: (trace: Trace) => void): string => {
    const trace = new Trace();
    note(trace);
    return trace.hash;
  };
  const hashes = [
    hashOf((trace) => trace.note(hashed.sent, 1, 7)),
    hashOf((trace) => trace.note(hashed.lost, 1, 7)),
    hashOf((trace) => trace.note(hashed.sent, 2, 7)),
    hashOf((trace) => trace.note(hashed.sent, 1, 8)),
    hashOf((trace) => {
      trace.now = 1e-9;
      trace.note(hashed.sent, 1, 7);
    }),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
});

it('is the same with a sink and without, and the sink has every kind of event of a run', () => {
  const options = { mode: 'paxos', seed: 4, durationMs: 800 };
  const { trace, traceHash } = simulate({ ...options, trace: true });
  expect(simulate(options).traceHash).toBe(traceHash);
  const types = new Set(trace?.map(({ data }) => data.type));
  const often = ['sent', 'delivered', 'timer', 'persist', 'sync', 'durable', 'role', 'tell'];
  expect([...types]).toEqual(
    expect.arrayContaining([...often, 'start', 'call', 'return', 'fault']),
  );
});
