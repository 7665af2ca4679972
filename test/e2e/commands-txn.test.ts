/** `kvx txn` on clusters that are up: what it prints, and its exit codes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modesWith } from '../../src/protocols/catalog.js';
import { Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

const withTransactions = modesWith('transactions');

function up(mode: string): void {
  const { status, stderr } = sandbox.run(['cluster', 'up', '-m', mode, '-n', '3', '--sync', 'off']);
  expect([status, stderr]).toEqual([0, expect.any(String)]);
}

describe('a mode without transactions', () => {
  beforeAll(() => up('quorum'));
  afterAll(() => sandbox.run(['cluster', 'down', '--wipe']));

  test('refuses them by name', () => {
    const { status, stdout, stderr } = sandbox.run(['txn'], 'get a');
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toMatch(/^error: .*mode quorum/);
  });

  test('what is wrong with the text comes first, with line and column', () => {
    expect(sandbox.run(['txn'], 'get a\nput b\n')).toEqual({
      status: 64,
      stdout: '',
      stderr: 'error: standard input:2:6: expected put KEY VALUE\n',
    });
    const { status, document } = sandbox.json(['txn'], 'gte a\nput "b 1\n');
    expect(status).toBe(64);
    expect(document.error).toMatchObject({
      code: 'config',
      message: 'the transaction has 2 problems',
      problems: [
        { source: 'standard input', line: 1, column: 1 },
        { source: 'standard input', line: 2, column: 5 },
      ],
    });
    expect(sandbox.run(['txn', '/nowhere'])).toMatchObject({
      status: 64,
      stderr: 'error: /nowhere: there is no such file\n',
    });
  });
});

describe.each(withTransactions)('with mode %s a transaction', (mode) => {
  beforeAll(() => up(mode));
  afterAll(() => sandbox.run(['cluster', 'down', '--wipe']));

  test('prints what its gets saw, in order, its own writes included', () => {
    const text = 'get a\nput a 1\nput b "two words"\nget a\nget b\ndelete a\nget a\n';
    expect(sandbox.run(['txn'], text)).toEqual({
      status: 0,
      stdout: '(absent)\n1\ntwo words\n(absent)\n',
      stderr: '',
    });
    expect(sandbox.run(['get', 'b']).stdout).toBe('two words\n');
    expect(sandbox.run(['get', 'a'])).toMatchObject({ status: 1, stdout: '' });
  });

  test('can come from a file, and print OK when there is nothing else', () => {
    const file = join(sandbox.home, 'steps.txt');
    writeFileSync(file, '# both\nput x 1\nput y "\\x00\\xff"\n');
    expect(sandbox.run(['txn', file])).toEqual({ status: 0, stdout: 'OK\n', stderr: '' });
    expect(sandbox.runBytes(['get', 'y', '--raw']).stdout).toEqual(Buffer.of(0, 255));
    expect(sandbox.json(['txn', '-'], 'get x\nget y\nget z').document).toMatchObject({
      ok: true,
      gets: [
        { key: 'x', found: true, value: '1' },
        { key: 'y', found: true, value: { base64: 'AP8=' } },
        { key: 'z', found: false, value: null },
      ],
    });
  });

  test('whose check does not hold is aborted whole, and says why', () => {
    sandbox.run(['txn'], 'put c 1\ndelete d');
    const refused = { status: 1, stderr: '' };
    const write = 'put e 1\n';
    expect(sandbox.run(['txn'], `${write}check c 2`)).toEqual({
      ...refused,
      stdout: 'aborted: c holds 1\n',
    });
    expect(sandbox.run(['txn'], `${write}check d 2`)).toEqual({
      ...refused,
      stdout: 'aborted: d is absent\n',
    });
    expect(sandbox.json(['txn'], `${write}check c absent`)).toMatchObject({
      status: 1,
      document: { ok: false, reason: 'check', key: 'c', actual: '1' },
    });
    expect(sandbox.run(['get', 'e']).status).toBe(1);
    expect(sandbox.run(['txn'], `check c 1\ncheck d absent\n${write}`).stdout).toBe('OK\n');
    expect(sandbox.run(['get', 'e']).stdout).toBe('1\n');
  });

  test('among many at once is atomic: no transfer loses money', async () => {
    sandbox.run(['txn'], 'put from 3\nput to 0');
    const move = `
      move() {
        for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
          read -r -d '' had has < <(printf 'get from\\nget to' | kvx txn --timeout 20s)
          printf 'check from %s\\ncheck to %s\\nput from %s\\nput to %s\\n' \\
            $had $has $((had - 1)) $((has + 1)) | kvx txn --timeout 20s >/dev/null && return
        done
      }
      move & move & move & wait`;
    expect(sandbox.shell(move)).toMatchObject({ stderr: '' });
    expect(sandbox.run(['txn'], 'get from\nget to').stdout).toBe('0\n3\n');
    expect(sandbox.run(['verify'])).toMatchObject({ status: 0, stdout: 'agree\n' });
  });
});
