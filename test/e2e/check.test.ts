/** `kvx check` as built, and `import … from 'kvx/check'` from elsewhere. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Sandbox } from './commands-sandbox.js';

const root = join(import.meta.dirname, '../..');
const example = (name: string) => join(root, `test/corpus/${name}.jsonl`);
const sandbox = new Sandbox();
const folder = mkdtempSync(join(tmpdir(), 'kvx-check-'));
afterAll(() => {
  sandbox.cleanUp();
  rmSync(folder, { recursive: true, force: true });
});

describe('kvx check', () => {
  test('prints the ladder, the evidence as a sentence, a timeline and a table', () => {
    const { status, stdout, stderr } = sandbox.run(['check', example('stale-read')]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('The strongest that holds: sequential, per key\n');
    expect(stdout).toMatch(/^✗ linearizable +violated/m);
    expect(stdout).toMatch(/^✓ sequential, per key +holds/m);
    expect(stdout).toContain(
      "  Client 2 read 7 from n2 after client 1's put of 9 had been acknowledged.\n",
    );
    expect(stdout).toContain('  client 2                            ┣━ get → 7 ━┫\n');
    expect(stdout).toMatch(/^▸3 +client 2 +get → 7 +n2 +\+40 ms +\+50 ms +5$/m);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('10 ms and 1 version old');
  });

  test('answers of the models asked for by its exit code', () => {
    const check = (name: string, models: string) =>
      sandbox.run(['check', example(name), '--model', models]).status;
    expect(check('stale-read', 'sequential,causal')).toBe(0);
    expect(check('stale-read', 'linearizable,causal')).toBe(1);
    expect(check('not-yet-agreed', 'eventual')).toBe(2);
  });

  test('without models, by whether it is known which one it was', () => {
    expect(sandbox.run(['check', example('fresh-read')]).status).toBe(0);
    expect(sandbox.run(['check', example('phantom-read')]).status).toBe(1);
    expect(sandbox.run(['check', example('resurrection')]).status).toBe(2);
    // That nothing came out of a queue twice is no comfort when something was lost.
    expect(sandbox.run(['check', example('queue-lost')]).status).toBe(1);
  });

  test('says everything as JSON, cores with their lines', () => {
    const { status, document } = sandbox.json(['check', example('stale-read')]);
    expect(status).toBe(0);
    expect(document).toMatchObject({
      operations: 4,
      keys: 1,
      processes: 2,
      strongest: 'sequential',
    });
    expect(document.models.map(({ model }: { model: string }) => model)).toContain('causal');
    const { evidence } = document;
    expect(evidence).toMatchObject({ model: 'linearizable', anomaly: 'stale read', key: 'x' });
    expect(evidence.operations.map(({ line }: { line: number }) => line)).toEqual([1, 3, 5]);
  });

  test('reads standard input, and writes EDN', () => {
    const text = readFileSync(example('stale-read'));
    const file = join(folder, 'stale.edn');
    expect(sandbox.run(['check', '-', '--export', file], text)).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(readFileSync(file, 'utf8')).toMatch(/^\{:process 1, :type :invoke, :f :write/);
    const again = sandbox.json(['check', file]);
    expect(again.document.strongest).toBe('sequential');
  });

  test('refuses what is no history, with its line, and what nobody knows, with what was meant', () => {
    const file = join(folder, 'broken.jsonl');
    const lines = readFileSync(example('stale-read'), 'utf8').split('\n');
    writeFileSync(file, [...lines.slice(0, 3), '{"process":', ...lines.slice(3)].join('\n'));
    const broken = sandbox.run(['check', file]);
    expect(broken.status).toBe(64);
    expect(broken.stderr).toContain(`${file}:4:`);
    expect(sandbox.run(['check', join(folder, 'nothing')])).toMatchObject({ status: 64 });
    const unknown = sandbox.run(['check', file, '--model', 'linearisable']);
    expect(unknown.status).toBe(64);
    expect(unknown.stderr).toContain('did you mean linearizable?');
    expect(sandbox.run(['check', file, '--memory', 'much']).status).toBe(64);
  });

  test('ends as unknown when its time is up', () => {
    const file = join(folder, 'hard.jsonl');
    writeFileSync(file, hardHistory());
    const args = ['check', file, '--model', 'linearizable', '--timeout', '1ms'];
    const { status, document } = sandbox.json(args);
    expect(status).toBe(2);
    expect(document.models).toMatchObject([{ verdict: 'unknown', reason: 'time limit' }]);
  });

  test('ends as unknown when its memory is used up', () => {
    const file = join(folder, 'large.jsonl');
    writeFileSync(file, updatesAtOnce(60));
    const args = ['check', file, '--model', 'linearizable', '--memory', '4MB'];
    const { status, document } = sandbox.json(args);
    expect(status).toBe(2);
    expect(document.models).toMatchObject([{ verdict: 'unknown', reason: 'memory limit' }]);
  });
});

/** A value put twice, then updates all under way at once, one of which is seen: any of the others may have come before. */
function updatesAtOnce(clients: number): string {
  const lines: object[] = [];
  const add = (process: number, type: string, f: string, value: string | null) =>
    lines.push({ process, type, f, key: 'x', value, time: lines.length });
  for (const type of ['invoke', 'ok', 'invoke', 'ok']) add(1000, type, 'put', 'first');
  const updaters = Array.from({ length: clients }, (_, at) => at);
  for (const at of updaters) add(at, 'invoke', 'update', `by ${at}`);
  add(1000, 'invoke', 'get', null);
  add(1000, 'ok', 'get', 'by 0');
  for (const at of updaters) add(at, 'ok', 'update', `by ${at}`);
  return lines.map((line) => JSON.stringify(line)).join('\n');
}

/** Many writes under way at once, of a few values, which a reader sees by turns: whose was it each time? */
function hardHistory(): string {
  const lines: object[] = [];
  const add = (process: number, type: string, f: string, value: string | null) =>
    lines.push({ process, type, f, key: 'x', value, time: lines.length });
  const writers = Array.from({ length: 600 }, (_, at) => at);
  for (const at of writers) add(at, 'invoke', 'put', `${at % 7}`);
  for (const at of writers) {
    add(1000, 'invoke', 'get', null);
    add(1000, 'ok', 'get', `${at % 7}`);
  }
  for (const at of writers) add(at, 'ok', 'put', `${at % 7}`);
  return lines.map((line) => JSON.stringify(line)).join('\n');
}

describe('kvx/check', () => {
  test('can be imported by its name, with its types', () => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/kvx'));
    const program = [
      "import { check, type CheckReport, readHistory } from 'kvx/check';",
      'const file: string = process.argv[2] ?? "";',
      'const report: CheckReport = await check(await readHistory(file), { models: ["causal"] });',
      'for (const { model, verdict } of report.models) console.log(model, verdict);',
    ];
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'program.ts'), program.join('\n'));
    const tsc = join(root, 'node_modules/.bin/tsc');
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    const options = ['--module', 'nodenext', '--target', 'es2022', '--strict', ...types];
    const compiled = spawnSync(tsc, [...options, 'program.ts'], { cwd: folder, encoding: 'utf8' });
    expect([compiled.status, compiled.stdout]).toEqual([0, '']);
    const ran = spawnSync(process.execPath, ['program.js', example('stale-read')], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(ran).toMatchObject({ status: 0, stdout: 'causal holds\n', stderr: '' });
  });
});
