/** Random schedules over the hand-moved cluster; see `testing/random-schedule.ts`. */
import { describe, expect, test } from 'vitest';
import type { ModelName } from '../../check/models.js';
import type { KeyOperation, Level } from '../../core/operation.js';
import { SeededRandom } from '../../core/random.js';
import { get, put, remove } from '../testing/operations.js';
import { RandomSchedule } from '../testing/random-schedule.js';
import type { Quorum } from './messages.js';
import type { QuorumOptions } from './options.js';
import { QuorumCluster } from './testing/cluster.js';

const count = Number(process.env['KVX_SEEDS'] ?? 30);

/** Nothing but the healing at the end brings what was missed. */
const fast = { antiEntropyMs: 5000, hintsMax: 20 };

interface Shape {
  readonly level: (random: SeededRandom) => Level;
  readonly models: readonly ModelName[];
  readonly options?: Partial<QuorumOptions>;
  /** n1 loses its disk now and then: W - 1 nodes is all that may. */
  readonly losses?: boolean;
  readonly messageLifeMs?: number;
}

/** Mostly one key: what goes wrong goes wrong between operations that meet. */
function draw(random: SeededRandom, value: string): KeyOperation {
  const name = random.pick(['a', 'a', 'a', 'a', 'b']);
  const choice = random.below(15);
  if (choice < 6) return put(name, value);
  return choice < 13 ? get(name) : remove(name);
}

/** Returns how many operations were done. */
function run(seed: number, shape: Shape): number {
  const { level, models, options = fast, losses, messageLifeMs } = shape;
  const random = new SeededRandom(seed);
  const cluster = new QuorumCluster({ nodes: 4, options });
  let losesAt = 0;
  const schedule: RandomSchedule<Quorum, QuorumOptions> = new RandomSchedule({
    ...{
      cluster,
      random,
      prompt: ['heartbeat'],
      steps: 400,
      clients: 4,
      models,
      reorders: true,
      skews: true,
    },
    ...(messageLifeMs === undefined ? {} : { messageLifeMs }),
    draw: (_, value) => ({ operation: draw(random, value), level: level(random) }),
    finalLevel: 'all',
    extra: () => {
      if (!losses || cluster.now < losesAt) return;
      if (cluster.isUp('n1')) cluster.crash('n1');
      // What it had sent goes with its connections, which its peers replace.
      cluster.take(({ from }) => from === 'n1');
      cluster.apply({ do: 'wipe', node: 'n1' });
      cluster.start('n1', { incarnation: 1000 + cluster.choices.length, removal: null });
      losesAt = cluster.now + 1000;
    },
  });
  schedule.run();
  return (schedule.counts.get('done') ?? 0) + (schedule.counts.get('value') ?? 0);
}

function always(shape: Shape, seeds = count): void {
  let done = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      done += run(seed, shape);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`seed ${seed}: ${why}`, { cause: error });
    }
  }
  expect(done).toBeGreaterThan(15 * seeds);
}

describe('whatever is lost, repeated, reordered, stopped or crashed', () => {
  test('level linearizable is atomic, and after healing all replicas agree', () => {
    always({ level: () => 'linearizable', models: ['linearizable'] });
  }, 60_000);

  test('level quorum is regular, skewed clocks or not, and after healing all replicas agree', () => {
    always({ level: () => 'quorum', models: ['regular'] });
  }, 60_000);

  test('with any mixture of levels replicas agree in the end', () => {
    const levels = ['one', 'two', 'quorum', 'all', 'linearizable'] as const;
    always({ level: (random) => random.pick(levels), models: [] });
  }, 60_000);

  test('the same, though a replica loses its disk', () => {
    always({ level: () => 'quorum', models: ['regular'], losses: true }, count / 2);
    always({ level: () => 'linearizable', models: ['linearizable'], losses: true }, count / 2);
  }, 60_000);

  test('tombstones are collected and nothing rises from the dead', () => {
    const options = { ...fast, graceMs: 500, heartbeatMs: 50, suspicionMs: 200, resendMs: 100 };
    always({ level: () => 'quorum', models: ['regular'], options, messageLifeMs: 300 });
  }, 60_000);
});
