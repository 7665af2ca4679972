/** What can't be written: a full standard output, and a history on a full disk. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readHistory } from '../../src/history/files/read-file.js';
import { Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
const small = join(sandbox.runtime, 'small');

const succeeds = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args).status === 0;

beforeAll(() => {
  expect(sandbox.run(['cluster', 'up', '-n', '3', '--sync', 'off']).status).toBe(0);
  expect(sandbox.run(['put', 'a', 'b']).status).toBe(0);
});
afterAll(() => {
  succeeds('umount', '-l', small);
  sandbox.cleanUp();
});

// A device of Linux that is always full.
describe.skipIf(!existsSync('/dev/full'))('a full standard output', () => {
  test.each([
    'get a',
    'get absent --json',
    'put a c',
    'cluster status',
    'bench --ops 10',
    'get -h',
    '-h',
  ])('kvx %s', (words) => {
    const { status, stderr } = sandbox.shell(`kvx ${words} > /dev/full`);
    expect(stderr).toMatch(/^error: standard output: the disk is full$/m);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(70);
  });

  test('is no matter to what prints nothing on it', () => {
    expect(sandbox.shell('kvx get absent > /dev/full').status).toBe(1);
    expect(sandbox.shell('kvx get a 2> /dev/full')).toMatchObject({ status: 0, stdout: 'c\n' });
  });
});

test('a full disk keeps the whole lines of a history, and what was measured is told', async ({
  skip,
}) => {
  const mount = ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small];
  if (!succeeds('mkdir', small) || !succeeds('mount', ...mount)) skip();
  const path = join(small, 'h.jsonl');
  const words = ['bench', '--ops', '2000', '--clients', '8', '--history', path];
  const { status, stdout, stderr } = sandbox.run(words);
  expect(stdout).toMatch(/^mixed: 2000 of 2000 done in/);
  expect(stderr).toContain(`error: the history in ${path} is cut short: the disk is full\n`);
  expect(status).toBe(3);
  const history = await readHistory(path);
  expect(history.count).toBeGreaterThan(100);
  expect(history.count).toBeLessThan(2000);
});
