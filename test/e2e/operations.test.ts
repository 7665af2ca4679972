/**
 * Every operation of the table through the built command and through a script: they say the same, in text and in JSON, and
 * end alike, on threads, on processes and in the simulator, times aside. Commands and scripts go through the same steps,
 * each on a cluster of their own.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../src/operations/table.js';
import { Sandbox } from './commands-sandbox.js';

interface Step {
  /** Words of the command line and of the script. */
  readonly say: readonly string[];
  /** Steps of a transaction. */
  readonly steps?: readonly string[];
  readonly exit?: number;
  /** What it says depends on time and chance: of its JSON the form is compared, and of its text that there is some. */
  readonly varies?: boolean;
  readonly only?: 'scripts';
  /** Refused there, by name. */
  readonly notOnSim?: boolean;
}

const step = (line: string, more: Omit<Step, 'say'> = {}): Step => ({
  say: [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word),
  ...more,
});
const loose = { varies: true } as const;
const inScripts = { only: 'scripts' } as const;
const refused = { exit: 1 } as const;

/** In mode paxos, save what it lacks. The last one ends a script. */
const paxosSteps: readonly Step[] = [
  step('cluster up --mode paxos -n 3 --sync off', loose),
  step('put a 1'),
  step('put b "x y" --node n2'),
  step('get a --session me'),
  step('get none', refused),
  step('insert a 2', refused),
  step('insert c 3'),
  step('update none 1', refused),
  step('update a 5'),
  step('cas a 5 6'),
  step('cas a 5 7', refused),
  step('delete c'),
  step('txn', { steps: ['check a 6', 'get a', 'put d 4'] }),
  step('txn', { steps: ['check a 7', 'put d 5'], exit: 1 }),
  step('verify', loose),
  step('search a', loose),
  step('search none', refused),
  step('dump n1'),
  step('rapidset 3', inScripts),
  step('multiset 3', inScripts),
  step('fault partition n1'),
  step('fault connect n1 n2'),
  step('fault isolate n3'),
  step('fault heal isolate'),
  step('fault cut n1>n3'),
  step('fault delay n1-n2 1ms --jitter 1ms'),
  step('fault delay 2ms --dist exponential --type accept'),
  step('fault delays test/e2e/delays.yaml'),
  step('fault drop n1>n2 1% --type accepted'),
  step('fault delay clients-n1 1ms'),
  step('get a'),
  step('fault duplicate 1%'),
  step('fault reorder n2 1% --by 2ms'),
  step('fault bandwidth n1>n2 10MB --queue 1MB'),
  step('fault bridge n2'),
  step('fault heal delay drop'),
  step('fault heal'),
  // Who leads, after nodes were cut off and have come back, is a matter of time.
  step('fault primary', loose),
  step('fault heal'),
  step('fault break n1 n3'),
  step('fault heal'),
  step('fault fail-rate n3 10%'),
  step('fault list', loose),
  step('fault nemesis halves --every 50ms --for 120ms --seed 1', loose),
  step('fault fail-rate 0'),
  step('fault clock n2 -1s --drift 1%'),
  step('fault slow n2 1ms'),
  step('fault disk n2 slow 1ms'),
  step('fault heal'),
  step('node pause n3'),
  step('node resume n3'),
  step('node kill n3'),
  step('cluster status', loose),
  step('cluster config', loose),
  step('node restart n3'),
  step('node status n3 n1', loose),
  step('node metrics n1', { ...loose, notOnSim: true }),
  step('node add --timeout 20s', loose),
  step('node remove n4 --timeout 20s', loose),
  step('node rejoin n2', { notOnSim: true }),
  step('wait 1ms', inScripts),
  step('echo on with it', inScripts),
  step('clear', inScripts),
  step('check test/corpus/three-versions-old.jsonl --model linearizable', refused),
  step('bench --ops 5 --seed 1', { ...loose, notOnSim: true }),
  step('history strict-serializable', { ...loose, ...inScripts }),
  step('node kill n2 n3'),
  step('search none --timeout 300ms', { exit: 2 }),
  step('put a 8 --timeout 200ms --node n2', { exit: 3 }),
];

const gossipSteps: readonly Step[] = [
  step('cluster up --mode gossip -n 4 --sync off', loose),
  step('put a 1'),
  step('stabilize', loose),
  step('verify'),
  step('cluster down', loose),
  step('cluster up --mode gossip -n 4 --sync off', loose),
  step('fault ring'),
  step('fault fail-rate 0.5', { exit: 64 }),
];

const sequences = { paxos: paxosSteps, gossip: gossipSteps };

/** Of the command line alone: there is nothing to compare them with. */
const commandLineOnly = [step('cluster list'), step('cluster use dev')];

/** Programs of the command line, each with tests of its own. */
const programs = [
  ...[
    'cluster logs',
    'trace',
    'record',
    'run',
    'sim',
    'compare',
    'explore',
    'doctor',
    'schema',
    'grade',
    'lab',
    'shell',
    'demo',
    'completion',
    'help',
  ],
].map((line) => step(line));

