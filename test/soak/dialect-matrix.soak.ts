/**
 * The scripts of both dialects, however they are given (a file, standard input from a file or a pipe, a pipe that waits
 * before its first line, a shell in a pipe, a terminal), on every runtime, print the same. `KVX_ROUNDS=3` repeats it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { corpusOf } from '../coursework/corpus.js';
import { ended, kvxInShell as kvx, Sandbox } from '../e2e/commands-sandbox.js';

const rounds = Number(process.env['KVX_ROUNDS'] ?? 1);
/** Of util-linux: runs a command on a terminal of its own. */
const terminalMaker = 'script';
const hasTerminal = spawnSync(terminalMaker, ['--version']).status === 0;
const sandbox = new Sandbox();
const folder = mkdtempSync(join(tmpdir(), 'kvx-'));
afterAll(() => {
  sandbox.cleanUp();
  rmSync(folder, { recursive: true });
});

type Given = (dialect: string, runtime: string, file: string) => string;
const given: Readonly<Record<string, Given>> = {
  'a file': (dialect, runtime, file) =>
    `${kvx} run --dialect ${dialect} --runtime ${runtime} ${file}`,
  'standard input': (dialect, runtime, file) =>
    `${kvx} run --dialect ${dialect} --runtime ${runtime} < ${file}`,
  'a pipe': (dialect, runtime, file) =>
    `cat ${file} | ${kvx} run --dialect ${dialect} --runtime ${runtime} -`,
  'a pipe that waits': (dialect, runtime, file) =>
    `(sleep 3; cat ${file}) | ${kvx} run --dialect ${dialect} --runtime ${runtime}`,
  'a shell in a pipe': (dialect, runtime, file) =>
    `cat ${file} | ${kvx} shell --dialect ${dialect} --runtime ${runtime}`,
};

const scripts = [
  ...corpusOf('cs380d').filter(({ name }) => ['example', 'chain', 'comes-back'].includes(name)),
  ...corpusOf('cs425').filter(({ name }) => ['levels', 'conditions'].includes(name)),
].map((script) => ({
  ...script,
  dialect: script.text.includes('joinServer') ? 'cs380d' : 'cs425',
}));

function run(command: string) {
  const env = sandbox.env();
  return ended(spawn('bash', ['--norc', '-c', command], { env }) as never);
}

describe.each(['sim', 'threads', 'processes'])('on %s', (runtime) => {
  it.each(Object.keys(given))('from %s', async (how) => {
    for (const { name, dialect, text, expected } of scripts) {
      const file = join(folder, `${name}.txt`);
      writeFileSync(file, text);
      for (let round = 0; round < rounds; round++) {
        const { status, stdout } = await run((given[how] as Given)(dialect, runtime, file));
        expect({ name, status, stdout }).toEqual({ name, status: 0, stdout: expected });
      }
    }
    expect(sandbox.json(['cluster', 'list']).document.clusters).toEqual([]);
  });

  it.skipIf(!hasTerminal)('from a terminal', async () => {
    for (const { name, dialect, text, expected } of scripts) {
      const shell = `stty cols 200; exec ${kvx} shell --dialect ${dialect} --runtime ${runtime}`;
      const env = sandbox.env({ TERM: 'xterm', SHELL: '/bin/sh' });
      const child = spawn(terminalMaker, ['-qefc', shell, '/dev/null'], { env });
      const end = ended(child as never);
      child.stdout.on('data', function begin(shown) {
        if (!String(shown).includes(`${dialect}`)) return;
        child.stdout.off('data', begin);
        child.stdin.write(`${text.replaceAll('\n', '\r')}\rexit\r`);
      });
      const { status, stdout } = await end;
      const shown = stripVTControlCharacters(stdout)
        .split('\r\n')
        .map((line) => line.trimEnd());
      const wanted = expected.split('\n').filter((line) => line !== '');
      const found = wanted.filter((line) => shown.includes(line));
      expect({ name, status, found }).toEqual({ name, status: 0, found: wanted });
    }
  });
});

it('an installed package knows its scenarios', async () => {
  const { status, stdout } = await run(
    `cd '${join(import.meta.dirname, '../..')}' && npm pack --silent --ignore-scripts --pack-destination ${folder}`,
  );
  expect(status).toBe(0);
  const install = `cd ${folder} && npm init -y >/dev/null && npm install --silent --no-audit --no-fund ./${stdout.trim()}`;
  expect((await run(install)).status).toBe(0);
  const installed = join(folder, 'node_modules/.bin/kvx');
  const list = await run(`${installed} run --list`);
  expect(list.stdout).toContain('stale-read');
  const ran = await run(`cd / && ${installed} run -q stale-read --runtime sim --seed 1`);
  expect(ran.status).toBe(0);
});
