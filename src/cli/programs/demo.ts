/** `kvx demo`: types commands, each a process of its own, shows what comes of them and checks it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatDuration } from '../../config/duration.js';
import { interrupted } from '../../core/errors.js';
import type { Millis } from '../../core/ids.js';
import { exitCodes } from '../../render/failure.js';
import { note, outputWidth, printJson, printLine } from '../../render/output.js';
import { styleFor } from '../../render/style.js';
import { wrap } from '../../render/wrap.js';
import type { Perform } from '../command.js';
import { type DemoCommand, demoIntro, demoNext, demoScript } from './demo-script.js';
import { runKvx } from './run-kvx.js';

interface Typed {
  /** As shown: `kvx get greeting`. */
  readonly line: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: Millis;
  readonly asTold: boolean;
}

const retryMs = 100;
const widthMax = 88;

/**
 * Has a home of its own, so that no cluster of the user's is touched, and leaves nothing behind, whatever happens. Stops at
 * the first command that does not behave as told: what would be said next would not be true.
 */
const perform: Perform = async ({ flags: { json } }, signal) => {
  signal.addEventListener('abort', () => note('Stopping, and cleaning up…'));
  const begin = performance.now();
  const env = environment(mkdtempSync(join(tmpdir(), 'kvx-demo-')));
  const teller = new Teller(json === true);
  const steps: { title: string; commands: Typed[]; lesson: string }[] = [];
  let asTold = true;
  teller.tell(demoIntro);
  try {
    for (const { title, intro, commands, lesson } of demoScript) {
      teller.begin(`${steps.length + 1}/${demoScript.length}  ${title}`, intro);
      const step = { title, commands: [] as Typed[], lesson };
      steps.push(step);
      for (const command of commands) {
        teller.command(`kvx ${command.line}`);
        const typed = await type(command, env, signal);
        step.commands.push(typed);
        teller.typed(typed);
        asTold = typed.asTold;
        if (!asTold) break;
      }
      if (!asTold) break;
      teller.lesson(lesson);
    }
  } finally {
    await runKvx(['cluster', 'down', '--all', '--wipe'], new AbortController().signal, env);
    rmSync(env.KVX_HOME, { recursive: true, force: true });
  }
  const tookMs = performance.now() - begin;
  if (json) printJson({ asTold, steps, tookMs });
  else teller.end(asTold, tookMs);
  if (!asTold) process.exitCode = exitCodes.no;
};

/** The user's, without what they have set for their own clusters. */
function environment(home: string) {
  const entries = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('KVX_') && name !== 'FORCE_COLOR' && name !== 'DEBUG',
  );
  return { ...Object.fromEntries(entries), KVX_HOME: home, NO_COLOR: '1' };
}

/** Until it behaves as told, or its patience is at an end; what it came to last. */
async function type(
  { line, exitCode: wanted, stdout: pattern, patienceMs = 0 }: DemoCommand,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Typed> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const begin = performance.now();
    const { exitCode, printed, said } = await runKvx(line.split(' '), signal, env);
    if (signal.aborted) throw interrupted();
    const [stdout, stderr] = [String(printed), String(said)];
    const asTold = exitCode === wanted && (pattern?.test(stdout) ?? true);
    const tookMs = performance.now() - begin;
    if (asTold || performance.now() + retryMs > deadline) {
      return { line: `kvx ${line}`, exitCode, stdout, stderr, tookMs, asTold };
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

/** Tells it on standard output: a title, what is typed, what comes of it, what that means. */
class Teller {
  readonly #isQuiet: boolean;
  readonly #style = styleFor(process.stdout);
  readonly #width = Math.min(widthMax, outputWidth());

  constructor(isQuiet: boolean) {
    this.#isQuiet = isQuiet;
  }

  #print(...lines: readonly string[]): void {
    if (!this.#isQuiet) for (const line of lines) printLine(line);
  }

  tell(text: string): void {
    this.#print(...wrap(text, this.#width), '');
  }

  begin(title: string, intro: string | undefined): void {
    this.#print(this.#style.cyan.bold(title));
    if (intro === undefined) this.#print('');
    else this.tell(intro);
  }

  command(line: string): void {
    this.#print(`  ${this.#style.dim('$')} ${this.#style.bold(line)}`);
  }

  typed({ exitCode, stdout, stderr, asTold }: Typed): void {
    const { dim, yellow, red } = this.#style;
    this.#print(...linesOf(stdout).map((line) => `  ${line}`));
    if (exitCode !== 0) {
      this.#print(...linesOf(stderr).map((line) => `  ${dim(line)}`));
      this.#print(`  ${yellow(`exit code ${exitCode}`)}`);
    }
    if (!asTold) this.#print(`  ${red.bold('This is not what should have happened.')}`);
    this.#print('');
  }

  lesson(text: string): void {
    const lines = wrap(text, this.#width - 2);
    this.#print(...lines.map((line) => `${this.#style.green('›')} ${line}`), '');
  }

  end(asTold: boolean, tookMs: Millis): void {
    if (!asTold) {
      this.#print(this.#style.red.bold('The demo stopped: a step did not behave as told.'));
      return;
    }
    const took = formatDuration(tookMs);
    this.tell(`That took ${took}. Every line above came from real nodes, and was checked.`);
    this.#print('Now you:');
    for (const line of demoNext) this.command(line);
  }
}

const linesOf = (output: string): string[] =>
  output === '' ? [] : output.replace(/\n$/, '').split('\n');

export default { perform };
