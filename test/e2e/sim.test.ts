/** `kvx sim` as built: the same on any number of threads, replayable, and clear about what failed. */
import { once } from 'node:events';
import { afterAll, expect, test } from 'vitest';
import { simulate } from '../../src/explore/simulate.js';
import { Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

test('seeds come to the same on one thread and on three', () => {
  const run = (threads: number) =>
    sandbox.json(['sim', '--seeds', '3..5', '--coverage', '--threads', String(threads)]);
  const [one, three] = [run(1), run(3)];
  expect(one.status).toBe(0);
  expect(three.document.modes).toEqual(one.document.modes);
  const modes = one.document.modes as { mode: string; seeds: number; traceHash: string }[];
  expect(modes.map(({ mode, seeds }) => [mode, seeds])).toEqual([
    ['quorum', 3],
    ['2pc', 3],
    ['gossip', 3],
    ['paxos', 3],
  ]);
  expect(new Set(modes.map(({ traceHash }) => traceHash)).size).toBe(4);
});

test('a seed is the run that the simulator makes of it, and what was drawn is told', () => {
  const { status, document } = sandbox.json([
    ...['sim', '--mode', '2pc', '--seed', '4', '-n', '3'],
    ...['--faults', 'power-cut,one-way-cut', '-o', 'vote-timeout=120ms'],
  ]);
  const faults = ['power cut', 'one-way cut'] as const;
  const modeOptions = { voteTimeoutMs: 120 };
  const report = simulate({ mode: '2pc', seed: 4, nodes: 3, faults, modeOptions });
  expect(status).toBe(0);
  expect(document).toMatchObject({
    ...{ traceHash: report.traceHash, events: report.events, violations: [] },
    drawn: { nodes: 3, modeOptions, workload: report.drawn.workload },
    replay: 'kvx sim --mode 2pc --seed 4 -n 3 --faults power-cut,one-way-cut -o vote-timeout=120ms',
  });
});

test('a failure ends with the command that replays it', () => {
  const { status, stdout } = sandbox.run([
    'sim',
    '--bug',
    '2pc-commit-before-sync',
    '--seeds',
    '2',
  ]);
  expect(status).toBe(1);
  const replay = stdout.trimEnd().split('\n').at(-1) as string;
  expect(replay).toMatch(/^kvx sim --mode 2pc --seed [12] --bug 2pc-commit-before-sync$/);
  const again = sandbox.run(replay.split(' ').slice(1));
  expect(again.status).toBe(1);
  expect(again.stdout).toContain('decision violated\n');
  expect(again.stdout.trimEnd().endsWith(replay)).toBe(true);
});

test('Ctrl-C ends it with what is known by then', async () => {
  const child = sandbox.start(['sim', '--mode', 'gossip', '--for', '10m', '--threads', '1']);
  let printed = '';
  child.stdout.on('data', (data) => {
    printed += data;
  });
  child.stderr.setEncoding('utf8');
  let said = '';
  // The first line of progress that has runs.
  for await (const data of child.stderr) {
    said += data;
    if (/ [1-9]\d* runs/.test(said)) break;
  }
  const ended = once(child, 'close');
  child.kill('SIGINT');
  expect((await ended)[0]).toBe(130);
  expect(printed).toMatch(/^\d+ runs? interrupted after /);
  expect(printed).toContain('MODE ');
});

test('what can not be meant is refused before anything runs', () => {
  const { status, stdout, stderr } = sandbox.run(['sim', '--faults', 'kil']);
  expect([status, stdout]).toEqual([64, '']);
  expect(stderr).toContain('there is no fault "kil", did you mean kill?');
});

test('the zoo tells of each bug how many seeds it took, and of those that no seed has caught', () => {
  const { status, document } = sandbox.json([
    ...['sim', '--zoo', '--mode', '2pc', '--seeds', '2', '--no-shrink'],
  ]);
  const { bugs } = document as { bugs: { bug: string; seedsNeeded: number | null }[] };
  expect(status).toBe(bugs.every(({ seedsNeeded }) => seedsNeeded !== null) ? 0 : 1);
  expect(bugs.length).toBeGreaterThan(3);
  expect(bugs.find(({ bug }) => bug === '2pc-commit-before-sync')).toMatchObject({
    ...{ seedsNeeded: 2, caughtBy: 'decision' },
    replay: 'kvx sim --mode 2pc --seed 2 --bug 2pc-commit-before-sync',
  });
});
