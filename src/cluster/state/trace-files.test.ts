import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextRound } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { quorumSpec } from '../../../test/e2e/cluster-sandbox.js';
import type { TraceData, TraceEvent } from '../../core/trace-event.js';
import { eventOfTraceLine } from '../../trace/line.js';
import { clockToGoOnFrom, TraceFile, traceFaults, traceFile } from './trace-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kvx-traces-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sync = { type: 'sync' } as const;
const event = (count: number, data: TraceData = sync, node = 'n1'): TraceEvent => {
  return { node, atMs: count, clock: { [node]: count, n9: 2 }, data };
};
const linesOf = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\n');
const eventsOf = (who: string): TraceEvent[] =>
  linesOf(traceFile(folder, who)).map(eventOfTraceLine);

it('has written what it was given once this round of the event loop is over, without being closed', async () => {
  const file = new TraceFile(folder, 'n1');
  for (const count of [1, 2]) file.add(event(count));
  expect(statSync(traceFile(folder, 'n1')).size).toBe(0);
  await nextRound();
  expect(eventsOf('n1')).toEqual([event(1), event(2)]);
  file.add(event(3));
  file.close();
  expect(eventsOf('n1')).toHaveLength(3);
});

it('keeps what came last, within its bound', () => {
  const kept = { fileBytesMax: 120_000, oldFilesMax: 3 };
  const file = new TraceFile(folder, 'n1', kept);
  const record = { type: 'put', value: new Uint8Array(100_000) };
  for (let count = 1; count <= 2000; count++) {
    file.add(event(count, { type: 'persist', record }));
    if (count % 100 === 0) file.flush();
  }
  file.close();
  const files = readdirSync(join(folder, 'traces')).map((name) => join(folder, 'traces', name));
  expect(files).toHaveLength(4);
  for (const each of files) expect(statSync(each).size).toBeLessThanOrEqual(kept.fileBytesMax);
  const counts = files.flatMap((each) => linesOf(each).map((line) => eventOfTraceLine(line).atMs));
  const [first = 0, ...more] = counts.sort((a, b) => a - b);
  expect(more).toEqual(more.map((_, at) => first + at + 1));
  expect(counts.at(-1)).toBe(2000);
});

it('goes on counting after a stop in good order, and well past what a killed node may have left unwritten', () => {
  expect(clockToGoOnFrom(folder, 'n1')).toEqual({});
  const file = new TraceFile(folder, 'n1');
  file.add(event(1));
  file.add(event(2, { type: 'stop', why: null }));
  file.close();
  expect(clockToGoOnFrom(folder, 'n1')).toEqual({ n1: 2, n9: 2 });
  const killed = new TraceFile(folder, 'n1');
  killed.add(event(3));
  // What became of a message of another node is no event of this one.
  killed.add(event(9, { type: 'lost', to: 'n1', sent: 9, why: 'cut' }, 'n2'));
  killed.add(event(1, { type: 'held', to: 'n2', sent: 1, why: 'delayed' }));
  killed.close();
  appendFileSync(traceFile(folder, 'n1'), '{"node":"n1","atMs":4,"clo');
  expect(clockToGoOnFrom(folder, 'n1')).toEqual({ n1: 1003, n9: 2 });
  const next = new TraceFile(folder, 'n1');
  next.add(event(1004));
  next.close();
  expect(eventOfTraceLine(linesOf(traceFile(folder, 'n1')).at(-1) as string)).toEqual(event(1004));
});

it('leaves no more unwritten at once than a killed node is taken to have left', () => {
  const file = new TraceFile(folder, 'n1');
  for (let count = 1; count <= 1999; count++) file.add(event(count));
  expect(eventsOf('n1')).toHaveLength(1000);
  file.close();
});

it('tells of what is broken on purpose, in the order of the commands, in a cluster that traces', () => {
  const spec = quorumSpec('threads', 3);
  const fault = (id: number) => ({ id, words: `fault isolate n${id}`, by: 'user' });
  traceFaults(folder, spec, [], [fault(1)]);
  expect(readdirSync(folder)).toEqual([]);
  const traced = { ...spec, trace: 'on' } as const;
  traceFaults(folder, traced, [], [fault(1)]);
  traceFaults(folder, traced, [fault(1)], [fault(2)]);
  traceFaults(folder, traced, [fault(2)], [fault(2)]);
  const seen = eventsOf('faults').map(({ clock, data }) => {
    return data.type === 'fault' ? [clock['faults'], data.change, data.fault.id] : [];
  });
  expect(seen).toEqual([
    [1, 'begin', 1],
    [2, 'begin', 2],
    [3, 'end', 1],
  ]);
});
