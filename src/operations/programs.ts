/**
 * Operations that are programs of their own: a command does them itself; a script has kvx do them in a process beside it, or
 * refuses them by name.
 */
import { clientsMax, keysMax } from '../bench/plan.js';
import { textOfBytes } from '../core/bytes.js';
import { KvxError } from '../core/errors.js';
import { type AnswerKind, exitCodes } from '../render/failure.js';
import { targetRuntimes } from '../targets/target.js';
import { exportNames } from '../trace/exports.js';
import { benchWords, historyFlag, reportFlag } from './bench-words.js';
import type { RanKvx } from './context.js';
import type { FlagSpec } from './flags.js';
import { argument, countFlag, seedFlag, switchFlag, textFlag, timeoutFlag } from './flags.js';
import type { Given } from './given.js';
import { type Described, type OperationEntry, operation } from './operation.js';
import { specFlags } from './spec-flags.js';

export function program(words: Described): OperationEntry {
  const isOnCluster = words.on === undefined;
  return operation<RanKvx>({
    changes: false,
    ...words,
    run: async ({ context, given, json, says }) => {
      const { host, target, signal } = context;
      // It tells by itself how far it is.
      says('');
      if (host === null) throw new Error('there is no host to start programs');
      const where = isOnCluster ? ['--cluster', target.name] : [];
      const how = json ? ['--json'] : [];
      const ran = await host.runKvx([words.name, ...where, ...how, ...typedAgain(given)], signal);
      if (ran.exitCode < exitCodes.usage) return ran;
      // It has said on standard error what is wrong.
      const code = ran.exitCode === exitCodes.usage ? 'bad-request' : 'bug';
      throw new KvxError(`it ended with exit code ${ran.exitCode}`, { code, definite: false });
    },
    answer: ({ exitCode }) => ({
      answer: answers[exitCode] ?? 'unavailable',
      why: exitCode === 0 ? null : `exit code ${exitCode}`,
    }),
    json: ({ printed }) => JSON.parse(textOfBytes(printed) || 'null'),
    page: ({ printed }) => [{ type: 'bytes', bytes: printed }],
  });
}

const answers: readonly AnswerKind[] = ['yes', 'no', 'unknown', 'unavailable'];

/** As a command line says it. */
function typedAgain({ args, flags }: Given): string[] {
  const said = [...flags].flatMap(([name, values]) =>
    values.length === 0 ? [`--${name}`] : values.map((value) => `--${name}=${value}`),
  );
  return [...said, '--', ...[...args.values()].flat().map(textOfBytes)];
}

export const benchProgram = program(benchWords);

export const checkProgram = program({
  name: 'check',
  summary: 'Which consistency was that? Judges a history of what clients saw.',
  description: [
    'Prints a ladder of models, each of which holds, is violated or unknown, and the smallest evidence against the next rung above the strongest that holds.',
    '',
    'With --model: exit code 0 when all of these hold, 1 when one is violated, 2 when one is unknown. Without: 0 when the strongest that holds is known, 1 when none holds, 2 when a stronger one is unknown. A file that is no history: 64, with its line.',
    'Histories: JSON lines as `kvx bench --history` writes them; EDN, JSON and logs of Jepsen and Knossos; timed operations; packed with gzip or not. Of keys and transactions, or of what else Jepsen tests: sets, lists, counters, banks, queues, locks, ids. Models, formats and what proves what: docs/checking.md.',
  ].join('\n'),
  examples: [
    'check history.jsonl',
    'check history.jsonl --model linearizable --timeout 30s',
    'check jepsen.edn --json',
  ],
  arguments: [argument('HISTORY', 'words', 'the file; - for standard input')],
  flags: [
    textFlag('model', 'NAMES', 'judge these only, such as linearizable,causal'),
    timeoutFlag('60s', 'what is not decided by then is unknown'),
    textFlag('memory', 'SIZE', 'what a search may hold in memory; past it, unknown', {
      default: '1GB',
    }),
    textFlag(
      'quiet',
      'TIME',
      'how long after the last write all must read the same to be called convergent',
      { default: '10s' },
    ),
    textFlag(
      'initial',
      'VALUE',
      'what every key held at first; else nothing, or what the history shows',
    ),
    textFlag('format', 'FORMAT', 'jsonl, edn, log or timed; else told from the first line'),
    textFlag('export', 'FILE', 'also write the history as EDN, so that other checkers can judge'),
    reportFlag,
  ],
  on: 'nothing',
});

export const onCommandLine = { only: 'command line', on: 'nothing' } as const;

