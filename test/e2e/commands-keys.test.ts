/** Commands about keys, on a cluster that is up: what they print, and their exit codes. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
const ok = { status: 0, stdout: 'OK\n', stderr: '' };
const silence = { stdout: '', stderr: '' };

beforeAll(() => {
  expect(sandbox.run(['cluster', 'up', '-n', '4', '--sync', 'off']).status).toBe(0);
});
afterAll(() => sandbox.cleanUp());

describe('put, get, delete', () => {
  test('print OK, the value, OK', () => {
    expect(sandbox.run(['put', 'greeting', 'hello'])).toEqual(ok);
    expect(sandbox.run(['get', 'greeting'])).toEqual({ status: 0, stdout: 'hello\n', stderr: '' });
    expect(sandbox.run(['delete', 'greeting'])).toEqual(ok);
    const absent = { status: 1, stdout: '', stderr: 'There is no key greeting.\n' };
    expect(sandbox.run(['get', 'greeting'])).toEqual(absent);
    expect(sandbox.run(['delete', 'greeting'])).toEqual(ok);
  });

  test('load no script that a start can do without', () => {
    const telling = `const { boot, scripts } = require('./bin/boot.js');
      process.once('exit', () => console.error([...scripts.keys()].map((path) => require('node:path').basename(path)).join()));
      boot().main(process.argv.slice(1));`;
    for (const words of [
      ['put', 'late', 'x'],
      ['get', 'late'],
      ['delete', 'late'],
      ['get', 'late'],
    ]) {
      const { stderr } = spawnSync(process.execPath, ['-e', telling, ...words], {
        ...{ cwd: join(import.meta.dirname, '../..'), env: sandbox.env(), encoding: 'utf8' },
      });
      expect(stderr).toMatch(/^kvx\.cjs,rolldown-runtime-[^,]+,base\.cjs$/m);
    }
  });

  test('say more with --json', () => {
    const put = sandbox.json(['put', 'j', 'v']);
    const version = { stamp: expect.any(Number), node: 'n1' };
    expect(put).toMatchObject({ status: 0, document: { ok: true, key: 'j', version, node: 'n1' } });
    expect(sandbox.json(['get', 'j'])).toEqual({
      status: 0,
      document: {
        ...{ key: 'j', status: 'OK', found: true, value: 'v' },
        ...{ version: put.document.version, node: 'n1' },
      },
    });
    const { document } = sandbox.json(['delete', 'j']);
    expect(document).toMatchObject({ ok: true });
    expect(document).toHaveProperty('existed');
    expect(sandbox.json(['get', 'j'])).toMatchObject({
      status: 1,
      document: { status: 'ERR_KEY', found: false, value: null },
    });
  });

  test('carry any bytes', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    expect(sandbox.run(['put', 'bin', '-'], bytes)).toEqual(ok);
    expect(sandbox.runBytes(['get', 'bin', '--raw']).stdout).toEqual(Buffer.from(bytes));
    expect(sandbox.json(['get', 'bin']).document.value).toEqual({
      base64: Buffer.from(bytes).toString('base64'),
    });
  });

  test('read the value from standard input when there is none, newline and all', () => {
    expect(sandbox.run(['put', 'piped'], 'line\n')).toEqual(ok);
    expect(sandbox.run(['get', 'piped', '--raw']).stdout).toBe('line\n');
    expect(sandbox.run(['put', 'empty', ''])).toEqual(ok);
    expect(sandbox.run(['get', 'empty', '--raw'])).toEqual({ status: 0, ...silence });
    expect(sandbox.run(['put', '-', '--value', '-'], 'not this')).toEqual(ok);
    expect(sandbox.run(['get', '-', '--raw']).stdout).toBe('-');
    expect(sandbox.run(['put', 'negative', '-5'])).toEqual(ok);
    expect(sandbox.run(['put', 'flaglike', '--', '--json'])).toEqual(ok);
    expect(sandbox.run(['get', 'flaglike']).stdout).toBe('--json\n');
  });

  test('refuse what Node could not decode, and a value that was forgotten', () => {
    const refused = { status: 64, stdout: '' };
    expect(sandbox.shell(`kvx put $'\\xff' x`)).toMatchObject(refused);
    expect(sandbox.shell(`kvx put odd $'a\\xff'`)).toMatchObject(refused);
    expect(sandbox.run(['put', 'odd'], '')).toMatchObject(refused);
    expect(sandbox.run(['get', 'odd']).status).toBe(1);
    expect(sandbox.run(['put', '--key-hex', 'ff', '--value', ''])).toEqual(ok);
    expect(sandbox.json(['get', '--key-base64', '/w==']).document).toMatchObject({
      ...{ key: { base64: '/w==' }, value: '' },
    });
    expect(sandbox.run(['delete', '--key-hex', 'ff'])).toEqual(ok);
    expect(sandbox.run(['put', 'odd', '-'], '')).toEqual(ok);
  });

  test('speak UTF-8', () => {
    expect(sandbox.run(['put', 'grüße', 'Привет 👋'])).toEqual(ok);
    expect(sandbox.run(['get', 'grüße']).stdout).toBe('Привет 👋\n');
    expect(sandbox.json(['get', 'grüße']).document).toMatchObject({
      key: 'grüße',
      value: 'Привет 👋',
    });
  });
});

describe('preconditions', () => {
  test('insert: only if absent', () => {
    expect(sandbox.run(['insert', 'i', 'one'])).toEqual(ok);
    const refused = 'refused: i already holds one\n';
    expect(sandbox.run(['insert', 'i', 'two'])).toEqual({ status: 1, stdout: refused, stderr: '' });
    expect(sandbox.json(['insert', 'i', 'two'])).toMatchObject({
      status: 1,
      document: { ok: false, reason: 'exists', actual: 'one' },
    });
  });

  test('update: only if present', () => {
    expect(sandbox.run(['update', 'u', 'x'])).toMatchObject({
      status: 1,
      stdout: 'refused: u is absent\n',
    });
    sandbox.run(['put', 'u', 'x']);
    expect(sandbox.run(['update', 'u', 'y'])).toEqual(ok);
  });

  test('cas: only if equal', () => {
    sandbox.run(['put', 'c', 'one']);
    expect(sandbox.run(['cas', 'c', 'two', 'three'])).toMatchObject({
      status: 1,
      stdout: 'refused: c holds one\n',
    });
    expect(sandbox.run(['cas', 'c', 'one', 'two'])).toEqual(ok);
    expect(sandbox.run(['get', 'c']).stdout).toBe('two\n');
  });
});

describe('bounds', () => {
  const largest = Buffer.alloc(1024 * 1024, 'x');

  test('a key of 1 KiB and a value of 1 MiB fit', () => {
    const key = 'k'.repeat(1024);
    expect(sandbox.run(['put', key, '-'], largest)).toEqual(ok);
    const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(digest(sandbox.runBytes(['get', key, '--raw']).stdout)).toBe(digest(largest));
    expect(sandbox.run(['delete', key])).toEqual(ok);
  });

  test('a byte more is refused, and nothing changes', () => {
    sandbox.run(['put', 'bound', 'before']);
    const { status, stdout, stderr } = sandbox.run(
      ['put', 'bound', '-'],
      Buffer.concat([largest, Buffer.of(0)]),
    );
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toContain('larger than 1048576 bytes');
    expect(sandbox.run(['get', 'bound']).stdout).toBe('before\n');
    expect(sandbox.run(['put', 'k'.repeat(1025), 'v'])).toMatchObject({
      status: 64,
      stderr: 'error: the key is 1025 bytes, at most 1024\n',
    });
  });
});

describe('what all nodes hold', () => {
  test('search shows each node, owners or not', () => {
    sandbox.run(['put', 's', 'v', '--level', 'all']);
    const { status, stdout } = sandbox.run(['search', 's']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^NODE +VALUE +VERSION\n/);
    expect(stdout.match(/^n\d +v +\d+@n1$/gm)).toHaveLength(3);
    expect(stdout.match(/^n\d +\(keeps no copy\)$/gm)).toHaveLength(1);
    expect(sandbox.run(['search', 'nobody-has-this']).status).toBe(1);
    const { document } = sandbox.json(['search', 's']);
    expect(document.nodes.filter(({ found }: { found: boolean }) => found)).toHaveLength(3);
  });

  test('dump prints sorted lines, escaped, and has an alias', () => {
    sandbox.run(['put', 'zz', 'two\nlines\u001b[2J', '--level', 'all']);
    const { document } = sandbox.json(['search', 'zz']);
    const { node } = document.nodes.find(({ found }: { found: boolean }) => found);
    const { status, stdout } = sandbox.run(['dump', node]);
    const lines = stdout.trimEnd().split('\n');
    expect(status).toBe(0);
    expect(lines).toContain('zz two\\nlines\\x1b[2J');
    const keys = lines.map((line) => Buffer.from(line.split(' ')[0] as string));
    expect(keys).toEqual([...keys].sort(Buffer.compare));
    expect(sandbox.run(['show-all', node]).stdout).toBe(stdout);
    expect(sandbox.json(['dump', node]).document.entries).toContainEqual(
      expect.objectContaining({ key: 'zz', value: 'two\nlines\u001b[2J' }),
    );
  });

  test('verify: all replicas agree', () => {
    const { status, stdout, stderr } = sandbox.run(['verify']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'agree\n' });
    expect(stderr).toMatch(/^Compared \d+ keys, \d+ copies\.\n$/);
    expect(sandbox.json(['verify'])).toMatchObject({ document: { agrees: true, differences: [] } });
  });
});

describe('pipes and interruptions', () => {
  test('a reader that leaves early is no error', () => {
    sandbox.run(['put', 'long', '-'], Buffer.alloc(512 * 1024, 'y'));
    const { status, stdout, stderr } = sandbox.shell(
      'set -o pipefail; kvx get long | head -c 3; kvx dump | head -n 0',
    );
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'yyy', stderr: '' });
  });

  test('a put that waits for standard input can be interrupted', async () => {
    const child = sandbox.start(['put', 'waiting']);
    const ending = ended(child);
    // It is waiting once it has taken what was written.
    await new Promise((resolve) => child.stdin.write('x'.repeat(900_000), resolve));
    child.kill('SIGINT');
    const { status, stderr } = await ending;
    expect(status).toBe(130);
    expect(stderr).toBe('error: interrupted\nIt surely did not happen.\n');
    expect(sandbox.run(['get', 'waiting']).status).toBe(1);
  });

  test('flags can stand in the environment', () => {
    sandbox.run(['put', 'env', 'v']);
    const { stdout } = sandbox.run(['get', 'env'], '', { KVX_JSON: '1', KVX_NODE: 'n2' });
    expect(JSON.parse(stdout)).toMatchObject({ value: 'v', node: 'n2' });
    expect(sandbox.run(['get', 'env'], '', { KVX_CLUSTER: 'nope' }).status).toBe(3);
  });
});

describe('wrong input', () => {
  test.each([
    [['get'], 'missing: KEY'],
    [['put'], 'missing: KEY'],
    [['get', ''], 'a key may not be empty'],
    [['get', 'a', 'b'], 'too many arguments: b'],
    [['get', 'a', '--levle', 'one'], 'there is no flag --levle, did you mean --level?'],
    [['get', 'a', '--level'], 'Flag --level expects a value'],
    [['get', 'a', '--level', 'most'], 'mode quorum has no level "most"; it has one, two, quorum'],
    [
      ['get', 'a', '--level', 'quorm'],
      'mode quorum has no level "quorm"; it has one, two, quorum, all, linearizable and the numbers 1 to 3, did you mean quorum?',
    ],
    [['get', 'a', '--level', '9'], 'mode quorum has no level 9; it has'],
    [['get', 'a', '--node', 'n9'], 'there is no node "n9"'],
    [['get', 'a', '--timeout', '5'], '--timeout must be a time such as 500ms'],
    [['dump', 'n9'], 'there is no node "n9"'],
    [['node', 'kill', 'n1', 'n9'], 'there is no node "n9"'],
    [['node', 'kill'], 'missing: NODE'],
    [['pt', 'a', 'b'], 'there is no command "pt", did you mean "put"?'],
    [['cluster', 'upp'], 'there is no command "cluster upp", did you mean "cluster up"?'],
  ])('%j', (args, message) => {
    const { status, stdout, stderr } = sandbox.run(args);
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(3);
  });

  test.each([
    [['get', 'a', '--levle', 'one'], 64, { code: 'bad-request', definite: true }],
    [['nosuch'], 64, { code: 'bad-request' }],
    [['get', 'a', '-C', 'nope'], 3, { code: 'cluster', definite: true }],
  ])('%j with --json is one document', (args, exitCode, error) => {
    expect(sandbox.json(args)).toMatchObject({
      status: exitCode,
      document: { error: { ...error, exitCode, message: expect.any(String) } },
    });
  });

  test('nothing was done by a command of which a part was wrong', () => {
    expect(sandbox.json(['cluster', 'status']).document.nodes).toHaveLength(4);
    for (const { state } of sandbox.json(['cluster', 'status']).document.nodes) {
      expect(state).toBe('running');
    }
  });
});
