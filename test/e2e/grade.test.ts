/** `kvx grade`: submissions' scripts, and programs that are given scripts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

const script = 'joinServer 0\njoinServer 1\njoinClient 2 0\nput 2 k v\nget 2 k\nprintStore 1\n';

function put(files: Readonly<Record<string, string>>): string {
  const root = join(
    sandbox.home,
    `graded-${Object.keys(files).length}-${Object.keys(files)[0]?.split('/')[0]}`,
  );
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

test('what gossip explains is right, and nothing else is; a missing output has failed', () => {
  const root = put({
    'ann/basics.txt': script,
    'ann/basics.expected': 'k:v\n',
    'bea/basics.txt': script,
    'bea/basics.out': 'k:v\nk:v\n',
    'cem/basics.txt': script,
    'cem/basics.expected': 'k:ERR_KEY\n',
    'dan/basics.txt': script,
  });
  const { status, document } = sandbox.json(['grade', root]);
  expect(status).toBe(1);
  expect(document).toMatchObject({ dialect: 'cs380d', program: null, right: 2, total: 4 });
  const verdicts = document.submissions.map(
    ({ name, scripts: [only] }: { name: string; scripts: { verdict: string }[] }) =>
      `${name} ${only?.verdict}`,
  );
  expect(verdicts).toEqual(['ann right', 'bea right', 'cem wrong', 'dan failed']);
  const { stdout } = sandbox.run(['grade', root]);
  expect(stdout).toContain('cem/basics: wrong');
  expect(stdout).toContain('Line 5, `get 2 k`: printed was k:ERR_KEY; right is k:v.');
  expect(stdout.replace(/\s+/g, ' ')).toContain('server 0 holds v (put in line 4)');
});

test('a program is given each script in its folder; one that hangs, or fails, has failed', () => {
  const answer = "#!/bin/sh\ncat >/dev/null; echo 'k:v'\n";
  const root = put({
    'right/run.sh': answer,
    'hangs/run.sh': '#!/bin/sh\nsleep 600 & wait\n',
    'fails/run.sh': '#!/bin/sh\necho sorry >&2; exit 3\n',
  });
  const scripts = put({ 'basics.txt': script });
  const how = ['--scripts', scripts, '--program', 'sh ./run.sh', '--timeout', '500ms'];
  const { status, document } = sandbox.json(['grade', root, ...how]);
  expect(status).toBe(1);
  expect(document.submissions).toEqual([
    {
      ...{ name: 'fails', right: 0 },
      scripts: [{ script: 'basics', verdict: 'failed', why: 'it ended with exit code 3: sorry' }],
    },
    {
      ...{ name: 'hangs', right: 0 },
      scripts: [{ script: 'basics', verdict: 'failed', why: 'it did not end within 0.5 s' }],
    },
    { name: 'right', right: 1, scripts: [{ script: 'basics', verdict: 'right' }] },
  ]);
});

test('cs425: what kvx prints, but for times; nothing to grade is an error', () => {
  const root = put({
    'one.txt': 'insert a 1 all\nget a one\nget b one\n',
    'one.expected': 'OK\na = 1\nb absent\n',
    'two.txt': 'insert a 1 all\nget a one\n',
    'two.expected': 'OK\na = 2\n',
  });
  const { status, document } = sandbox.json(['grade', root, '--dialect', 'cs425']);
  expect(status).toBe(1);
  expect(document.submissions[0].scripts).toEqual([
    { script: 'one', verdict: 'right' },
    {
      ...{ script: 'two', verdict: 'wrong', line: null, command: null },
      ...{ printed: 'a = 2', legal: ['a = 1'] },
      why: 'it is line 2 of what is printed, messages aside',
    },
  ]);
  expect(sandbox.json(['grade', sandbox.runtime])).toMatchObject({ status: 64 });
});