test('every operation of the table has an example here', () => {
  const said = [...Object.values(sequences).flat(), ...commandLineOnly, ...programs];
  const lines = said.map(({ say }) => say.join(' '));
  const missing = operations.filter(
    ({ name }) => !lines.some((line) => `${line} `.startsWith(`${name} `)),
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
});

interface Told {
  readonly text?: string;
  readonly json?: unknown;
  readonly exit?: number | undefined;
}

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

/** A process for each is dear: they say it in JSON and in words by turns. */
function byCommands(runtime: string, steps: readonly Step[]): (Told | null)[] {
  const told = steps.map(({ say, steps: txn, only }, at): Told | null => {
    if (only === 'scripts') return null;
    const asJson = at % 2 === 0;
    const where = say[1] === 'up' ? ['--runtime', runtime] : [];
    const args = [...say, ...where, ...(asJson ? ['--json'] : [])];
    const { status, stdout } = sandbox.run(args, txn?.join('\n'));
    const exit = status ?? -1;
    // What tells of events ends with what came of it.
    return asJson
      ? { json: JSON.parse(stdout.trim().split('\n').at(-1) ?? ''), exit }
      : { text: stdout, exit };
  });
  sandbox.run(['cluster', 'down', '--wipe', '-C', 'dev']);
  return told;
}

const wordOf = (word: string) => (/\s/.test(word) ? `"${word}"` : word);
const lineOf = ({ say }: Step) => say.map(wordOf).join(' ');

function scriptOf(steps: readonly Step[]): string {
  const lines = steps.flatMap((each) => [
    lineOf(each),
    ...(each.steps === undefined ? [] : [...each.steps, 'end']),
  ]);
  return `${lines.join('\n')}\n`;
}

function byScript(runtime: string, steps: readonly Step[], asJson: boolean): Told[] {
  const args = ['run', '--runtime', runtime, ...(asJson ? ['--json'] : [])];
  const { status, stdout } = sandbox.run(args, scriptOf(steps));
  if (asJson) {
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === undefined);
    return documents.map(({ line, command, result, error, exitCode = error?.exitCode }) => {
      if (error === undefined) return { json: result, exit: exitCode };
      const place = `standard input:${line}: ${command}: `;
      return {
        json: { error: { ...error, message: error.message.replace(place, '') } },
        exit: exitCode,
      };
    });
  }
  const answers = stdout.split(/^> (?! |end\n).*\n(?:> (?: .*|end)\n)*/m).slice(1);
  return steps.map((_, at) => {
    const isLast = at === steps.length - 1;
    return { text: answers[at] ?? '', ...(isLast ? { exit: status ?? -1 } : {}) };
  });
}

/** What differs from run to run, and from cluster to cluster. */
const aside = [
  'cluster',
  'runtime',
  'folder',
  'tookMs',
  'version',
  'stamp',
  'node',
  'pid',
  'since',
  'sinceMs',
  'hint',
];

function comparable(value: unknown, varies: boolean): unknown {
  if (Array.isArray(value)) {
    const items = value.map((each) => comparable(each, varies));
    return varies ? items.slice(0, 1) : items;
  }
  if (typeof value !== 'object' || value === null) return varies ? '…' : value;
  const entries = Object.entries(value)
    .filter(([name]) => !['facts', 'suspects', 'parts'].includes(name))
    .map(([name, each]) => [name, aside.includes(name) ? '…' : comparable(each, varies)]);
  return Object.fromEntries(entries);
}

const textOf = (text: string, varies: boolean) =>
  varies ? text !== '' : text.replace(/\d+@n\d/g, 'VERSION').replace(/ +$/gm, '');

function expectAlike(steps: readonly Step[], all: readonly (readonly (Told | null)[])[]): void {
  for (const [at, each] of steps.entries()) {
    const told = all.flatMap((one) => one[at] ?? []);
    const shown = told.map(({ text, json, exit }) => ({
      line: lineOf(each),
      ...(text === undefined ? {} : { text: textOf(text, each.varies ?? false) }),
      ...(json === undefined ? {} : { json: comparable(json, each.varies ?? false) }),
      exit: exit ?? each.exit ?? 0,
    }));
    for (const one of shown) expect(one).toEqual({ ...shown[0], exit: each.exit ?? 0 });
  }
}

/** Where single commands are done: half of them on each runtime. */
const runtimes = ['processes', 'threads'];

describe.each(
  Object.entries(sequences).map(
    ([mode, steps], at) => [mode, runtimes[at % 2] ?? '', steps] as const,
  ),
)('operations in mode %s, single commands on %s', (_, runtime, steps) => {
  const onSim = steps.filter(({ notOnSim }) => !notOnSim);
  /** As others say it, with room for what the simulator lacks. */
  const spread = (told: readonly Told[]) => {
    const left = [...told];
    return steps.map(({ notOnSim }) => (notOnSim ? null : (left.shift() ?? null)));
  };

  const told = (runtime: string) => {
    const commands = byCommands(runtime, steps);
    const alone = (asJson: boolean) =>
      commands.map((one) => ((one?.json === undefined) === asJson ? null : one));
    return { inJson: alone(true), inWords: alone(false) };
  };
  let byCommand: ReturnType<typeof told>;
  beforeAll(() => {
    byCommand = told(runtime);
  });

  test('say the same in JSON, by command, in a script on threads and in the simulator', () => {
    expectAlike(steps, [
      byScript('threads', steps, true),
      byCommand.inJson,
      spread(byScript('sim', onSim, true)),
    ]);
  });

  test('print the same, by command, in a script on processes and in the simulator', () => {
    expectAlike(steps, [
      byScript('processes', steps, false),
      byCommand.inWords,
      spread(byScript('sim', onSim, false)),
    ]);
  });
});

describe('of the command line alone', () => {
  beforeAll(() => sandbox.run(['cluster', 'up', '-n', '1', '-o', 'replicas=1']));

  test.each(commandLineOnly)('$say', ({ say }) => {
    expect(sandbox.run(say)).toMatchObject({ status: 0, stderr: '' });
    expect(sandbox.json(say).status).toBe(0);
  });
});
