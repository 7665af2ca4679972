/** Random schedules of transactions, snapshots all the time; see `testing/random-schedule.ts`. */
import { describe, expect, it } from 'vitest';
import type { KeyOperation, Transaction } from '../../core/operation.js';
import { SeededRandom } from '../../core/random.js';
import { DiskLoss } from '../testing/disk-loss.js';
import { check, get, put, remove, textOf, txn } from '../testing/operations.js';
import { RandomSchedule } from '../testing/random-schedule.js';
import type { TwoPhaseCommit } from './messages.js';
import type { Options } from './options.js';
import { type TwoPhaseCluster, twoPhaseCluster } from './testing/cluster.js';

const seeds = Number(process.env['KVX_SEEDS'] ?? 20);

/** So small that snapshots are drawn all the time. */
const limits = { snapshotFloorBytes: 700, slice: { recordsMax: 2, bytesMax: 1024 } };

type Draw = (cluster: TwoPhaseCluster, random: SeededRandom, value: string) => Drawn;
type Drawn = KeyOperation | Transaction;

function anyTransaction(_: TwoPhaseCluster, random: SeededRandom, value: string): Drawn {
  const name = () => random.pick(['a', 'b', 'c']);
  const [first, second] = [name(), name()];
  switch (random.below(6)) {
    case 0:
      return get(first);
    case 1:
      return txn(get('a'), get('b'), get('c')) as Transaction;
    case 2:
      return put(first, value);
    case 3:
      return txn(get(first), put(second, value)) as Transaction;
    case 4:
      return txn(put(first, value), remove(second), get(first)) as Transaction;
    default:
      return txn(check(first, null), put(first, value), get(second)) as Transaction;
  }
}

const accounts = ['a', 'b', 'c', 'd'];
const balances = txn(...accounts.map(get)) as Transaction;

/** The last that anybody was told of all balances. */
function lastBalances(cluster: TwoPhaseCluster): (string | null)[] | null {
  const read = cluster.tickets.findLast(({ operation, result }) => {
    return operation === balances && result?.type === 'committed';
  });
  return read?.result?.type === 'committed' ? read.result.values.map(textOf) : null;
}

/** Reads of all balances, and transfers between two if they are still the same. */
function transfer(cluster: TwoPhaseCluster, random: SeededRandom): Drawn {
  const held = lastBalances(cluster);
  if (held === null || random.chance(0.4)) return balances;
  const [from, to] = [random.below(2), 2 + random.below(2)];
  const move = (account: number, by: number) => [
    check(accounts[account] as string, held[account] as string),
    put(accounts[account] as string, `${Number(held[account]) + by}`),
  ];
  return txn(...move(from, -7), ...move(to, 7)) as Transaction;
}

/** `losses`: n3 loses its disk now and then, is removed, starts empty and is added. Returns how many operations were done. */
function run(seed: number, draw: Draw, losses: boolean): number {
  const random = new SeededRandom(seed * 7919);
  const nodes = ['n1', 'n2', 'n3', 'n4'].slice(0, 3 + (seed % 2));
  const cluster = twoPhaseCluster({ nodes, voteTimeoutMs: 60, seed, limits, syncMs: 0.25 });
  cluster.wait(50);
  cluster.ask('n1', txn(...accounts.map((account) => put(account, '100'))));
  cluster.fate = () => 'hold';
  const loss = new DiskLoss<TwoPhaseCommit, Options>(['n3']);
  const poolIsWhole = () =>
    `${cluster.fact('n1', 'pool')}`.split(' ').sort().join() === nodes.slice(1).join();
  const schedule: RandomSchedule<TwoPhaseCommit, Options> = new RandomSchedule({
    ...{ cluster, random, steps: 500, clients: 5, models: ['strict-serializable'] },
    prompt: ['heartbeat', 'alive'],
    initially: txn(...accounts.map((account) => put(account, '100'))) as Transaction,
    draw: (_, value) => ({ operation: draw(cluster, random, value) }),
    extra: () => {
      if (losses) loss.advance(schedule);
    },
    isDone: () => {
      if (!loss.isOver) loss.advance(schedule);
      return loss.isOver && poolIsWhole();
    },
  });
  schedule.run();
  if (draw === transfer) {
    const total = cluster.ask('n2', balances);
    const values = total?.type === 'committed' ? total.values.map(textOf) : [];
    expect(values.reduce((sum, value) => sum + Number(value), 0)).toBe(400);
  }
  const names = ['committed', 'done', 'value'];
  return names.reduce((sum, name) => sum + (schedule.counts.get(name) ?? 0), 0);
}

describe('random schedules', () => {
  it.each<[string, Draw, boolean]>([
    ['of any transactions', anyTransaction, false],
    ['of any transactions, though a worker loses its disk', anyTransaction, true],
    ['of transfers', transfer, false],
  ])(
    `are strictly serializable, and end well: %s (${seeds} seeds)`,
    (_, draw, losses) => {
      let done = 0;
      for (let seed = 1; seed <= seeds; seed++) {
        try {
          done += run(seed, draw, losses);
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          throw new Error(`seed ${seed}: ${why}`, { cause: error });
        }
      }
      expect(done).toBeGreaterThan(5 * seeds);
    },
    300_000,
  );
});
