import { expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import { simulate } from '../explore/simulate.js';
import { noRules } from '../faults/link-rules.js';
import { type SimEvent, Trace } from './trace.js';
import { mentions, timedTraceLine, traceJson, traceLine } from './trace-text.js';

const n1 = { id: 'n1', index: 0 };
const value = new Uint8Array([104, 105, 10]);
const put = { type: 'put', key: keyFromText('a b'), value } as const;

/** The events of a few calls of `Trace`, and its hash. */
function traced(record: (trace: Trace) => void): { events: SimEvent[]; hash: string } {
  const events: SimEvent[] = [];
  const trace = new Trace((event) => events.push(event));
  record(trace);
  const silent = new Trace(null);
  record(silent);
  expect(silent.hash).toBe(trace.hash);
  return { events, hash: trace.hash };
}

it('tells each event as data, as text and as JSON', () => {
  const { events } = traced((trace) => {
    trace.now = 1.5;
    trace.batch('sent', 'n1', 'n2', 1, 7, [{ type: 'prepare', id: 3, writes: [put] } as never]);
    trace.persist(n1, 0, { type: 'promised' });
    trace.durable(n1, 1);
    trace.crash(n1, 'power');
    trace.rules({ ...noRules, cuts: [{ from: 'n1', to: 'n2' }], delays: [] });
    trace.call({ client: 2, node: 'n1', operation: put, level: 'quorum' }, 1);
    trace.return({ client: 2, node: 'n1', operation: put, level: null }, null);
    trace.role('n1', 'leader');
  });
  expect(events.map(traceLine)).toEqual([
    'sent      n1 → n2 prepare(id 3, writes [put(key "a b", value "hi\\n")])',
    'persist   n1 promised',
    'durable   n1 1 records',
    'crash     n1 power',
    'rules     n1↛n2',
    'call      c2 asks n1 at quorum: put(key "a b", value "hi\\n")',
    'return    c2 asks n1: put(key "a b", value "hi\\n") → no answer',
    'role      n1 leader',
  ]);
  expect(timedTraceLine(events[3] as SimEvent)).toBe('      1.500 crash     n1 power');
  expect(JSON.parse(traceJson(events[5] as SimEvent))).toEqual({
    ...{ atMs: 1.5, type: 'call', client: 2, node: 'n1', level: 'quorum' },
    operation: { type: 'put', key: 'a b', value: 'hi\n' },
  });
  expect(events.map((event) => mentions(event, 'a b'))).toEqual(
    [true, false, false, false, false, true, true, false], //
  );
});

it('has another hash when any number that counts is another', () => {
  const hashes = [
    traced((trace) => trace.batch('sent', 'n1', 'n2', 1, 7, [])),
    traced((trace) => trace.batch('lost', 'n1', 'n2', 1, 7, [])),
    traced((trace) => trace.batch('sent', 'n1', 'n2', 2, 7, [])),
    traced((trace) => trace.batch('sent', 'n1', 'n2', 1, 8, [])),
    traced((trace) => {
      trace.now = 1e-9;
      trace.batch('sent', 'n1', 'n2', 1, 7, []);
    }),
    traced((trace) => trace.crash(n1, 'kill')),
    traced((trace) => trace.crash(n1, 'power')),
  ].map(({ hash }) => hash);
  expect(new Set(hashes).size).toBe(hashes.length);
});

it('is the same with a sink and without, and has every kind of event of a run', () => {
  const options = { mode: 'paxos', seed: 4, durationMs: 800 };
  const { trace, traceHash } = simulate({ ...options, trace: true });
  expect(simulate(options).traceHash).toBe(traceHash);
  const types = new Set(trace?.map(({ type }) => type));
  const often = ['sent', 'delivered', 'turn', 'timer', 'persist', 'sync', 'durable', 'role'];
  expect([...types]).toEqual(expect.arrayContaining([...often, 'start', 'call', 'return']));
});
