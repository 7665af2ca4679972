/** A short script of cs425, however it is given, on every runtime; the soak has more scripts, and terminals. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ended, kvxInShell as kvx, Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

const file = join(sandbox.runtime, 'script.txt');
writeFileSync(file, 'insert a 1 all\nget a one\nget a all\n');
const ways = [
  (flags: string) => `${kvx} run ${flags} ${file}`,
  (flags: string) => `${kvx} run ${flags} < ${file}`,
  (flags: string) => `cat ${file} | ${kvx} run ${flags} -`,
  (flags: string) => `cat ${file} | ${kvx} shell ${flags}`,
];

test.each(['sim', 'threads', 'processes'])('on %s', async (runtime) => {
  const flags = `--dialect cs425 --runtime ${runtime}`;
  const ran = ways.map((way) => {
    const child = spawn('bash', ['--norc', '-c', way(flags)], { env: sandbox.env() });
    return ended(child as never);
  });
  for (const { status, stdout } of await Promise.all(ran)) {
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'OK\na = 1\na = 1\n' });
  }
  expect(sandbox.json(['cluster', 'list']).document.clusters).toEqual([]);
});
