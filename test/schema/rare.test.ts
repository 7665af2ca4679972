/** Documents that it takes rare luck, or long, to make a command print: made of what it would then have found out. */
import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { planBench } from '../../src/bench/plan.js';
import { benchDocument } from '../../src/bench/report.js';
import type { BenchReport } from '../../src/bench/run.js';
import { check } from '../../src/check/check.js';
import { seedDocument } from '../../src/cli/sim/seed-report.js';
import type { SimFlags } from '../../src/cli/sim/sim-plan.js';
import { simDocument } from '../../src/cli/sim/sim-report.js';
import { definiteError, KvxError } from '../../src/core/errors.js';
import { keyFromText } from '../../src/core/key.js';
import { runSeed } from '../../src/explore/seed-run.js';
import { parseHistory } from '../../src/history/read.js';
import { clusterDown, clusterUp } from '../../src/operations/clusters.js';
import { txn } from '../../src/operations/keys.js';
import { verify } from '../../src/operations/looks.js';
import { nemesisEventDocument } from '../../src/operations/nemesis.js';
import { nodeRejoin } from '../../src/operations/nodes.js';
import { failureDocument } from '../../src/render/failure.js';
import { examples } from '../corpus/corpus.js';
import { checkDocument } from './documents.js';

const seen = (name: string, document: unknown): void =>
  checkDocument(name, JSON.parse(JSON.stringify(document)));

const sure = definiteError('cluster', 'it can not be stopped');

test('clusters and nodes', () => {
  const down = { wasUp: true, wiped: false, copyOf: '/elsewhere/dev', tookMs: 1 };
  const stopped = [
    { cluster: 'dev', ...down },
    { cluster: 'other', error: sure },
  ];
  seen('cluster-down', clusterDown.outcomeOf(stopped).json());
  const up = {
    ...{ cluster: 'dev', mode: 'quorum', runtime: 'threads', folder: null, tookMs: 1, now: 0 },
    ...{ outcome: 'resumed' as const, nodes: [], respPlaces: [], metricsPlaces: [] },
    ...{ copying: ['n2'], notes: ['a stale pidfile was cleaned away'] },
    change: { type: 'remove', node: 'n3', pid: 7 },
    faults: [
      {
        ...{ id: 1, words: 'node pause n1', by: 'nemesis pauses', since: 0 },
        effect: { type: 'stopped', node: 'n1', how: 'paused' },
      },
    ],
  } as const;
  seen('cluster-up', clusterUp.outcomeOf(up).json());
  const change = { type: 'rejoin', node: 'n3', pid: null } as const;
  seen('cluster-up', clusterUp.outcomeOf({ ...up, change }).json());
  const aside = '/state/dev/aside/n2';
  const rejoined = { cluster: 'dev', node: 'n2', outcome: 'rejoined', aside, tookMs: 1 } as const;
  seen('node-rejoin', nodeRejoin.outcomeOf(rejoined).json());
  const log = ['the last line'];
  const failures = [
    { node: 'n1', hint: null, log },
    { node: 'n2', hint: 'Do it again.', log },
  ];
  seen('cluster-up', failureDocument(Object.assign(sure, { failures })));
});

test('answers of nodes', () => {
  const error = new KvxError('n2 holds a', { code: 'conflict', definite: true });
  const steps = ['a', 'b'].map((key) => ({
    ...{ type: 'check', key: keyFromText(key), expected: new Uint8Array() },
  })) as Parameters<typeof txn.outcomeOf>[0]['steps'];
  seen('txn', txn.outcomeOf({ steps, outcome: { type: 'conflict', error } }).json());
  const refused = { type: 'refused', reason: 'different', actual: null, version: null } as const;
  seen('txn', txn.outcomeOf({ steps, outcome: { ...refused, node: 'n1' } }).json());
  const held = [
    { node: 'n1', version: null },
    { node: 'n2', version: { stamp: 1, node: 'n1' } },
  ];
  const agreement = {
    ...{ agrees: false, keyCount: 1, copyCount: 2, unreachable: [], unsettled: ['n1'] },
    differences: [{ key: keyFromText('a'), held }],
  };
  seen('verify', verify.outcomeOf(agreement).json());
  const failed = { atMs: 1, tookMs: 1, change: 'failed', by: 'nemesis kills' } as const;
  const event = { ...failed, words: ['node kill n1'], script: [], why: 'it is gone' };
  seen('fault-nemesis', nemesisEventDocument(event));
});

const load: BenchReport = {
  plan: planBench({ ops: 100, clients: 2, seed: 7 }),
  ...{ elapsedMs: 2000, unfinishedCount: 0, doneCount: 0, errorCount: 2, overdueCount: 0 },
  operations: [{ operation: 'get', doneCount: 0, absentCount: 0, errorCount: 2, latencyMs: null }],
  latencyMs: null,
  generator: { threads: 1, busyShare: 0.5 },
  thresholds: [{ text: 'p99<1ms', holds: null, measured: 'nothing' }],
  faults: [{ words: 'fault partition n1', by: null, fromMs: 0, toMs: null }],
  windows: [
    {
      ...{ isFault: true, fromMs: 0, toMs: 2000, doneCount: 0, errorCount: 2, latencyMs: null },
      ...{ faults: ['fault partition n1'], silenceMs: 100, isComparable: true },
      ...{ servedAgainMs: 1000, recoverMs: 500 },
    },
  ],
  errors: [],
  failure: { type: 'error', code: 'timeout', definite: false, message: 'too late' },
  ...{ interrupted: true, verification: null },
  historyFailure: sure,
};

test('a load that goes wrong', () => {
  const measured = { cluster: 'dev', mode: 'quorum', runtime: 'threads', nodeCount: 3 };
  const nemesis = { names: ['kills'], seed: 1, events: [], failure: 'the cluster is not up' };
  seen('bench', benchDocument(load, { ...measured, nemesis }));
  const lost = {
    type: 'read-back',
    passed: false,
    expected: new Uint8Array(),
    found: null,
  } as const;
  seen('bench', benchDocument({ ...load, verification: lost }, measured));
});

test('verdicts on the corpus', async () => {
  for (const { file } of examples().filter(({ name }) => !name.startsWith('twenty'))) {
    const history = parseHistory(readFileSync(file, 'utf8'));
    seen('check', { file, ...(await check(history)) });
  }
});

const flags = { coverage: false, json: true } as SimFlags;

test('simulated runs', () => {
  for (const mode of ['quorum', '2pc', 'gossip', 'paxos'] as const) {
    for (let seed = 1; seed <= 2; seed++) {
      seen('sim', seedDocument(mode, runSeed({ mode, seed }), flags));
    }
  }
  const nemesis = ['kills', 'halves', 'pauses'] as const;
  const bug = { mode: 'paxos', bug: 'paxos-own-value' } as const;
  seen('sim', seedDocument('paxos', runSeed({ mode: 'paxos', seed: 1, nemesis }), flags));
  seen('sim', seedDocument('paxos', runSeed({ ...bug, seed: 1 }), flags));
  const told = {
    mode: 'quorum',
    seed: 1,
    files: ['out/quorum-1.kvx'],
    replay: 'kvx run …',
  } as const;
  const shrunk = { scenario: 'put a 1', seed: 1, lines: 1, sentence: 'lost', runs: 9 };
  const report = { sums: [], threads: 2, elapsedMs: 1, interrupted: false };
  seen(
    'sim',
    simDocument(report, flags, [
      { ...told, shrunk },
      { ...told, shrunk: null },
    ]),
  );
});
