/** A mode of one's own, as built, wherever a mode is named. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Sandbox } from './commands-sandbox.js';

const folder = join(import.meta.dirname, '../own-mode');
const mine = join(folder, 'sole.js');
const sandbox = new Sandbox();
const files = mkdtempSync(join(tmpdir(), 'kvx-own-'));
afterAll(() => {
  sandbox.cleanUp();
  rmSync(files, { recursive: true });
});

const run = (line: string, env: Readonly<Record<string, string>> = {}) => {
  const { status, stdout, stderr } = sandbox.run(line.split(' '), '', env);
  return { status, stdout: stdout.trim(), stderr };
};

test('threads run it, and go on with its data when they start again', () => {
  const up = run('cluster up -n 2', { KVX_MODE: mine });
  expect(up).toMatchObject({ status: 0, stderr: expect.stringContaining('dev (sole, threads)') });
  expect(run('put colour blue --node n2').stdout).toBe('OK');
  run('node kill n1');
  run('node restart n1');
  expect(run('get colour --node n2').stdout).toBe('blue');
  expect(run('cluster status').stdout).toMatch(/^NODE +ROLE .* ASKED\nn1 +sole +running/);
  run('cluster down');
  expect(run('cluster up').status).toBe(0);
  expect(run('get colour').stdout).toBe('blue');
  expect(run('put colour red --level one')).toMatchObject({
    status: 64,
    stderr: expect.stringContaining('mode sole has no level "one"'),
  });
  run('cluster down --wipe');
});

test('processes run it, as a file of settings says it from where it lies', () => {
  const file = join(folder, 'sole.yaml');
  expect(run(`cluster up --runtime processes -f ${file}`)).toMatchObject({ status: 0 });
  expect(run('put a 1 --node n2').stdout).toBe('OK');
  expect(run('cluster config').stdout).toContain('giveUpMs: 20');
  run('node kill n1');
  run('node restart n1');
  expect(run('get a --node n2').stdout).toBe('1');
  run('cluster down --wipe');
});

test('a script names it as seen from where it lies, on the simulator', () => {
  const { status, stderr } = run(`run ${join(folder, 'sole.kvx')} --runtime sim --seed 1`);
  expect(stderr).toContain('4 expectations held');
  expect(status).toBe(0);
});

test('the simulator tells a right one from one that answers what is stale, and says how to run that again', () => {
  const right = sandbox.json(['sim', '--mode', mine, '--seeds', '1..3', '--coverage']);
  expect(right.status).toBe(0);
  expect(right.document.modes).toMatchObject([{ mode: mine, seeds: 3, failed: 0 }]);
  const wrong = run('sim --mode ./test/own-mode/stale.js --seed 2');
  expect(wrong.status).toBe(1);
  expect(wrong.stdout).toMatch(/^stale, seed 2$/m);
  expect(wrong.stdout).toContain('kvx sim --mode ./test/own-mode/stale.js --seed 2');
});

test('it may be a package, or lie where the name of a folder holds blanks', () => {
  const there = join(files, 'my modes');
  const inPackage = join(there, 'node_modules/my-package');
  mkdirSync(inPackage, { recursive: true });
  writeFileSync(join(inPackage, 'package.json'), '{ "type": "module", "main": "mine.js" }');
  for (const [home, module] of [[inPackage, 'sole'] as const, [there, 'stale'] as const]) {
    const path = JSON.stringify(join(folder, `${module}.js`));
    writeFileSync(join(home, 'mine.js'), `export { default } from ${path};\n`);
  }
  const ours = sandbox.shell(`cd '${there}' && kvx sim --mode my-package --seeds 1..2`);
  expect(ours).toMatchObject({ status: 0, stdout: expect.stringMatching(/^sole +2 /m) });
  const again = "kvx sim --mode './my modes/mine.js' --seed 2";
  expect(sandbox.shell(`cd '${files}' && ${again}`)).toMatchObject({
    ...{ status: 1, stdout: expect.stringContaining(again) },
  });
});

test('who draws on chance of his own is told that no run can be had again', () => {
  const { status, document } = sandbox.json(
    `sim --mode ${join(folder, 'drifting.js')} --seeds 1..2`.split(' '),
  );
  expect([status, document.modes[0].driftingSeed]).toEqual([1, 1]);
});

test('its small world is searched whole', () => {
  const { status, document } = sandbox.json(['explore', '--mode', mine]);
  expect([status, document.world, document.end]).toEqual([0, 'sole', 'exhausted']);
  expect(sandbox.json(['explore', '--mode', join(folder, 'stale.js')])).toMatchObject({
    status: 1,
    document: { counterexample: { moves: 2 } },
  });
});

test('it is compared with ours', () => {
  const line = `compare ${mine} 2pc --clients 2 --ops 40 --seed 1`;
  const { document } = sandbox.json(line.split(' '));
  const promised = { model: 'linearizable', verdict: 'holds' };
  expect(document.modes ?? document.compared).toMatchObject([{ promised }, {}]);
});

test('what is no mode is refused before anything is started', () => {
  const file = join(files, 'none.mjs');
  writeFileSync(file, 'export default () => ({ name: "quorum", summary: 7, protocol: {} });\n');
  const { status, stderr } = run(`cluster up --mode ${file}`);
  expect(status).toBe(64);
  for (const what of ['a mode quorum of its own', 'summary must be', 'protocol.create must be']) {
    expect(stderr).toContain(what);
  }
  expect(run('cluster list').stdout).toBe('');
});
