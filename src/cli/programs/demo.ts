/** `kvx demo`: types commands, each a process of its own, shows what comes of them and checks it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatDuration } from '../../config/duration.js';
import { interrupted } from '../../core/errors.js';
import type { Millis } from '../../core/ids.js';
import { exitCodes } from '../../render/failure.js';
import { note, outputWidth, printJson, printLine, styleFor } from '../../render/output.js';
import { wrap } from '../../render/wrap.js';
import type { Perform } from '../command.js';
import { runKvx } from './run-kvx.js';

interface DemoStep {
  readonly title: string;
  /** Why the commands are typed. */
  readonly intro?: string;
  readonly commands: readonly DemoCommand[];
  /** What was just seen. */
  readonly lesson: string;
}

interface DemoCommand {
  /** After `kvx`, as typed. */
  readonly line: string;
  readonly exitCode: number;
  /** What standard output must look like. */
  readonly stdout?: RegExp;
  /** Typed again and again until it behaves as told, for what takes a moment; only the last is shown. */
  readonly patienceMs?: number;
}

const succeeds = (line: string, stdout: RegExp): DemoCommand => ({ line, stdout, exitCode: 0 });

/** n1 is in the majority's part, n4 is the one cut off. Both are among the three owners of the key. */
const demoScript: readonly DemoStep[] = [
  {
    title: 'Start four nodes',
    intro:
      'Real nodes on this machine, each with its own journal on disk. Every key is kept by three.',
    commands: [succeeds('cluster up --nodes 4', /n4 +running/)],
    lesson: 'All four answer.',
  },
  {
    title: 'Write',
    commands: [
      succeeds('put greeting hello', /^OK\n$/),
      {
        ...succeeds('search greeting', /(?:^n\d +hello .*\n(?:^n\d +\(keeps no copy\)\n)?){3}/m),
        patienceMs: 2_000,
      },
    ],
    lesson: 'Three owners hold the same version of it; n4 is one of them.',
  },
  {
    title: 'Cut n4 off',
    commands: [succeeds('fault isolate n4', /^n4 +cut +cut +cut/m)],
    lesson: 'n4 still runs, but no message gets to it or away from it.',
  },
  {
    title: 'Write again, where the majority is',
    commands: [
      succeeds('put greeting bonjour --node n1', /^OK\n$/),
      succeeds('get greeting --node n1', /^bonjour\n$/),
    ],
    lesson: 'Two of three owners are a quorum: the write is safe, and reads there see it.',
  },
  {
    title: 'A stale read, on the side of n4',
    commands: [succeeds('get greeting --node n4 --level one', /^hello\n$/)],
    lesson:
      'Level one asks a single replica, and n4 never heard of "bonjour". Fast, always there, and wrong.',
  },
  {
    title: 'Ask the same node for a quorum',
    commands: [
      {
        line: 'get greeting --node n4 --level quorum --timeout 1s',
        ...{ exitCode: 3, patienceMs: 5_000 },
      },
      { line: 'put greeting hola --node n4 --timeout 1s', exitCode: 3 },
    ],
    lesson:
      'One of three is no quorum, so it says no rather than something stale. Exit code 3: it surely did not happen.',
  },
  {
    title: 'Heal',
    commands: [
      succeeds('fault heal', /^n4 +ok +ok +ok/m),
      succeeds('verify', /^agree$/m),
      succeeds('get greeting --node n4 --level one', /^bonjour\n$/),
    ],
    lesson: 'What n4 had missed was handed over. All replicas agree, and level one is right again.',
  },
  {
    title: 'Stop',
    commands: [succeeds('cluster down --wipe', /wiped/)],
    lesson: 'Nothing is left behind.',
  },
];

/** Said before anything is typed. */
const demoIntro =
  'kvx runs a replicated key-value cluster on this machine, breaks it on purpose, and shows which consistency its clients get. Half a minute, nothing faked:';

/** What a newcomer types next. */
const demoNext = [
  'kvx cluster up',
  'kvx put greeting hello',
  'kvx cluster status',
  'kvx lab',
  'kvx -h',
];

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
    if (!this.#isQuiet) printLine(...lines);
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
