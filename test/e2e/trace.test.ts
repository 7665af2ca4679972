/** `kvx trace` on a cluster of real nodes, up and down. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventOfTraceLine } from '../../src/trace/line.js';
import { importedByPerfetto } from '../../src/trace/testing/perfetto-rules.js';
import { parsedByShiviz } from '../../src/trace/testing/shiviz-rules.js';
import { ended, Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
const lines = (text: string): string[] => text.trimEnd().split('\n');

function trace(...flags: string[]): string {
  const { status, stdout, stderr } = sandbox.run(['trace', ...flags]);
  if (status !== 0) throw new Error(`exit code ${status}: ${stderr}`);
  return stdout;
}

beforeAll(() => {
  const up = ['cluster', 'up', '--mode', 'quorum', '-n', '3', '--trace'];
  for (const args of [up, ['put', 'x', '1'], ['node', 'kill', 'n3'], ['node', 'restart', 'n3']]) {
    const { status, stderr } = sandbox.run(args);
    if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  }
});
afterAll(() => sandbox.cleanUp());

test('shows a call, what came of it and the answer, in this order', () => {
  const shown = lines(trace('--around', 'x', '--type', 'put,write,entry'));
  expect(shown[0]).toMatch(/^ +\d+\.\d{3} n1 call +#\d+ put\(key x, value 1\)/);
  const types = shown.map((line) => line.split(/ +/)[3] ?? '');
  const place = (type: string) => types.indexOf(type);
  expect([place('call'), place('sent'), place('delivered')].every((at) => at >= 0)).toBe(true);
  expect(place('sent')).toBeLessThan(place('delivered'));
  expect(place('delivered')).toBeLessThan(place('return'));
  for (const line of shown) expect(line.length).toBeLessThanOrEqual(80);
});

test('tells where a node was killed', () => {
  const shown = lines(trace('--type', 'start', '--node', 'n3'));
  expect(shown).toEqual([
    expect.stringMatching(/n3 start +incarnation 1$/),
    '----------- what n3 did last before this start is not in the trace',
    expect.stringMatching(/n3 start +incarnation 2$/),
  ]);
});

test('exports what ShiViz and Perfetto take', () => {
  const file = join(sandbox.home, 'out');
  trace('--export', 'shiviz', '--out', file);
  expect(parsedByShiviz(readFileSync(file, 'utf8')).length).toBeGreaterThan(100);
  const { tracks, arrows } = importedByPerfetto(trace('--export', 'perfetto'));
  expect([...tracks.keys()].sort()).toEqual(['n1', 'n2', 'n3']);
  expect(arrows).toBeGreaterThan(10);
});

test('what it prints as JSON lines it reads again', () => {
  const file = join(sandbox.home, 'events.jsonl');
  trace('--export', 'jsonl', '--out', file);
  const events = lines(readFileSync(file, 'utf8')).map(eventOfTraceLine);
  const starts = events.filter(({ data }) => data.type === 'start');
  expect(lines(trace(file, '--type', 'start', '--json'))).toHaveLength(starts.length);
});

test('follows what happens, and ends when it is told to or nobody listens', async () => {
  const child = sandbox.start(['trace', '--follow', '--type', 'call,return']);
  const done = ended(child);
  await new Promise((resolve) => {
    child.stdout.once('data', resolve);
    const again = (): void => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      sandbox.run(['put', 'y', '2']);
      if (child.stdout.readableLength === 0) setImmediate(again);
    };
    again();
  });
  child.kill('SIGINT');
  const { status, stdout } = await done;
  expect(status).toBe(130);
  // It may begin in the middle of a put.
  expect(stdout).toMatch(/(call +#\d+ put\(key y, value 2\)|return +#\d+ put\(key y\))/);
  const first = sandbox.shell('set -o pipefail; kvx trace | head -1');
  expect(first).toMatchObject({ status: 0, stderr: '' });
  expect(first.stdout).toMatch(/start +incarnation 1\n$/);
});

test.each([
  [['--node', 'n9'], 'there is no node "n9", did you mean n1?'],
  [['--type', 'retrun'], 'type "retrun", did you mean return?'],
  [['--link', 'n1>n9'], 'the link "n1>n9", did you mean n1>n'],
  [['--around', 'nokey'], 'no client asks for "nokey"'],
  [['--since', 'then'], '--since must be a time'],
  [['-f', '--around', 'x'], '--around needs the whole trace'],
  [['-f', '--export', 'perfetto'], '--export perfetto needs the whole trace'],
  [['--json', '--export', 'shiviz'], '--json is --export jsonl'],
  [['--out', 'file'], '--out takes what --export makes'],
  [['no/such/file'], 'no/such/file: there is no such file'],
  [[join(import.meta.dirname, 'trace.test.ts')], 'trace.test.ts:1: this is not JSON'],
] as const)('refuses %j', (flags, message) => {
  const { status, stdout, stderr } = sandbox.run(['trace', ...flags]);
  expect(status).toBe(64);
  // With --json, errors are results.
  expect(stdout).toMatch(flags[0] === '--json' ? /^{"error":/ : /^$/);
  expect(stderr + stdout).toContain(message);
});

test('is there when the cluster is down, and not when it was not asked for', () => {
  sandbox.run(['cluster', 'down']);
  expect(trace('--type', 'put')).toContain('put(key x, value 1)');
  sandbox.run(['cluster', 'up', '--name', 'other', '-n', '1']);
  const { status, stderr } = sandbox.run(['trace', '-C', 'other']);
  expect(status).toBe(3);
  expect(stderr).toContain('cluster other has no trace');
});