export const logsProgram = program({
  name: 'cluster logs',
  summary: 'Show what happened: of all nodes by time, or of one.',
  description: [
    'Starts and stops, and what happened in the protocol: elections, suspicions, hints, repairs, members, snapshots, requests that failed.',
    'Of what happens very often some lines are kept, and how many were left out. --json prints one document a line.',
  ].join('\n'),
  examples: ['cluster logs', 'cluster logs n1 --lines 100', 'timeout 5 $kvx cluster logs --follow'],
  arguments: [argument('NODE', 'node', 'absent: all, and the daemon', { optional: true })],
  flags: [
    switchFlag('follow', 'go on until stopped', { char: 'f' }),
    countFlag('lines', 'how many events to begin with', { default: '20', min: 0 }),
  ],
  ...onCommandLine,
});

const several = { multiple: true } as const;

export const traceProgram = program({
  name: 'trace',
  summary: 'Show what happened: every event of all nodes, none before one that it knows of.',
  description: [
    'Of a cluster that was started with --trace, up or not; or of files: one for each node, or one alone that has all in order. Which event comes first, vector clocks say; where they leave it open, the time does. What is not there any more, because a node was killed before it had written it or files grew too large, is told in its place.',
    'Each filter that is given must agree; of several names of one, any will do. --around shows what an operation has to do with: what happened between its call and its answer, as far as it could have a part in it, and what before and after it is about the same keys.',
    'Of long values and lists a trace has the beginning: what --key looks for may be in the rest.',
    'Formats, and how to open them: docs/tracing.md.',
  ].join('\n'),
  examples: [
    'trace --key x',
    'trace --type prepare,promise,role --since 2s',
    'trace --export perfetto --out trace.json',
  ],
  arguments: [argument('FILE', 'words', 'absent: of the cluster', { optional: true, rest: true })],
  flags: [
    switchFlag('follow', 'go on with what happens from now on, until stopped', { char: 'f' }),
    textFlag('node', 'NODE', 'only at this node', several),
    textFlag('link', 'LINK', 'only messages on n1>n2, or both ways on n1-n2', several),
    textFlag('type', 'TYPE', 'only events, messages, records or operations of this type', several),
    textFlag('client', 'NAME', 'only calls of this client', several),
    textFlag('key', 'KEY', 'only what is about this key'),
    textFlag('around', 'KEY|n1#17', 'what operations on a key, or a request, have to do with'),
    textFlag('since', 'TIME', 'from so long after the first event'),
    textFlag('until', 'TIME', 'to so long after the first event'),
    textFlag('export', 'FORM', 'shiviz, perfetto (also for chrome://tracing), jsonl', {
      options: exportNames,
    }),
    textFlag('out', 'FILE', 'write what is exported there'),
    switchFlag('wide', 'all of each event, however long', { char: 'w' }),
  ],
  ...onCommandLine,
});

const runtimeFlag = (description: string, more: Partial<FlagSpec> = {}): FlagSpec =>
  textFlag('runtime', 'RUNTIME', description, { options: targetRuntimes, ...more });

const scriptFlags: readonly FlagSpec[] = [
  seedFlag('sim: the same seed and the same commands, the same run (default: drawn, and told)'),
  textFlag('dialect', 'NAME', 'kvx (default), or the vocabulary of a course: cs380d, cs425', {
    options: ['kvx', 'cs380d', 'cs425'],
    default: 'kvx',
  }),
  textFlag('delay-unit', 'UNIT', 'cs425: what `delay T` counts in, s (default) or ms', {
    options: ['s', 'ms'],
  }),
  switchFlag('models', 'cs425: levels 1 to 4 are consistency models'),
  switchFlag(
    'gossip',
    'cs380d: servers also gossip between two lines; what a line prints then depends on how far it got',
  ),
];

export const scriptsProgram = program({
  name: 'run',
  summary: 'Run scenario scripts on clusters of their own, real or simulated.',
  description: [
    'One command a line, in the words of the command line; `expect`, `repeat`, `client` and `at once` on top (docs/scenarios.md). All of it is checked before anything starts. A failed expectation ends the script with exit code 1; the cluster that was started is taken down in every case.',
    'What the flags say of the cluster holds when a script has no `cluster up`. Of several runs, the exit code is that of the first that is not right.',
  ].join('\n'),
  examples: [
    'run stale-read',
    'run stale-read lost-update --seeds 1..100 --reporter dot',
    `printf 'put a 1\\nexpect get a == 1\\n' | $kvx run -q`,
  ],
  arguments: [
    argument(
      'FILE',
      'words',
      'scripts, folders of them, or scenarios by name; - or absent: standard input',
      { optional: true, rest: true },
    ),
  ],
  flags: [
    // Where a script's cluster runs is said otherwise, and its name is its own.
    ...specFlags.filter(({ name, commandLineOnly }) => !commandLineOnly && name !== 'trace'),
    textFlag(
      'cluster',
      'NAME',
      'run on this one, which is up and stays up; else on one of its own',
      {
        char: 'C',
      },
    ),
    runtimeFlag('threads (default), processes, or sim: on virtual time'),
    textFlag(
      'seeds',
      '1..100',
      'sim: each script once under each of these; prints what went wrong, and the sum',
    ),
    ...scriptFlags,
    textFlag('bug', 'NAME', 'sim: nodes make this mistake, which the script zoo/NAME shows'),
    switchFlag('list', 'the scenarios that come with kvx'),
    switchFlag('list-bugs', 'the mistakes that --bug knows'),
    switchFlag('quiet', 'answers only, not the commands before them', { char: 'q' }),
    textFlag('reporter', 'NAME', 'of many runs: list (default), dot, tap, junit', {
      options: ['list', 'dot', 'tap', 'junit'],
    }),
    switchFlag('as-shell', 'what `kvx shell` does without a terminal', {
      ...{ hidden: true, typedOnly: true },
    }),
    historyFlag,
    reportFlag,
    switchFlag('diagram', 'draw what led to what was wrong: a column a node, time downwards'),
    textFlag(
      'trace',
      'FILE',
      "write down all that the script's cluster does: for `kvx trace FILE`",
      // In the environment it is for `cluster up`, and names no file.
      { typedOnly: true },
    ),
  ],
  ...onCommandLine,
  changes: true,
});

