/** What is no mistake, though it looks like one: whatever the seed, nothing may be found. */
import { expect } from 'vitest';
import { Coverage } from '../../src/explore/report.js';
import { simulateSubject, subjectOf } from '../../src/explore/simulate.js';
import { modeNamed, modes } from '../../src/protocols/registry.js';
import { creating } from '../../src/zoo/bug.js';
import { deletesOptions } from './quorum-runs.js';
import { runAll } from './runs.js';

export interface Control {
  readonly name: string;
  readonly mode: string;
  run(seeds: Iterable<number>): Coverage;
  /** What has to happen in each run, on average. */
  readonly atLeast: Readonly<Record<string, number>>;
}

const never = Number.POSITIVE_INFINITY;
const deleting = { get: 5, put: 4, delete: 5, insert: 1, update: 1, cas: 2 };

const ofAllModes: readonly Control[] = modes.flatMap(({ name: mode }) => [
  {
    ...{ name: 'every message comes twice', mode },
    run: (seeds) => runTwice(mode, seeds),
    atLeast: { 'operations: ok': 15, 'fact: messages handled twice': 300 },
  },
  {
    ...{ name: 'nodes are stopped for long', mode },
    run: (seeds) => runAll(mode, seeds, never, { faults: ['pause', 'absence'] }),
    atLeast: { 'operations: ok': 15, 'fault: absence': 1 },
  },
  {
    ...{ name: 'clients give up so soon that they know little of what they did', mode },
    run: (seeds) => runAll(mode, seeds, never, { workload: { clientTimeoutMs: 1, rereading: 0 } }),
    // Nodes of gossip answer at once, or not at all.
    atLeast: { 'operations: info': mode === 'gossip' ? 2 : 10 },
  },
]);

export const controls: readonly Control[] = [
  ...ofAllModes,
  {
    ...{ name: 'tombstones go that all have had', mode: 'quorum' },
    run: (seeds) => runAll('quorum', seeds, never, deletesOptions),
    atLeast: { 'fact: record: collected': 2 },
  },
  {
    ...{ name: 'tombstones go that all have had', mode: 'gossip' },
    run: (seeds) => runAll('gossip', seeds, never, { workload: { mix: deleting } }),
    atLeast: { 'fact: record: horizon': 1 },
  },
];

function runTwice(name: string, seeds: Iterable<number>): Coverage {
  const coverage = new Coverage();
  const mode = modeNamed(name);
  let handled = 0;
  const twice = creating(mode, (setup) => {
    const replica = mode.protocol.create(setup);
    const take = replica.onMessage.bind(replica);
    replica.onMessage = (from, message, ctx) => {
      take(from, message, ctx);
      take(from, message, ctx);
      handled++;
    };
    return replica;
  });
  for (const seed of seeds) {
    handled = 0;
    const report = simulateSubject(subjectOf(twice), { seed });
    expect(report.violations, `seed ${seed}`).toEqual([]);
    const facts = new Map([...report.facts, ['messages handled twice', handled]]);
    coverage.add({ ...report, facts });
  }
  return coverage;
}
