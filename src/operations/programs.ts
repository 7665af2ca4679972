/** Operations that are programs of their own: a command does them itself, a script has kvx do them in a process beside it. */
import { benchDefaults, clientsMax, keysMax } from '../bench/plan.js';
import { textOfBytes } from '../core/bytes.js';
import { KvxError } from '../core/errors.js';
import { type AnswerKind, exitCodes } from '../render/failure.js';
import type { FlagSpec } from './arguments.js';
import type { RanKvx } from './context.js';
import { levelFlag, nodeFlag, timeoutFlag } from './flags.js';
import type { Given } from './given.js';
import { type OperationEntry, type OperationWords, operation } from './operation.js';

function program(words: OperationWords): OperationEntry {
  const isOnCluster = words.on === undefined;
  return operation<RanKvx>({
    ...words,
    changes: false,
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

const text = (name: string, helpValue: string, description: string): FlagSpec => ({
  ...{ name, kind: 'text', helpValue, description },
});

const count = (name: string, description: string, max = Number.MAX_SAFE_INTEGER): FlagSpec => ({
  ...{ name, kind: 'count', description, min: 1, max },
});

/** No defaults among them: what a workload has no use for is refused, so it must be known what was said. */
const loadFlags: readonly FlagSpec[] = [
  count('clients', `how many ask at once; else ${benchDefaults.clients}`, clientsMax),
  count('ops', 'end after so many operations'),
  text('duration', 'TIME', `end after so long; else ${benchDefaults.duration}`),
  text('reads', 'SHARE', `share of gets; else ${benchDefaults.reads}`),
  count('keys', `how many keys are in use; else ${benchDefaults.keys}`, keysMax),
  text('value-size', 'SIZE', `such as 100 or 1KiB; else ${benchDefaults.valueSize}`),
  { name: 'wide', kind: 'switch', description: 'all columns, however wide' },
  text(
    'history',
    'FILE',
    'write down, as JSON lines, what clients asked and were told: for `kvx check`',
  ),
  {
    name: 'seed',
    kind: 'count',
    helpValue: 'NUMBER',
    description: 'the same operations again',
    min: 0,
  },
];

export const benchProgram = program({
  name: 'bench',
  summary: 'Put load on the cluster; print throughput, errors and latencies.',
  description: [
    'rapidset N: one key, 1234, N times, each set acknowledged before the next; then the last one is read back.',
    'multiset N: N different keys, as fast as they go; then replicas are compared, as by `kvx verify`.',
    'Of these, a set that fails is tried again for up to half a minute. Exit code 1 when what was set is not there.',
    'Without a name: gets and puts of random keys; what fails is counted. Values are unique to each write.',
    '',
    'Clients form a closed loop: each asks again when it has its answer. A cluster that stalls is asked less, so its latencies look better than they would to users who come when they please (coordinated omission).',
    'With --history, keys of the mix have names of this run alone, so that they begin absent.',
    'A definite error surely had no effect; of an indefinite one nobody knows. Ctrl-C prints what was measured so far.',
  ].join('\n'),
  examples: [
    'bench rapidset 1000',
    'bench multiset 100000 --clients 256',
    'bench --reads 90% --duration 30s --history h.jsonl',
  ],
  arguments: [
    {
      name: 'WORKLOAD',
      kind: 'words',
      description: 'rapidset or multiset; else a mix of gets and puts',
      optional: true,
    },
    {
      name: 'COUNT',
      kind: 'words',
      description: 'of rapidset and multiset: how many',
      optional: true,
    },
  ],
  flags: [
    levelFlag,
    { ...nodeFlag, description: 'ask through this node alone; else clients share all' },
    timeoutFlag('5s'),
    ...loadFlags,
  ],
  capabilities: ['be measured'],
});

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
  arguments: [{ name: 'HISTORY', kind: 'words', description: 'the file; - for standard input' }],
  flags: [
    text('model', 'NAMES', 'judge these only, such as linearizable,causal'),
    timeoutFlag('60s', 'what is not decided by then is unknown'),
    {
      ...text('memory', 'SIZE', 'what a search may hold in memory; past it, unknown'),
      default: '1GB',
    },
    {
      ...text(
        'quiet',
        'TIME',
        'how long after the last write all must read the same to be called convergent',
      ),
      default: '10s',
    },
    text(
      'initial',
      'VALUE',
      'what every key held at first; else nothing, or what the history shows',
    ),
    text('format', 'FORMAT', 'jsonl, edn, log or timed; else told from the first line'),
    text('export', 'FILE', 'also write the history as EDN, so that other checkers can judge'),
  ],
  on: 'nothing',
});
