/**
 * Pages whose consoles show what is printed: commands are done in their order, and what comes of them is compared, or written down
 * with `KVX_REWRITE=1`. Where a page shows no output, a command is only done.
 */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Sandbox } from '../e2e/commands-sandbox.js';
import { SimulatedTerminal } from './simulated-terminal.js';

const rewrites = process.env['KVX_REWRITE'] === '1';
const root = join(import.meta.dirname, '../..');

/** What of an output is there whoever runs it, and whenever: no numbers, and nothing of how wide they are. */
const shapeOf = (output: string): string =>
  output.replace(/\d[\d,]*(?:\.\d+)?(?: (?:µs|ms|s)\b)?/g, '#').replace(/\s+/g, ' ');

/** Where a line of the page is but `…`, any lines may stand. */
function matches(now: string, output: string, form: (text: string) => string = String): boolean {
  const parts = output
    .split(/^…\n/m)
    .map((part) => form(part).replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*?')}$`).test(form(now));
}

/** Done in a process of its own also where the page is done in the simulator; the same each time. */
const isProgram = (command: string): boolean => /^kvx (?:check|run|sim|trace) /.test(command);

/** Done by a test of its own, for all pages that show it. */
const isDoneElsewhere = (command: string): boolean =>
  command.startsWith('kvx compare ') || !/^(?:kvx|printf|echo) /.test(command);

/** What only looks may be done again until it shows what it should: nodes take a while to notice. */
const looks = /^kvx (?:get|search|verify|cluster (?:status|list))\b/;
const triesMax = 60;

/** A page's consoles with other outputs; an empty line after an output stays. */
function withOutputs(text: string, print: (command: string, output: string) => string): string {
  return text.replace(/(?<=^ *```console\n)[\s\S]*?(?=^ *```$)/gm, (block) => {
    const indent = /^ */.exec(block)?.[0] ?? '';
    const shown = block
      .replaceAll(new RegExp(`^${indent}`, 'gm'), '')
      .split(/^\$ /m)
      .slice(1);
    const lines = shown.map((each) => {
      const [, command = '', output = '', gap] = /^(.*)\n([\s\S]*?)(\n?)$/.exec(each) ?? [];
      const hasGap = gap !== '' && output.endsWith('\n');
      const now = output === '' ? '' : print(command, output.replace(/\n*$/, '\n'));
      if (output === '') print(command, '');
      return `$ ${command}\n${now}${hasGap ? '\n' : ''}`;
    });
    return lines.join('').replaceAll(/^(?=.)/gm, indent);
  });
}

/** A terminal in a folder with the files that the page shows under their names. */
class PageTerminal {
  readonly #sandbox = new Sandbox();
  readonly #folder = mkdtempSync(join(tmpdir(), 'kvx-docs-'));
  readonly #simulated: SimulatedTerminal | null;
  #status: number | null = 0;

  constructor(text: string, on: 'nodes' | 'simulator') {
    this.#simulated = on === 'simulator' ? new SimulatedTerminal() : null;
    symlinkSync(join(root, 'test'), join(this.#folder, 'test'));
    const files = /<!-- (\S+) -->\n```\w*\n([\s\S]*?)```/g;
    for (const [, name = '', file = ''] of text.matchAll(files)) {
      writeFileSync(join(this.#folder, name), file);
    }
  }

  /** What a terminal shows of it; of what succeeds, not what it says beside its result, save for how a script went. */
  #typed(command: string): string {
    if (command === 'echo $?') return `${this.#status}\n`;
    const { status, stdout, stderr } = this.#sandbox.shell(
      `cd ${this.#folder}; export COLUMNS=80\n${command}`,
    );
    this.#status = status;
    return status === 0 && !command.startsWith('kvx run ') ? stdout : stdout + stderr;
  }

  /** What is printed now; of real nodes what was shown, as soon as nothing but numbers differs. */
  async prints(command: string, output: string): Promise<string> {
    if (isDoneElsewhere(command)) return output;
    if (isProgram(command) || this.#simulated !== null) {
      const now = isProgram(command)
        ? this.#typed(command)
        : ((await this.#simulated?.prints(command)) ?? '');
      return matches(now, output) ? output : now;
    }
    for (let tries = 1; ; tries++) {
      const now = this.#typed(command);
      if (output === '' || matches(now, output, shapeOf)) return output;
      if (!looks.test(command) || tries === triesMax) return now;
    }
  }

  async close(): Promise<void> {
    await this.#simulated?.close();
    this.#sandbox.cleanUp();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Does all commands of a page. On real nodes, what it prints may differ from the page in numbers. */
export async function checkConsoles(page: string, on: 'nodes' | 'simulator'): Promise<void> {
  const file = join(root, page);
  const written = readFileSync(file, 'utf8');
  const terminal = new PageTerminal(written, on);
  const typed: [command: string, output: string][] = [];
  withOutputs(written, (...each) => {
    typed.push(each);
    return '';
  });
  try {
    const printed: string[] = [];
    for (const [command, output] of typed) printed.push(await terminal.prints(command, output));
    const now = withOutputs(written, () => printed.shift() ?? '');
    if (rewrites) writeFileSync(file, now);
    else expect(now).toBe(written);
  } finally {
    await terminal.close();
  }
}
