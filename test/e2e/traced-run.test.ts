/** What clusters write down of themselves, on every runtime. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TraceEvent } from '../../src/core/trace-event.js';
import { record } from '../../src/lab/record.js';
import { targetRuntimes } from '../../src/targets/target.js';
import { eventOfTraceLine } from '../../src/trace/line.js';
import { contradictionsIn } from '../../src/trace/testing/causality.js';
import { Sandbox } from './commands-sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.cleanUp());

const script = `
put a 1
fault partition n1/n2,n3
put b 2 --node n2
fault heal
node kill n3
node restart n3
put c 3 --level all
get b --node n3 --level all
`;

test.each(targetRuntimes)('a traced run on %s is one history in causal order', async (runtime) => {
  const file = join(sandbox.home, 'trace.jsonl');
  const args = ['run', '-q', '-n', '3', '--replicas', '3', '--runtime', runtime, '--trace', file];
  if (runtime === 'sim') args.push('--seed', '1');
  const ran = sandbox.run(args, script);
  expect(ran.stdout.trimEnd().split('\n').at(-1)).toBe('2');
  const events = readFileSync(file, 'utf8').trimEnd().split('\n').map(eventOfTraceLine);
  expect(ran.stderr).toContain(`${events.length.toLocaleString('en')} events in ${file}.`);
  if (runtime === 'sim') {
    // In a page it is the same run.
    const key = { scenario: `cluster up -n 3 --replicas 3\n${script}`, seed: 1, bug: null };
    const { recording } = await record(key, { afterPromises: setImmediate, now: () => 0 });
    expect(ran.stderr).toContain(`Trace hash: ${recording.traceHash}.`);
  }
  // A real node that is killed has no time to write what it did last.
  expect(contradictionsIn(events, { gaps: runtime !== 'sim' })).toEqual([]);
  const of = (type: TraceEvent['data']['type'], node: string) =>
    events.filter((event) => event.data.type === type && event.node === node);
  expect(of('start', 'n3').map(({ data }) => data)).toMatchObject([
    { incarnation: 1 },
    { incarnation: 2 },
  ]);
  const faults = of('fault', 'faults').map(({ data }) => data);
  const fault = { id: 1, words: 'fault partition n1/n2,n3' };
  expect(faults).toMatchObject([
    { change: 'begin', fault },
    { change: 'end', fault },
  ]);
  const types = new Set(events.map(({ data }) => data.type));
  const often = ['sent', 'delivered', 'persist', 'sync', 'durable', 'call', 'return'];
  expect([...types]).toEqual(expect.arrayContaining([...often, 'role', 'lost']));
  const cut = events.flatMap(({ data }) => (data.type === 'lost' && data.why === 'cut' ? 1 : []));
  expect(cut.length).toBeGreaterThan(0);
  const asked = events.flatMap(({ data }) => (data.type === 'call' ? [data.operation] : []));
  expect(asked).toContainEqual({ type: 'put', key: 'c', value: '3' });
});

test('a cluster traces while it was told to; its trace stays until it is wiped', () => {
  const traces = join(sandbox.home, 'dev/traces');
  const shown = (args: readonly string[]) => sandbox.run(['cluster', ...args]);
  expect(shown(['up', '-n', '1', '-m', 'gossip', '--trace']).status).toBe(0);
  expect(shown(['status']).stdout + shown(['status']).stderr).toContain('kvx trace');
  expect(sandbox.json(['cluster', 'status']).document.trace).toBe('on');
  const refused = shown(['up', '-o', 'trace=off']);
  expect([refused.status, refused.stderr]).toEqual([
    3,
    expect.stringContaining('trace on, not off'),
  ]);
  shown(['down']);
  const length = () => readFileSync(join(traces, 'n1.jsonl'), 'utf8').length;
  const before = length();
  expect(readFileSync(join(traces, 'n1.jsonl'), 'utf8')).toMatch(/"type":"stop","why":null}}\n$/);
  expect(shown(['up', '-o', 'trace=off']).status).toBe(0);
  expect(sandbox.json(['cluster', 'status']).document.trace).toBe('off');
  shown(['down']);
  expect(length()).toBe(before);
  shown(['down', '--wipe']);
  expect(existsSync(traces)).toBe(false);
});
