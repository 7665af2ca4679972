/** A real shell at a pseudo-terminal, in which `kvx` completes, and prints the words that it is given when it is run. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { kvxInShell, type Sandbox } from '../e2e/commands-sandbox.js';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** Why tests of a shell are skipped; `null`: they are not. In CI it must be there. */
export function missingShell(shell: Shell): string | null {
  if (process.env['CI'] !== undefined) return null;
  const isThere = [shell, 'script'].every((each) => spawnSync(each, ['--version']).status === 0);
  return isThere ? null : `${shell}, or \`script\`, is missing: apt-get install ${shell}`;
}

const commands: Readonly<Record<Shell, string>> = {
  bash: 'bash --norc --noprofile -i',
  zsh: 'zsh -f -i',
  fish: 'fish --no-config -i',
};

/** Says that it is ready, not as it is typed. */
const readyLine: Readonly<Record<Shell, string>> = {
  bash: `PS1='> '; bind 'set bell-style none'; echo rea''dy`,
  zsh: `PS1='> '; unsetopt beep; echo rea''dy`,
  fish: `function fish_prompt; echo '> '; end; echo rea''dy`,
};

export class Terminal {
  readonly #shell: Shell;
  readonly #child: ChildProcessWithoutNullStreams;
  #seen = '';
  #wake = (): void => {};

  constructor(shell: Shell, sandbox: Sandbox, folder: string) {
    this.#shell = shell;
    const bin = join(sandbox.home, 'bin');
    mkdirSync(bin, { recursive: true });
    const kvx = join(bin, 'kvx');
    const real = `exec ${kvxInShell} "$@"`;
    const cases = `complete|completion) ${real};;\n*) printf 'RAN'; printf ' <%s>' "$@"; echo ' END';;`;
    writeFileSync(kvx, `#!/bin/sh\ncase $1 in\n${cases}\nesac\n`);
    chmodSync(kvx, 0o755);
    const env = sandbox.env({ TERM: 'xterm', HOME: sandbox.home, LC_ALL: 'C.UTF-8' });
    const start = `stty cols 150 rows 60; exec ${commands[shell]}`;
    this.#child = spawn('script', ['-qfec', start, '/dev/null'], {
      ...{ cwd: folder, env: { ...env, PATH: `${bin}:${process.env['PATH']}` } },
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#seen += text;
      this.#wake();
    });
  }

  /** With the completion of kvx in it. */
  async ready(): Promise<void> {
    const how = {
      bash: 'source <(kvx completion bash)',
      zsh: 'autoload -Uz compinit; compinit -u; source <(kvx completion zsh)',
      fish: 'kvx completion fish | source',
    };
    this.type(`${how[this.#shell]}; ${readyLine[this.#shell]}\r`);
    await this.see(/ready/);
  }

  type(text: string): void {
    this.#seen = '';
    this.#child.stdin.write(text);
  }

  /** The words that kvx is run with when this is typed, `\t` being the Tab key. */
  async words(line: string): Promise<string[]> {
    this.type(`${line}\r`);
    const [, words = ''] = await this.see(/RAN(.*) END/);
    return [...words.matchAll(/<(.*?)>(?= <|$)/g)].map(([, word = '']) => word);
  }

  /** What is on the screen, once it has all of these. The line is rubbed out then. */
  async shown(line: string, ...expected: readonly RegExp[]): Promise<string> {
    this.type(line);
    for (const each of expected) await this.see(each);
    const shown = this.#text();
    this.type('\x15');
    return shown;
  }

  /** How many ms it takes from the last key of this line, and Enter, until kvx has run: `words` is what it must get. */
  async timed(line: string, words: string): Promise<number> {
    this.type(line.slice(0, -1));
    await this.see(/./);
    const begun = performance.now();
    this.type(`${line.slice(-1)}\r`);
    const [, got] = await this.see(/RAN(.*) END/);
    const took = performance.now() - begun;
    if (got !== words) throw new Error(`${line} became ${got}`);
    await this.see(/RAN.* END\n.*>/s);
    return took;
  }

  see(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${this.#shell} never showed ${pattern}, but:\n${this.#text()}`));
      }, 20_000);
      this.#wake = () => {
        const found = pattern.exec(this.#text());
        if (found === null) return;
        clearTimeout(timer);
        this.#wake = () => {};
        resolve(found);
      };
      this.#wake();
    });
  }

  #text(): string {
    return stripVTControlCharacters(this.#seen).replaceAll('\r', '');
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    // Its shell is hung up on.
    this.#child.kill('SIGKILL');
    await ended;
  }
}
