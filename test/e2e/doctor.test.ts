/** Each thing is broken for real, in a home of its own: `kvx doctor` finds it, and what it says to type mends it. */
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { freePorts } from '../../scripts/bench/ports.js';
import { checkDocument } from '../schema/documents.js';
import { Sandbox } from './commands-sandbox.js';

interface Finding {
  readonly check: string;
  readonly verdict: string;
  readonly finding: string;
  readonly todo: string | null;
}

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

/** What there is to do, or only to know, about such things; with this environment. */
function doctor(env: Readonly<Record<string, string>> = {}, before = '') {
  const line = `${before} ${sandboxProgram} doctor --json`;
  const { status, stdout, stderr } = sandbox.shell(withEnv(env, line));
  if (!stdout.startsWith('{')) throw new Error(stderr);
  const document = JSON.parse(stdout);
  checkDocument('doctor', document);
  const { findings, problems } = document;
  const of = (check: string) => (findings as Finding[]).filter((each) => each.check === check);
  return { status, problems, of, all: findings as Finding[] };
}

const sandboxProgram = 'kvx';
const withEnv = (env: Readonly<Record<string, string>>, line: string): string =>
  [...Object.entries(env).map(([name, value]) => `export ${name}='${value}'`), line].join('\n');

/** Types what stands in the first backticks. */
function typeTodo({ todo }: Finding | undefined = {} as Finding): number | null {
  const [, command = 'false'] = /`([^`]+)`/.exec(todo ?? '') ?? [];
  return sandbox.shell(command).status;
}

const warned = (check: string, said: RegExp) => ({
  ...{ check, verdict: 'warning', finding: expect.stringMatching(said) },
});

describe('kvx doctor', () => {
  test('finds nothing to do in a home where all is well, and says so', () => {
    const { of, problems, status } = doctor({ SHELL: '/bin/bash', HOME: sandbox.home });
    expect(problems).toBe(0);
    expect(status).toBe(0);
    for (const check of ['node', 'clock', 'state folder', 'sync', 'socket paths', 'sockets']) {
      expect(of(check)).toMatchObject([{ verdict: 'ok', todo: null }]);
    }
    expect(of('completion')).toMatchObject([
      { verdict: 'ok', todo: '`kvx completion bash --install`' },
    ]);
    expect(of('locks')).toMatchObject([{ verdict: 'ok' }]);
  });

  test('works where nothing else does, and says so with an exit code', () => {
    const file = join(sandbox.home, 'a-file');
    writeFileSync(file, '');
    const broken = { KVX_HOME: join(file, 'home'), XDG_RUNTIME_DIR: '/proc/none' };
    const { of, status } = doctor(broken, 'ulimit -n 100;');
    expect(status).toBe(1);
    expect(of('state folder')).toMatchObject([
      { verdict: 'problem', todo: expect.stringContaining('`export KVX_HOME=') },
    ]);
    expect(of('sync')[0]?.verdict).toBe('problem');
    expect(of('socket folder')).toMatchObject([
      { verdict: 'problem', todo: expect.stringContaining('`export XDG_RUNTIME_DIR=') },
    ]);
    expect(of('sockets')[0]?.verdict).toBe('problem');
    expect(of('open files')).toMatchObject([
      {
        verdict: 'problem',
        finding: 'a process may have 100',
        todo: expect.stringContaining('ulimit -n'),
      },
    ]);
    rmSync(file);
  });

  test('finds a folder that others may change, which what it says closes; and paths that are too long', () => {
    const open = join(sandbox.home, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    const long = join(sandbox.runtime, 'x'.repeat(90));
    const { of } = doctor({ KVX_HOME: open, XDG_RUNTIME_DIR: long });
    expect(of('socket paths')[0]?.verdict).toBe('problem');
    expect(of('state folder')[0]?.verdict).toBe('problem');
    expect(typeTodo(of('state folder')[0])).toBe(0);
    const middling = join(sandbox.runtime, 'x'.repeat(60 - sandbox.runtime.length));
    const again = doctor({ KVX_HOME: open, XDG_RUNTIME_DIR: middling });
    expect(again.of('state folder')[0]?.verdict).toBe('ok');
    expect(again.of('socket paths')).toMatchObject([
      warned('socket paths', /name of 32 letters takes 1\d\d bytes, and 103 fit/),
    ]);
    rmSync(open, { recursive: true });
  });
});

