/** Seeded random schedules: loss, duplication, delays, crashes at any moment, snapshots all the time. */
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../core/operation.js';
import { splitDecisions } from './testing/decisions.js';
import { type Asked, Harness } from './testing/harness.js';
import {
  check,
  contentsOf,
  factOf,
  get,
  put,
  remove,
  said,
  textOf,
  txn,
} from './testing/operations.js';
import { explainable } from './testing/serial.js';

const seeds = Number(process.env['KVX_SEEDS'] ?? 60);

/** `spared`: a node that does not crash. */
function stormy(seed: number, spared?: string): Harness {
  const nodes = ['n1', 'n2', 'n3', 'n4'].slice(0, 3 + (seed % 2));
  const harness = new Harness({ nodes, voteTimeoutMs: 60, seed, snapshotEvery: 12 });
  const { random } = harness;
  const [loss, doubles] = [random.next() * 0.15, random.next() * 0.15];
  harness.run(20);
  harness.fate = () => {
    if (random.chance(loss)) return 'drop';
    if (random.chance(doubles)) return 'twice';
    return { delayMs: 0.2 + 3 * random.next() };
  };
  for (let crashes = random.below(5); crashes > 0; crashes--) {
    const node = random.pick(nodes.filter((each) => each !== spared));
    const at = 30 + random.next() * 300;
    harness.at(at, () => harness.crash(node, random.below(harness.unsyncedOf(node) + 1)));
    harness.at(at + random.next() * 150, () => harness.start(node));
  }
  return harness;
}

/** Everything mended, and time enough: all are in the pool, agree, and serve. */
function mend(harness: Harness): void {
  harness.run(500);
  harness.fate = () => 'pass';
  for (const node of harness.nodes) harness.start(node);
  const workers = harness.nodes.slice(1);
  const pool = (): string =>
    String(factOf(harness, 'n1', 'pool'))
      .split(' ')
      .sort()
      .join(' ');
  harness.runUntil(() => pool() === workers.join(' '), 20_000);
  harness.run(300);
  expect(splitDecisions(harness)).toEqual([]);
  expect(new Set(workers.map((worker) => contentsOf(harness, worker))).size).toBe(1);
  for (const node of harness.nodes) expect(harness.view(node).unsettledCount).toBe(0);
  const after = harness.request(workers[0] as string, put('after', '1'));
  harness.run(50);
  expect(said(after.result)).toBe('done');
}

function drawTransaction(harness: Harness, number: number): Operation {
  const { random } = harness;
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
function loseDisk(harness: Harness, victim: string): Loss {
  const loss: Loss = { isForGood: false };
  const change = (kind: 'add' | 'remove', next: () => void): void => {
    const operation = { type: 'reconfigure', change: kind, node: victim } as const;
    const asked = harness.isUp('n1')
      ? harness.request('n1', operation, { timeoutMs: 80 })
      : { result: null };
    harness.at(harness.now + 90, () => {
      if (said(asked.result) === 'definite bad-request') loss.isForGood = true;
      else if (said(asked.result) === 'done') next();
      else change(kind, next);
    });
  };
  const removal = { stamp: 1, existed: true };
  harness.at(40 + harness.random.next() * 200, () => {
    harness.crash(victim, harness.random.below(harness.unsyncedOf(victim) + 1));
    change('remove', () => {
      harness.addMachine(victim);
      harness.start(victim, harness.nodes, { incarnation: 1000, removal });
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
        const harness = loses ? stormy(seed, 'n3') : stormy(seed);
        const loss = loses ? loseDisk(harness, 'n3') : null;
        const history: Asked[] = [];
        for (let at = 0; at < 22; at++) {
          harness.at(25 + harness.random.next() * 330, () => {
            const node = harness.random.pick(harness.nodes);
            if (!harness.isUp(node)) return;
            history.push(harness.request(node, drawTransaction(harness, at), { timeoutMs: 150 }));
          });
        }
        harness.run(400);
        if (loss !== null) harness.runUntil(() => harness.isUp('n3') || loss.isForGood, 20_000);
        if (loss?.isForGood) {
          expect(explainable(history), `seed ${seed}`).toBeNull();
          continue;
        }
        mend(harness);
        const last = harness.request('n2', txn(get('a'), get('b'), get('c')));
        harness.run(50);
        expect(explainable([...history, last]), `seed ${seed}`).toBeNull();
      }
    },
    300_000,
  );

  it(`keep the sum of all accounts, and every acknowledged transfer (${seeds} seeds)`, () => {
    const accounts = ['a', 'b', 'c', 'd'];
    for (let seed = 1; seed <= seeds; seed++) {
      const harness = new Harness({ nodes: ['n1', 'n2', 'n3'], seed });
      harness.run(20);
      harness.request('n1', txn(...accounts.map((account) => put(account, '100'))));
      harness.run(20);
      const storm = transferStorm(harness, accounts);
      harness.run(600);
      mend(harness);
      const total = harness.request('n3', txn(...accounts.map(get)));
      harness.run(20);
      expect(sumOf(total), `seed ${seed}`).toBe(400);
      for (const read of storm.reads) {
        if (read.result?.type === 'committed') expect(sumOf(read), `seed ${seed}`).toBe(400);
      }
      for (const [index, transfer] of storm.transfers.entries()) {
        if (transfer.result?.type !== 'committed') continue;
        expect(contentsOf(harness, 'n2')).toContain(`transfer${index}=done`);
      }
    }
  }, 300_000);
});

function sumOf({ result }: Asked): number {
  if (result?.type !== 'committed') return Number.NaN;
  return result.values.reduce((sum, value) => sum + Number(textOf(value)), 0);
}

/** Clients that read two balances and move money between them if they are still the same. */
function transferStorm(harness: Harness, accounts: readonly string[]) {
  const { random } = harness;
  const reads: Asked[] = [];
  const transfers: Asked[] = [];
  const loss = random.next() * 0.1;
  harness.fate = () => (random.chance(loss) ? 'drop' : { delayMs: random.next() * 2 });
  for (let at = 0; at < 60; at++) {
    harness.at(harness.now + random.next() * 500, () => {
      const node = random.pick(harness.nodes);
      if (!harness.isUp(node)) return;
      const balances = harness.request(node, txn(...accounts.map(get)), { timeoutMs: 100 });
      reads.push(balances);
      harness.at(harness.now + 12, () => {
        if (balances.result?.type !== 'committed' || !harness.isUp(node)) return;
        const held = balances.result.values.map(textOf) as string[];
        const [from, to] = [random.below(2), 2 + random.below(2)];
        const move = (account: number, by: number) => [
          check(accounts[account] as string, held[account] as string),
          put(accounts[account] as string, `${Number(held[account]) + by}`),
        ];
        const receipt = put(`transfer${transfers.length}`, 'done');
        transfers.push(harness.request(node, txn(...move(from, -7), ...move(to, 7), receipt)));
      });
    });
  }
  for (let crashes = random.below(4); crashes > 0; crashes--) {
    const node = random.pick(harness.nodes);
    const at = harness.now + random.next() * 400;
    harness.at(at, () => harness.crash(node, random.below(harness.unsyncedOf(node) + 1)));
    harness.at(at + random.next() * 150, () => harness.start(node));
  }
  return { reads, transfers };
}
