/** `kvx bench` as built, on a cluster that is up: what it prints, what it leaves behind, and its exit codes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readHistory } from '../../src/history/files/read-file.js';
import { ended, Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();

beforeAll(() => {
  expect(sandbox.run(['cluster', 'up', '-n', '3', '--sync', 'off', '--trace']).status).toBe(0);
});
afterAll(() => sandbox.cleanUp());

const latency = {
  p50: expect.any(Number),
  p90: expect.any(Number),
  p99: expect.any(Number),
  'p99.9': expect.any(Number),
  max: expect.any(Number),
};

describe('rapidset', () => {
  test('sets 1234 so many times and reads the last one back', () => {
    const { status, stdout } = sandbox.run(['bench', 'rapidset', '50', '--seed', '3']);
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^rapidset: 50 of 50 done in .*, \d+\/s$/);
    expect(lines[1]).toBe('quorum, 3 nodes as threads, 1 client, seed 3');
    expect(lines[2]).toMatch(/^OPERATION +DONE +ERRORS +PER SEC +P50 MS.*MAX MS$/);
    expect(lines[3]).toMatch(/^put +50 +0( +[\d.]+){5}$/);
    expect(lines[4]).toBe('read back: the last value set');
    // The 50th, counted from 0 in base 36.
    expect(sandbox.run(['get', '1234']).stdout).toMatch(/^0003\.1d\.+\n$/);
  });
});

describe('multiset', () => {
  test('sets so many keys, and all replicas agree', () => {
    const { status, document } = sandbox.json(['bench', 'multiset', '500', '--clients', '16']);
    expect(status).toBe(0);
    expect(document).toMatchObject({
      cluster: 'dev',
      mode: 'quorum',
      plan: { workload: 'multiset', clientCount: 16, operationsMax: 500 },
      doneCount: 500,
      operations: [{ operation: 'put', doneCount: 500, errorCount: 0, latencyMs: latency }],
      verification: { type: 'agreement', passed: true, differenceCount: 0 },
      interrupted: false,
      failure: null,
    });
    expect(sandbox.run(['get', 'multi-1']).status).toBe(0);
    expect(sandbox.run(['get', 'multi-500']).status).toBe(0);
    expect(sandbox.run(['get', 'multi-501']).status).toBe(1);
  });

  test('says agree on a line of its own, as verify does', () => {
    const { status, stdout, stderr } = sandbox.run(['bench', 'multiset', '10', '--clients', '32']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^agree$/m);
    expect(stderr).toMatch(/^Compared \d+ keys, \d+ copies\.$/m);
  });

  test('exits with 1 when not every replica can be compared', () => {
    expect(sandbox.run(['node', 'kill', 'n3']).status).toBe(0);
    const { status, stdout } = sandbox.run(['bench', 'multiset', '20', '--clients', '4']);
    expect(stdout).toMatch(/^faults: n3 killed \(from the start to the end\)$/m);
    expect(stdout).toMatch(/^not compared n3: /m);
    expect(status).toBe(1);
    expect(sandbox.run(['node', 'restart', 'n3']).status).toBe(0);
  });
});

describe('a mix', () => {
  test('of reads and writes, through every node', () => {
    const words = ['bench', '--ops', '400', '--clients', '8', '--reads', '75%', '--keys', '20'];
    const { status, document } = sandbox.json([...words, '--value-size', '1KiB']);
    expect(status).toBe(0);
    expect(document).toMatchObject({ doneCount: 400, errorCount: 0, errors: [] });
    expect(document.operations).toMatchObject([{ operation: 'get' }, { operation: 'put' }]);
    expect(document.operations[0].doneCount).toBeGreaterThan(250);
  });

  test('written down: as a history of which each client was a process', async () => {
    const path = join(sandbox.runtime, 'h.jsonl');
    const words = ['bench', '--ops', '300', '--clients', '8', '--keys', '5', '--history', path];
    expect(sandbox.run(words).status).toBe(0);
    const history = await readHistory(path);
    // Besides, at the end every key is read through every node, by others, until they agree.
    expect(history.process.filter((process) => process < 8)).toHaveLength(300);
    expect((history.count - 300) % 15).toBe(0);
    expect(history.count).toBeGreaterThan(300);
    expect(new Set(history.nodes)).toEqual(new Set(['n1', 'n2', 'n3']));
    expect(history.keys).toHaveLength(5);
    // Again, the keys are others: nothing is read of what this history does not tell.
    expect(sandbox.run(words).status).toBe(0);
    const again = await readHistory(path);
    expect(again.keys.filter((key) => history.keys.includes(key))).toEqual([]);
  });

  test('refuses a history where there can be no file', () => {
    const { status, stderr } = sandbox.run([
      'bench',
      '--ops',
      '1',
      '--history',
      'no/such/folder/h',
    ]);
    expect(status).toBe(64);
    expect(stderr).toMatch(
      /^error: no\/such\/folder\/h can't be written: there is no such folder$/m,
    );
  });

  test('for so long, with progress on standard error only', () => {
    const { status, stdout, stderr } = sandbox.run(['bench', '--duration', '1500ms']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^mixed: \d+ done in/);
    expect(stderr).toMatch(/^1 s {2}\d+% {2}\d+ done {2}\d+\/s\n/);
    expect(stdout + stderr).not.toContain('\x1b');
  });

  test('of YCSB, by several threads: all keys are there, and thresholds decide the exit code', () => {
    const words = ['bench', 'ycsb-b', '--ops', '400', '--clients', '8', '--keys', '50'];
    const kept = sandbox.json([...words, '--threads', '2', '--threshold', 'errors<1%']);
    expect(kept.status).toBe(0);
    expect(kept.document).toMatchObject({
      ...{ doneCount: 400, generator: { threads: 2 }, windows: [] },
      operations: [{ operation: 'get', absentCount: 0 }, { operation: 'put' }],
      thresholds: [{ text: 'errors<1%', holds: true }],
    });
    const { status, stdout } = sandbox.run([...words, '--threshold', 'p50<0.001ms,rate>1']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^✗ p50<0.001ms: .+\n✓ rate>1: \d+\/s$/m);
  });

  test('at a steady rate, second by second in files', () => {
    const csv = join(sandbox.runtime, 'b.csv');
    const words = ['bench', '--ops', '130', '--rate', '100', '--csv', csv];
    const { status, document } = sandbox.json([...words, '--warm-up', '100ms']);
    expect(status).toBe(0);
    expect(document.doneCount + document.errorCount).toBe(130);
    expect(document.elapsedMs).toBeGreaterThan(1250);
    const [head, ...rows] = readFileSync(csv, 'utf8').trimEnd().split('\n');
    expect(head).toMatch(/^from_s,for_s,fault,operation,done/);
    const done = rows.reduce((sum, row) => sum + Number(row.split(',')[4]), 0);
    expect(done).toBe(document.doneCount);
  });

  test('judged in the same run: a promise that is kept, and what was broken meanwhile', () => {
    const words = ['bench', 'register', '--ops', '300', '--check', '--nemesis', 'slow-node'];
    const { status, stdout } = sandbox.run([...words, '--nemesis-every', '50ms']);
    expect(stdout).toMatch(/^✓ promised \w+.*: holds$/m);
    expect(stdout).toMatch(/^(before|during)/m);
    // Quorums that overlap: none is stale, and by its trace none is to be expected.
    expect(stdout).toMatch(/^all +\d+ +0 +0% +0%$/m);
    expect(status).toBe(0);
  });

  test('exits with 3, errors by kind, when nothing could be done', () => {
    expect(sandbox.run(['node', 'kill', 'n2', 'n3']).status).toBe(0);
    const words = ['bench', '--duration', '500ms', '--clients', '2', '--level', 'all'];
    const deadline = Date.now() + 20_000;
    // Until n1 suspects the others it waits for them, and nobody knows what became of the writes.
    let ran = sandbox.run([...words, '--timeout', '300ms']);
    while (ran.status !== 3 && Date.now() < deadline) {
      ran = sandbox.run([...words, '--timeout', '300ms']);
    }
    expect(ran.status).toBe(3);
    expect(ran.stdout).toMatch(/^\d+ put errors, unavailable: surely did not happen$/m);
    expect(sandbox.run(['node', 'restart', 'n2', 'n3']).status).toBe(0);
  });
});

describe('what is refused', () => {
  test.each([
    [['rapidst', '5'], 'there is no workload "rapidst", did you mean rapidset?'],
    [['rapidset', 'many'], 'rapidset takes how many sets, 1 or more, not "many"'],
    [['multiset', '5', '--ops', '3'], 'multiset takes no --ops'],
    [['--reads', 'half'], '--reads must be a share from 0% to 100%, not "half"'],
    [['--clients', '0'], '--clients'],
    [['--check', '--threads', '2'], 'what is written down is written by one thread'],
    [['--csv', '/no/such/folder/x'], "/no/such/folder/x can't be written"],
    [['--level', 'most', '--ops', '5'], 'mode quorum has no level "most"'],
    [['--node', 'n9'], 'there is no node "n9"'],
  ])('%j', (words, message) => {
    const { status, stdout, stderr } = sandbox.run(['bench', ...words]);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(status).toBe(64);
  });

  test('a cluster that is not up', () => {
    const words = ['bench', '-C', 'nowhere', '--ops', '5'];
    expect(sandbox.run(words)).toMatchObject({ status: 3, stdout: '' });
    expect(sandbox.json(words)).toMatchObject({ status: 3, document: { error: { exitCode: 3 } } });
  });
});

describe('Ctrl-C', () => {
  const started = (child: ReturnType<Sandbox['start']>) =>
    new Promise<void>((resolve) => child.stderr.once('data', () => resolve()));

  test('prints what was measured so far and exits with 130', async () => {
    const child = sandbox.start(['bench', 'multiset', '1000000000']);
    const end = ended(child);
    await started(child);
    child.kill('SIGINT');
    const { status, stdout, stderr } = await end;
    expect(status).toBe(130);
    expect(stdout).toMatch(/^multiset: \d+ of 1000000000 done interrupted after /);
    expect(stdout).toMatch(/^put +\d+/m);
    expect(stdout).toMatch(/^not verified$/m);
    expect(stderr).not.toContain('error');
  });

  test('prints one document with --json', async () => {
    const child = sandbox.start(['bench', '--duration', '1h', '--json']);
    const end = ended(child);
    await started(child);
    child.kill('SIGINT');
    const { status, stdout } = await end;
    expect(status).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      interrupted: true,
      plan: { durationMs: 3_600_000 },
    });
  });
});