describe('kvx doctor, of clusters', () => {
  const pidOf = (cluster: string): number =>
    sandbox.json(['cluster', 'status', '-C', cluster]).document.nodes[0].pid;

  test('says what was left of one whose daemon was killed, and of locks; what it says tidies up', () => {
    sandbox.run(['cluster', 'up', '--name', 'a', '-n', '1']);
    expect(doctor().of('cluster a')).toMatchObject([{ verdict: 'ok' }]);
    const pid = pidOf('a');
    process.kill(pid, 'SIGKILL');
    while (existsSync(`/proc/${pid}/exe`));
    const lock = join(sandbox.home, 'a.lock');
    writeFileSync(lock, JSON.stringify({ pid, startTime: '1', bootId: '', since: 0 }));
    mkdirSync(join(sandbox.home, '.b'));
    writeFileSync(join(sandbox.home, '.b', 'cluster.json'), '{}');
    const { of, status } = doctor();
    expect(status).toBe(0);
    expect(of('leftovers')).toMatchObject([
      warned('leftovers', /^cluster a was not taken down, and daemon \(pid \d+\) is gone$/),
      warned('leftovers', /was being removed/),
    ]);
    expect(of('locks')).toMatchObject([
      warned('locks', /a\.lock is held by pid \d+, which is gone/),
    ]);
    expect(of('old sockets')).toMatchObject([warned('old sockets', /nobody listens/)]);
    expect(typeTodo(of('locks')[0])).toBe(0);
    expect(typeTodo(of('leftovers')[1])).toBe(0);
    sandbox.run(['cluster', 'down', '-C', 'a']);
    const after = doctor();
    for (const check of ['leftovers', 'locks', 'old sockets']) {
      expect(after.of(check)).toMatchObject([{ verdict: 'ok' }]);
    }
  });

  test('finds a process whose cluster was removed under it, and the sockets', () => {
    sandbox.run(['cluster', 'up', '--name', 'c', '-n', '1', '--runtime', 'processes']);
    const pid = pidOf('c');
    process.kill(pid, 'SIGSTOP');
    rmSync(join(sandbox.home, 'c'), { recursive: true });
    const { of } = doctor();
    expect(of('stray processes')).toContainEqual(
      expect.objectContaining({ verdict: 'warning', todo: `\`kill -9 ${pid}\`` }),
    );
    process.kill(pid, 'SIGKILL');
    while (existsSync(`/proc/${pid}/exe`));
    const [socket] = doctor().of('old sockets');
    expect(typeTodo(socket)).toBe(0);
    expect(doctor().of('old sockets')).toMatchObject([{ verdict: 'ok' }]);
  });

  test('finds nodes that do not run, a port that is taken, and a state that is broken', async () => {
    const [port = 0] = await freePorts(1);
    sandbox.run(['cluster', 'up', '--name', 'd', '-n', '2', '--metrics', `${port}`]);
    sandbox.run(['node', 'kill', 'n2', '-C', 'd']);
    const dead = doctor().of('cluster d');
    expect(dead).toMatchObject([warned('cluster d', /^n2 is dead/)]);
    expect(typeTodo(dead[0])).toBe(0);
    sandbox.run(['cluster', 'down', '-C', 'd']);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    expect(doctor().of('cluster d')).toMatchObject([
      warned('cluster d', new RegExp(`^port ${port} of n1 \\(--metrics\\) is taken`)),
    ]);
    other.close();
    writeFileSync(join(sandbox.home, 'd', 'cluster.json'), '{');
    expect(doctor().of('cluster d')).toMatchObject([{ verdict: 'problem' }]);
  });
});
