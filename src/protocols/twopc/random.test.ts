/** Seeded random schedules: loss, duplication, delays, crashes at any moment, snapshots all the time. */
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../core/operation.js';
import type { Ticket } from '../../sim/manual.js';
import { check, get, put, remove, said, textOf, txn } from '../testing/operations.js';
import { drop, pass, twice } from '../testing/test-cluster.js';
import { type TwoPhaseCluster, twoPhaseCluster } from './testing/cluster.js';
import { splitDecisions } from './testing/decisions.js';
import { explainable } from './testing/serial.js';

const seeds = Number(process.env['KVX_SEEDS'] ?? 40);

/** So small that snapshots are drawn all the time. */
const limits = { snapshotFloorBytes: 700, slice: { recordsMax: 2, bytesMax: 1024 } };

function crash(cluster: TwoPhaseCluster, node: string): void {
  const { random } = cluster.world;
  const how = random.chance(0.2) ? 'kill' : 'power';
  cluster.crash(node, random.pick(['lost', 'torn', 'kept']), how);
}

/** `spared`: a node that does not crash. */
function stormy(seed: number, spared?: string): TwoPhaseCluster {
  const nodes = ['n1', 'n2', 'n3', 'n4'].slice(0, 3 + (seed % 2));
  const cluster = twoPhaseCluster({ nodes, voteTimeoutMs: 60, seed, limits, syncMs: 0.25 });
  const { random } = cluster.world;
  const [loss, doubles] = [random.next() * 0.15, random.next() * 0.15];
  cluster.wait(20);
  cluster.fate = () => {
    if (random.chance(loss)) return drop;
    if (random.chance(doubles)) return twice;
    return [0.2 + 3 * random.next()];
  };
  for (let crashes = random.below(5); crashes > 0; crashes--) {
    const node = random.pick(nodes.filter((each) => each !== spared));
    const at = 30 + random.next() * 300;
    cluster.world.at(at, () => crash(cluster, node));
    cluster.world.at(at + random.next() * 150, () => cluster.start(node));
  }
  return cluster;
}

/** Everything mended, and time enough: all are in the pool, agree, and serve. */
function mend(cluster: TwoPhaseCluster): void {
  cluster.wait(500);
  cluster.fate = () => pass;
  for (const node of cluster.nodes) cluster.start(node);
  const workers = cluster.nodes.slice(1);
  const pool = (): string => String(cluster.fact('n1', 'pool')).split(' ').sort().join(' ');
  cluster.waitUntil(() => pool() === workers.join(' '), 20_000);
  cluster.wait(300);
  expect(splitDecisions(cluster)).toEqual([]);
  expect(new Set(workers.map((worker) => cluster.contents(worker))).size).toBe(1);
  for (const node of cluster.nodes) expect(cluster.view(node).unsettledCount).toBe(0);
  const after = cluster.request(workers[0] as string, put('after', '1'));
  cluster.wait(50);
  expect(said(after.result)).toBe('done');
}

function drawTransaction(cluster: TwoPhaseCluster, number: number): Operation {
  const { random } = cluster.world;
  const name = () => random.pick(['a', 'b', 'c']);
  const [first, second] = [name(), name()];
  switch (random.below(6)) {
    case 0:
      return get(first);
    case 1:
      return txn(get('a'), get('b'), get('c'));
    case 2:
      return put(first, `v${number}`);
    case 3:
      return txn(get(first), put(second, `v${number}`));
    case 4:
      return txn(put(first, `v${number}`), remove(second), get(first));
    default:
      return txn(check(first, null), put(first, `v${number}`), get(second));
  }
}

interface Loss {
  /** It was the last of the pool: what it held is nowhere else, and it is not let in without. */
  isForGood: boolean;
}

/** A worker's disk is replaced: it is removed, started empty and added, each step asked for until it is done. */
function loseDisk(cluster: TwoPhaseCluster, victim: string): Loss {
  const loss: Loss = { isForGood: false };
  const change = (kind: 'add' | 'remove', next: () => void): void => {
    const operation = { type: 'reconfigure', change: kind, node: victim } as const;
    const asked = cluster.isUp('n1')
      ? cluster.request('n1', operation, { timeoutMs: 80 })
      : { result: null };
    cluster.world.at(cluster.now + 90, () => {
      if (said(asked.result) === 'definite bad-request') loss.isForGood = true;
      else if (said(asked.result) === 'done') next();
      else change(kind, next);
    });
  };
  const removal = { stamp: 1, existed: true };
  cluster.world.at(40 + cluster.world.random.next() * 200, () => {
    crash(cluster, victim);
    change('remove', () => {
      cluster.apply({ do: 'wipe', node: victim });
      cluster.start(victim, { incarnation: 1000, removal });
      change('add', () => {});
    });
  });
  return loss;
}