export const compareProgram = program({
  name: 'compare',
  summary: 'Put the same load and faults on several modes; print one table.',
  description: [
    'How many were served, how fast, how stale reads were, which writes were lost, which consistency that was, and what an operation costs; below, a sentence for each on what gave way. Without a name: all modes. A mode takes flags of `cluster up` in quotes.',
    'In the middle third of the time, whoever leads or coordinates is cut off from the other nodes; where nobody does, the first node is. Other faults: --nemesis, or a SCENARIO, which runs while there is load, on clusters that are there (docs/comparing.md).',
    '',
    'Clients ask in a steady rhythm, so that all modes get the same load. Available is the share of their time in which they were served: whoever waits for an answer that does not come, is not.',
    'Simulated, the same seed gives the same output. Exit code 1 when a mode broke what it promises, 2 when it is unknown whether one did.',
  ].join('\n'),
  examples: [
    'compare --seed 7',
    "compare quorum 'quorum --read one --write one' paxos --seed 7",
    'compare --nemesis halves,kills --duration 30s --seed 7',
  ],
  arguments: [
    argument('MODE', 'words', "such as paxos, or 'quorum --read one'; anything else: a SCENARIO", {
      optional: true,
      rest: true,
    }),
  ],
  flags: [
    textFlag('nodes', 'COUNT', 'how many nodes', { char: 'n', default: '5' }),
    ...specFlags.filter(({ name }) => name === 'sync' || name === 'delay'),
    runtimeFlag('sim: on virtual time; or real nodes: threads, processes', { default: 'sim' }),
    countFlag('clients', 'how many ask at once', { max: clientsMax, default: '10' }),
    countFlag('rate', 'operations a second, of all clients together', { default: '200' }),
    countFlag('ops', 'end after so many operations'),
    textFlag('duration', 'TIME', 'end after so long; else 9s, or as long as --ops take'),
    textFlag('reads', 'SHARE', 'share of gets', { default: '50%' }),
    countFlag('keys', 'how many keys are in use', { max: keysMax, default: '10' }),
    timeoutFlag('1s', 'how long a client waits for an answer'),
    textFlag('nemesis', 'NAMES', 'break by these instead: names of `kvx fault nemesis --list`', {
      multiple: true,
    }),
    textFlag('nemesis-every', 'TIME', 'how often a fault begins; else 1s'),
    seedFlag('the same again (default: drawn, and told)'),
    reportFlag,
    switchFlag('wide', 'one table, however wide'),
  ],
  ...onCommandLine,
});

export const shellProgram = program({
  name: 'shell',
  summary: 'Type commands to a cluster: completion, history, help.',
  description: [
    'The words of scenarios (docs/scenarios.md), one after another, to the cluster that is up, or to one that `cluster up` starts for as long as the shell lasts. Tab completes commands, flags, nodes and keys; Ctrl-C stops the command that runs, Ctrl-D leaves.',
    'Without a terminal it runs what it reads as `kvx run -q` does, on the same cluster.',
  ].join('\n'),
  examples: ['shell', 'shell --runtime sim --seed 7', 'shell --dialect cs380d'],
  flags: [
    runtimeFlag('of a cluster that is started here: threads (default), processes, sim'),
    ...scriptFlags,
  ],
  ...onCommandLine,
  changes: true,
});

export const demoProgram = program({
  name: 'demo',
  summary: 'Five minutes in thirty seconds: up, write, partition, stale read, heal, verify, down.',
  description:
    'Types real commands at a cluster of its own, shows what comes of them, and checks it: exit code 1 when a step does not behave as told.',
  examples: ['demo', 'demo --json'],
  ...onCommandLine,
});

export const helpProgram = program({
  name: 'help',
  summary: 'Show help, like -h; or a page on a topic, such as modes.',
  examples: ['help', 'help cluster up', 'help modes'],
  arguments: [argument('COMMAND', 'words', 'which; or a topic', { optional: true, rest: true })],
  ...onCommandLine,
});
