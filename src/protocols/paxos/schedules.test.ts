/**
 * Random schedules over the hand-moved cluster: everything that may go wrong, in any order, then healing.
 *
 * Asynchronous Paxos must be safe whatever is lost, doubled, delayed or forgotten by a crash; and it must make progress
 * once all is well again.
 */
import { describe, expect, test } from 'vitest';
import type { KeyOperation } from '../../core/operation.js';
import { SeededRandom } from '../../core/random.js';
import { DiskLoss } from '../testing/disk-loss.js';
import { cas, get, put } from '../testing/operations.js';
import { RandomSchedule, type ScheduleClient } from '../testing/random-schedule.js';
import type { Paxos } from './messages.js';
import type { PaxosOptions } from './options.js';
import { PaxosCluster } from './testing/cluster.js';

const seeds = Array.from({ length: Number(process.env['KVX_SEEDS'] ?? 12) }, (_, at) => at + 1);

interface Shape {
  readonly nodes: number;
  readonly failRate?: number;
  /** Members come and go. */
  readonly changes?: boolean;
  /** Now and then a node loses its disk, and comes back as a new member. */
  readonly losses?: boolean;
}

function draw(random: SeededRandom, client: ScheduleClient, value: string): KeyOperation {
  const choice = random.below(10);
  const name = random.pick(['a', 'b']);
  if (choice < 4) return get(name);
  if (choice < 7) return put(name, value);
  // Each client counts in a key of its own, by compare-and-set from what it has counted so far.
  const { counted } = client;
  return cas(`count-${client.name}`, counted === 0 ? null : `${counted}`, `${counted + 1}`);
}

function run(seed: number, { nodes, failRate = 0, changes, losses }: Shape): number {
  const random = new SeededRandom(seed * 7919);
  const names = Array.from({ length: nodes }, (_, at) => `n${at + 1}`);
  const cluster = new PaxosCluster({ nodes: names, seed, options: { failRate } });
  cluster.startAll();
  const loss = new DiskLoss<Paxos, PaxosOptions>();
  const change = () => {
    const node = random.pick(['n4', 'n5']);
    if (!cluster.nodes.includes(node)) cluster.add(node);
    const kind = random.chance(0.6) ? 'add' : 'remove';
    if (cluster.up.length === 0) return;
    cluster.request(random.pick(cluster.up), { type: 'reconfigure', change: kind, node });
  };
  const schedule: RandomSchedule<Paxos, PaxosOptions> = new RandomSchedule({
    ...{ cluster, random, steps: 1500, clients: 4, retries: true, models: ['linearizable'] },
    draw: (client, value) => ({ operation: draw(random, client, value) }),
    extra: () => {
      if (losses) loss.advance(schedule);
      if (changes) change();
    },
    isDone: () => {
      // Whoever is no member is told nothing, and can serve nobody.
      schedule.serving = () => cluster.members;
      if (!loss.isOver) loss.advance(schedule);
      return loss.isOver && cluster.members.length > 0;
    },
  });
  schedule.run();
  cluster.waitUntil(() => cluster.isQuiet);
  expect(new Set(cluster.members.map((node) => cluster.fact(node, 'applied'))).size).toBe(1);
  return (schedule.counts.get('done') ?? 0) + (schedule.counts.get('value') ?? 0);
}

describe('any schedule', () => {
  test.each<[string, Shape]>([
    ['three nodes', { nodes: 3 }],
    ['five nodes', { nodes: 5 }],
    ['acceptors that fail to answer', { nodes: 3, failRate: 0.4 }],
    ['members that come and go', { nodes: 3, changes: true }],
    ['disks that are lost', { nodes: 3, losses: true }],
    ['disks that are lost, five nodes', { nodes: 5, losses: true }],
  ])(
    'keeps every promise and ends well: %s',
    (_, shape) => {
      for (const seed of seeds) {
        try {
          expect(run(seed, shape)).toBeGreaterThan(10);
        } catch (error) {
          throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, {
            cause: error,
          });
        }
      }
    },
    60_000,
  );
});
