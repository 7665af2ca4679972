/** What `kvx bench` is told. */
import {
  benchDefaults,
  clientsMax,
  distributions,
  keysMax,
  pipelineMax,
  threadsMax,
} from '../bench/plan.js';
import { loadNames, namedLoads } from '../bench/workloads.js';
import { everyDefault } from '../faults/nemeses.js';
import type { FlagSpec } from './flags.js';
import {
  argument,
  countFlag,
  levelFlag,
  nodeFlag,
  seedFlag,
  switchFlag,
  textFlag,
  timeoutFlag,
} from './flags.js';
import type { Described } from './operation.js';

export const historyFlag = textFlag(
  'history',
  'FILE',
  'write down, as JSON lines, what clients asked and were told: for `kvx check`',
);

export const reportFlag = textFlag(
  'report',
  'FILE',
  'write a page for a browser that tells all of it: docs/report.md',
);

/** No defaults among them: what a workload has no use for is refused, so it must be known what was said. */
const mixFlags: readonly FlagSpec[] = [
  textFlag('reads', 'SHARE', `share of gets; else ${benchDefaults.reads}`),
  textFlag('deletes', 'SHARE', 'share of deletes; else none'),
  textFlag('cas', 'SHARE', 'share of conditional puts, of what was seen last; else none'),
  textFlag('distribution', 'NAME', `which keys: ${Object.keys(distributions).join(', ')}`, {
    options: Object.keys(distributions),
  }),
  switchFlag('fill', 'put every key once before all else'),
];

const sizeFlags: readonly FlagSpec[] = [
  countFlag('keys', `how many keys are in use; else ${benchDefaults.keys}`, { max: keysMax }),
  textFlag('key-size', 'SIZE', 'zeros make each key so long; else as long as it is'),
  textFlag('value-size', 'SIZE', `such as 100 or 1KiB; else ${benchDefaults.valueSize}`),
];

const loopFlags: readonly FlagSpec[] = [
  countFlag('clients', `how many ask at once; else ${benchDefaults.clients}`, { max: clientsMax }),
  countFlag('pipeline', 'operations that each client has under way; else 1', {
    max: pipelineMax,
  }),
  textFlag('rate', 'PER-SECOND', 'an open loop: so many operations a second are due'),
  countFlag('ops', 'end after so many operations'),
  textFlag('duration', 'TIME', `end after so long; else ${benchDefaults.duration}`),
  textFlag('warm-up', 'TIME', 'so long before that, load that is not measured'),
  countFlag('threads', 'how many put load on the cluster; else as the machine has room', {
    max: threadsMax,
  }),
  switchFlag('spread', 'clients share all nodes, also where one leads and answers soonest'),
];

const answerFlags: readonly FlagSpec[] = [
  textFlag('threshold', 'BOUNDS', "exit with 1 unless it is kept: 'p99<50ms', 'errors<1%'", {
    multiple: true,
  }),
  switchFlag('check', 'judge what clients saw: exit with 1 unless the mode kept its promise'),
  historyFlag,
  reportFlag,
  textFlag('csv', 'FILE', 'write down each second, as a table'),
  textFlag('hdr', 'FILE', 'write down each second, as a log of HdrHistogram'),
  switchFlag('wide', 'all columns, however wide'),
];

const nemesisFlags: readonly FlagSpec[] = [
  textFlag('nemesis', 'NAMES', 'meanwhile break the cluster: names of `kvx fault nemesis --list`', {
    multiple: true,
  }),
  textFlag('nemesis-every', 'TIME', `how often a fault begins; else ${everyDefault}`),
];

export const benchWords: Described = {
  name: 'bench',
  summary: 'Put load on the cluster; print throughput, errors and latencies.',
  description: [
    'rapidset N: one key, 1234, N times, each set acknowledged before the next; then the last one is read back.',
    'multiset N: N different keys, as fast as they go; then replicas are compared, as by `kvx verify`.',
    'Of these, a set that fails is tried again for up to half a minute. Exit code 1 when what was set is not there.',
    ...loadNames.map((name) => `${name}: ${namedLoads[name].summary}.`),
    'Without a name: gets, puts, deletes and cas of random keys. Of all but the first two, what fails is counted.',
    '',
    'Clients form a closed loop: each asks again when it has its answer. A cluster that stalls is asked less, so its latencies look better than they would to users who come when they please (coordinated omission). With --rate operations are due at that rate whatever came of those before, and are measured from when they were due.',
    'Where one node leads (modes paxos and 2pc), clients go there as soon as any node has told them who it is; with --spread, --history, --check, --report or --nemesis each begins with another node, as everywhere else.',
    'When something is broken meanwhile, by --nemesis or any other command, figures are given for before, during and after it, and how long clients were not served: less than four fifths of before.',
    '--threshold: [OPERATION.]p50, p99, p99.9, max with a time; errors with a share; rate with a number; recover, the slowest recovery after a fault, with a time.',
    'With --history, --check or --report, keys have names of this run alone, so that they begin absent, and one thread asks. --check and --report keep all in memory, some 3 kB an operation, and end after 100,000; a report has the verdict in it, too, and the trace where the cluster keeps one. In quorum mode with a trace it lays stale reads beside what PBS predicts.',
    'A definite error surely had no effect; of an indefinite one nobody knows. Ctrl-C prints what was measured so far.',
  ].join('\n'),
  examples: [
    'bench rapidset 1000',
    'bench ycsb-b --clients 128 --duration 30s',
    "bench --rate 2000 --threshold 'p99<50ms'",
    'bench register --nemesis kills --report r.html',
    'bench --keys 10 --duration 5s --history h.jsonl',
  ],
  arguments: [
    argument('WORKLOAD', 'words', 'a name, see below; else a mix by hand', { optional: true }),
    argument('COUNT', 'words', 'of rapidset and multiset: how many', { optional: true }),
  ],
  flags: [
    levelFlag,
    { ...nodeFlag, description: 'ask through this node alone; else see --spread' },
    timeoutFlag('5s'),
    ...loopFlags,
    ...mixFlags,
    ...sizeFlags,
    ...answerFlags,
    ...nemesisFlags,
    seedFlag('the same operations again, and faults'),
  ],
  capabilities: ['be measured'],
};