describe('random schedules', () => {
  it.each([
    ['', false],
    [', though a worker loses its disk', true],
  ] as const)(
    `leave histories of transactions strictly serializable (${seeds} seeds)%s`,
    (_, loses) => {
      for (let seed = 1; seed <= seeds; seed++) {
        const cluster = loses ? stormy(seed, 'n3') : stormy(seed);
        const loss = loses ? loseDisk(cluster, 'n3') : null;
        const history: Ticket[] = [];
        for (let at = 0; at < 22; at++) {
          cluster.world.at(25 + cluster.world.random.next() * 330, () => {
            const node = cluster.world.random.pick(cluster.nodes);
            if (!cluster.isUp(node)) return;
            history.push(cluster.request(node, drawTransaction(cluster, at), { timeoutMs: 150 }));
          });
        }
        cluster.wait(400);
        if (loss !== null) cluster.waitUntil(() => cluster.isUp('n3') || loss.isForGood, 20_000);
        if (loss?.isForGood) {
          expect(explainable(history), `seed ${seed}`).toBeNull();
          continue;
        }
        mend(cluster);
        const last = cluster.request('n2', txn(get('a'), get('b'), get('c')));
        cluster.wait(50);
        expect(explainable([...history, last]), `seed ${seed}`).toBeNull();
      }
    },
    300_000,
  );

  it(`keep the sum of all accounts, and every acknowledged transfer (${seeds} seeds)`, () => {
    const accounts = ['a', 'b', 'c', 'd'];
    for (let seed = 1; seed <= seeds; seed++) {
      const cluster = twoPhaseCluster({ nodes: ['n1', 'n2', 'n3'], seed });
      cluster.wait(20);
      cluster.request('n1', txn(...accounts.map((account) => put(account, '100'))));
      cluster.wait(20);
      const storm = transferStorm(cluster, accounts);
      cluster.wait(600);
      mend(cluster);
      const total = cluster.request('n3', txn(...accounts.map(get)));
      cluster.wait(20);
      expect(sumOf(total), `seed ${seed}`).toBe(400);
      for (const read of storm.reads) {
        if (read.result?.type === 'committed') expect(sumOf(read), `seed ${seed}`).toBe(400);
      }
      for (const [index, transfer] of storm.transfers.entries()) {
        if (transfer.result?.type !== 'committed') continue;
        expect(cluster.contents('n2')).toContain(`transfer${index}=done`);
      }
    }
  }, 300_000);
});

function sumOf({ result }: Ticket): number {
  if (result?.type !== 'committed') return Number.NaN;
  return result.values.reduce((sum, value) => sum + Number(textOf(value)), 0);
}

/** Clients that read two balances and move money between them if they are still the same. */
function transferStorm(cluster: TwoPhaseCluster, accounts: readonly string[]) {
  const { random } = cluster.world;
  const reads: Ticket[] = [];
  const transfers: Ticket[] = [];
  const loss = random.next() * 0.1;
  cluster.fate = () => (random.chance(loss) ? drop : [random.next() * 2]);
  for (let at = 0; at < 60; at++) {
    cluster.world.at(cluster.now + random.next() * 500, () => {
      const node = random.pick(cluster.nodes);
      if (!cluster.isUp(node)) return;
      const balances = cluster.request(node, txn(...accounts.map(get)), { timeoutMs: 100 });
      reads.push(balances);
      cluster.world.at(cluster.now + 12, () => {
        if (balances.result?.type !== 'committed' || !cluster.isUp(node)) return;
        const held = balances.result.values.map(textOf) as string[];
        const [from, to] = [random.below(2), 2 + random.below(2)];
        const move = (account: number, by: number) => [
          check(accounts[account] as string, held[account] as string),
          put(accounts[account] as string, `${Number(held[account]) + by}`),
        ];
        const receipt = put(`transfer${transfers.length}`, 'done');
        transfers.push(cluster.request(node, txn(...move(from, -7), ...move(to, 7), receipt)));
      });
    });
  }
  for (let crashes = random.below(4); crashes > 0; crashes--) {
    const node = random.pick(cluster.nodes);
    const at = cluster.now + random.next() * 400;
    cluster.world.at(at, () => crash(cluster, node));
    cluster.world.at(at + random.next() * 150, () => cluster.start(node));
  }
  return { reads, transfers };
}
