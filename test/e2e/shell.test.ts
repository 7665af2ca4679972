/** `kvx shell` as built, on a terminal that `script` (util-linux) makes. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kvxInShell, Sandbox } from './commands-sandbox.js';

/** Of util-linux: runs a command on a terminal of its own. */
const terminalMaker = 'script';
const hasTerminal = spawnSync(terminalMaker, ['--version']).status === 0;
const ctrlC = '\x03';
const ctrlD = '\x04';
const corpus = join(import.meta.dirname, '../corpus');

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = new Sandbox();
});
afterAll(() => sandbox.cleanUp());

/** A shell with somebody at its keyboard. */
class Terminal {
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;
  #shown = '';
  /** What was shown before has been looked at. */
  #seen = 0;
  #wake: () => void = () => {};

  constructor(args: string, columns = 80) {
    const command = `stty cols ${columns}; exec ${kvxInShell} shell ${args}`;
    const env = sandbox.env({ TERM: 'xterm', SHELL: '/bin/sh' });
    this.#child = spawn(terminalMaker, ['-qefc', command, '/dev/null'], { env });
    this.#child.stdout?.on('data', (text) => {
      this.#shown += text;
      this.#wake();
    });
    this.ended = new Promise((resolve) => this.#child.on('close', resolve));
    this.ended.then(() => this.#wake());
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Waits until this shows up, and gives what came up to it. */
  async until(wanted: string): Promise<string> {
    for (;;) {
      const text = stripVTControlCharacters(this.#shown);
      const at = text.indexOf(wanted, this.#seen);
      if (at >= 0) {
        const before = text.slice(this.#seen, at);
        this.#seen = at + wanted.length;
        return before;
      }
      if (this.#child.exitCode !== null) throw new Error(`it ended: ${text.slice(this.#seen)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

describe.skipIf(!hasTerminal)('kvx shell on a terminal', () => {
  it('works on the cluster that is up, and leaves it up', async () => {
    expect(sandbox.run(['cluster', 'up', '-n', '3', '--sync', 'off']).status).toBe(0);
    const terminal = new Terminal('', 60);
    await terminal.until('Cluster dev, mode quorum, 3 nodes.');
    await terminal.until('dev quorum> ');
    terminal.type('put greeting hello\r');
    await terminal.until('OK');
    await terminal.until('dev quorum> ');
    terminal.type('get gree');
    await terminal.until('get gree');
    // Alone: in the midst of what comes at once, as when pasted, a tab is only a tab.
    terminal.type('\t');
    await terminal.until('ting');
    terminal.type('\r');
    await terminal.until('hello');
    await terminal.until('dev quorum> ');
    terminal.type(`check ${join(corpus, 'stale-read.jsonl')} --model linearizable\r`);
    // Broken where 60 columns end.
    await terminal.until('client 2 read 7 from n2 after\r\n');
    await terminal.until('dev quorum> ');
    terminal.type('wait 1h\r');
    await terminal.until('wait 1h…');
    terminal.type(ctrlC);
    await terminal.until('dev quorum> ');
    terminal.type('cluster down\r');
    await terminal.until("it can't stop it");
    terminal.type(ctrlD);
    expect(await terminal.ended).toBe(0);
    expect(sandbox.run(['get', 'greeting']).stdout).toBe('hello\n');
    expect(sandbox.run(['cluster', 'down', '--all', '--wipe']).status).toBe(0);
  });

  it('remembers what was typed, starts a cluster of its own, and takes it along', async () => {
    const terminal = new Terminal('--runtime threads');
    await terminal.until('No cluster is up');
    await terminal.until('kvx> ');
    terminal.type('\x1b[A\x1b[A');
    await terminal.until('cluster down');
    await terminal.until('wait 1h');
    terminal.type(ctrlC);
    await terminal.until('kvx> ');
    terminal.type('cluster up --mode gossip -n 2\r');
    await terminal.until('kvx gossip> ');
    terminal.type('put a 1\r');
    await terminal.until('OK');
    await terminal.until('kvx gossip> ');
    terminal.type(ctrlC);
    await terminal.until('leaves');
    terminal.type(ctrlC);
    await terminal.until('Taking the cluster down');
    expect(await terminal.ended).toBe(0);
    expect(
      sandbox.run(['cluster', 'list']).stdout + sandbox.run(['cluster', 'list']).stderr,
    ).toContain('There are no clusters');
    const history = readFileSync(join(sandbox.home, 'shell_history'), 'utf8');
    expect(history).toContain('put greeting hello\n');
    expect(history).toContain('cluster up --mode gossip -n 2\n');
  });

  it('speaks the dialects', async () => {
    const terminal = new Terminal('--dialect cs380d --runtime sim --seed 1');
    await terminal.until('cs380d> ');
    terminal.type('joinServer 0\rjoinClient 1 0\rput 1 k v\rget 1 k\r');
    await terminal.until('k:v');
    terminal.type('killserver 0\r');
    await terminal.until('did you mean killServer?');
    terminal.type('help printStore\r');
    await terminal.until("a server's store");
    terminal.type('exit\r');
    expect(await terminal.ended).toBe(0);
  });
});

describe('kvx shell in a pipe', () => {
  it.each([
    { dialect: 'kvx', line: '  put KEY VALUE' },
    { dialect: 'cs380d', line: '  put CLIENT KEY VALUE' },
  ])('has the help of $dialect', ({ dialect, line }) => {
    const { status, stdout, stderr } = sandbox.run(
      ['shell', '--dialect', dialect, '--runtime', 'sim', '--seed', '1'],
      'help\nhelp put\n',
    );
    expect(stdout.split('\n').filter((each) => each.startsWith(line))).toHaveLength(2);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('is kvx run', () => {
    const script = 'put a 1\nget a\nexpect get a == 2\n';
    const { status, stdout, stderr } = sandbox.run(
      ['shell', '--runtime', 'sim', '--seed', '1'],
      script,
    );
    expect(stdout).toBe('OK\n1\n');
    expect(stderr).toContain('standard input:3');
    expect(status).toBe(1);
  });

  it('speaks the dialects, and answers each line before the next one comes', async () => {
    const child = sandbox.start([
      'shell',
      '--dialect',
      'cs380d',
      '--runtime',
      'sim',
      '--seed',
      '1',
    ]);
    let out = '';
    const ended = new Promise((resolve) => child.on('close', resolve));
    const answer = (wanted: string) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (out.endsWith(wanted)) resolve();
        };
        child.stdout.on('data', (text) => {
          out += text;
          look();
        });
      });
    child.stdin.write('joinServer 0\njoinClient 1 0\nput 1 k v\nget 1 k\n');
    await answer('k:v\n');
    child.stdin.write('get 1 nothing\n');
    await answer('nothing:ERR_KEY\n');
    child.stdin.end();
    expect(await ended).toBe(0);
  });

  it('loses no line while a dialect starts its cluster', () => {
    const script = 'insert a 1 9\nget a 9\nshow-all\n';
    const answers = { status: 0, stdout: 'OK\na = 1\na = 1\n' };
    const words = ['--dialect', 'cs425', '--runtime', 'sim'];
    const typed = `${script}exit\nno word of it\n`;
    expect(sandbox.run(['shell', ...words], typed)).toMatchObject(answers);
    const file = join(sandbox.home, 'script.txt');
    writeFileSync(file, script);
    expect(sandbox.run(['run', ...words, file])).toMatchObject(answers);
  });
});

describe('a command whose end nothing can bring about any more', () => {
  it('ends as a bug, not as a success', () => {
    const stuck = `--require ${join(import.meta.dirname, 'stuck.cjs')}`;
    const { status, stderr } = sandbox.run(['run', '-'], '', { NODE_OPTIONS: stuck });
    expect(stderr).toBe(
      'error: kvx has a bug: nothing is left to wait for, and the command is not done\n',
    );
    expect(status).toBe(70);
  });
});
