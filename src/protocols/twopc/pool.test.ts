import { describe, expect, it } from 'vitest';
import type { Operation } from '../../core/operation.js';
import { get, put, remove, said, txn } from '../testing/operations.js';
import { drop, pass } from '../testing/test-cluster.js';
import { type TwoPhaseCluster, twoPhaseCluster } from './testing/cluster.js';
import { splitDecisions } from './testing/decisions.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];
const voteTimeoutMs = 100;

function settled(names = nodes): TwoPhaseCluster {
  const cluster = twoPhaseCluster({ nodes: names, voteTimeoutMs });
  cluster.wait(50);
  return cluster;
}

function ask(
  cluster: TwoPhaseCluster,
  node: string,
  operation: Operation,
  timeoutMs = 5000,
): string {
  const asked = cluster.request(node, operation, { timeoutMs });
  cluster.waitUntil(() => asked.result !== null, 10_000);
  return said(asked.result);
}

const poolOf = (cluster: TwoPhaseCluster) => cluster.fact('n1', 'pool');

describe('a worker that does not vote', () => {
  it('aborts the transaction, definitely, and leaves the pool', () => {
    const cluster = settled();
    cluster.crash('n4');
    const asked = cluster.request('n2', put('a', '1'));
    cluster.wait(voteTimeoutMs - 10);
    expect(asked.result).toBeNull();
    cluster.wait(30);
    expect(asked.result).toMatchObject({ code: 'unavailable', definite: true });
    expect(said(asked.result)).toBe('definite unavailable');
    expect(poolOf(cluster)).toBe('n2 n3');
    expect(ask(cluster, 'n2', put('a', '2'))).toBe('done');
    expect(ask(cluster, 'n3', get('a'))).toBe('value 2');
  });

  it('leaves it also when clients are less patient than the vote-timeout', () => {
    const cluster = settled();
    cluster.crash('n4');
    for (let tries = 0; tries < 5; tries++) ask(cluster, 'n2', put('a', '1'), 40);
    expect(poolOf(cluster)).toBe('n2 n3');
  });

  it('comes back by itself, with what it has missed, deletions too', () => {
    const cluster = settled();
    for (const name of ['a', 'b', 'c']) ask(cluster, 'n1', put(name, '1'));
    cluster.crash('n4');
    ask(cluster, 'n1', put('b', '2'));
    expect(ask(cluster, 'n1', put('b', '2'))).toBe('done');
    expect(ask(cluster, 'n1', remove('c'))).toBe('done');
    expect(ask(cluster, 'n1', put('d', '2'))).toBe('done');
    cluster.start('n4');
    cluster.waitUntil(() => poolOf(cluster) === 'n2 n3 n4');
    expect(cluster.contents('n4')).toBe('a=1 b=2 d=2');
    cluster.wait(100);
    // What it had is not copied again.
    const copied = cluster.sent.flatMap(({ message }) => {
      return message.type === 'copy' ? message.entries.map((entry) => entry.key) : [];
    });
    expect(new Set(copied)).toEqual(new Set(['b', 'c', 'd']));
    for (const node of nodes) expect(cluster.view(node).unsettledCount).toBe(0);
  });

  it('is never the last: without it nobody had the data', () => {
    const cluster = settled(['n1', 'n2']);
    expect(ask(cluster, 'n1', put('a', '1'))).toBe('done');
    cluster.crash('n2');
    expect(ask(cluster, 'n1', put('a', '2'))).toBe('definite unavailable');
    cluster.wait(300);
    expect(ask(cluster, 'n1', put('a', '3'))).toBe('definite unavailable');
    expect(poolOf(cluster)).toBe('n2');
    cluster.start('n2');
    cluster.wait(100);
    expect(ask(cluster, 'n1', get('a'))).toBe('value 1');
    expect(ask(cluster, 'n1', put('a', '4'))).toBe('done');
  });

  it('leaves the pool together with others, but a coordinator cut off from all drops none', () => {
    const cluster = settled();
    cluster.fate = ({ from, to }) => (from === 'n1' || to === 'n1' ? drop : pass);
    expect(ask(cluster, 'n1', put('a', '1'))).toBe('definite unavailable');
    expect(poolOf(cluster)).toBe('n2 n3 n4');
    cluster.fate = ({ from, to }) =>
      [from, to].some((node) => 'n3 n4'.includes(node)) ? drop : pass;
    cluster.wait(300);
    expect(ask(cluster, 'n1', put('a', '1'))).toBe('definite unavailable');
    expect(poolOf(cluster)).toBe('n2');
    cluster.fate = () => pass;
    cluster.waitUntil(() => poolOf(cluster) === 'n2 n3 n4');
  });
});

describe('who is outside the pool', () => {
  it('shows nothing stale: reads go past it, and an answer it gives late is dropped', () => {
    const cluster = settled();
    ask(cluster, 'n1', put('a', 'old'));
    // n4 gets its messages, and what it says is lost on the way.
    const heldBack: (() => void)[] = [];
    cluster.fate = ({ from, to, message }) => {
      if (from !== 'n4') return pass;
      if (message.type === 'read-result') heldBack.push(() => cluster.forge(from, to, message));
      return message.type === 'alive' ? pass : drop;
    };
    const reads = [1, 2, 3].map(() => cluster.request('n1', get('a')));
    cluster.wait(20);
    expect(heldBack.length).toBeGreaterThan(0);
    expect(ask(cluster, 'n1', put('a', 'new'))).toBe('definite unavailable');
    expect(poolOf(cluster)).toBe('n2 n3');
    expect(ask(cluster, 'n1', put('a', 'new'))).toBe('done');
    for (const say of heldBack) say();
    cluster.wait(200);
    expect(reads.map((read) => said(read.result))).not.toContain('nothing yet');
    for (let tries = 0; tries < 6; tries++) {
      expect(ask(cluster, 'n1', get('a'))).toBe('value new');
    }
  });

  it('is not listened to: what it had been asked is asked of another', () => {
    const cluster = settled();
    ask(cluster, 'n1', put('a', 'old'));
    const heldBack: (() => void)[] = [];
    cluster.fate = ({ from, to, message }) => {
      if (message.type === 'read-result' && from === 'n4') {
        heldBack.push(() => cluster.forge(from, to, message));
      }
      return from === 'n4' && message.type !== 'alive' ? drop : pass;
    };
    const reads = [1, 2, 3].map(() => cluster.request('n1', get('a')));
    cluster.request('n1', put('a', 'new'));
    cluster.waitUntil(() => poolOf(cluster) === 'n2 n3');
    const waiting = () => reads.filter((read) => read.result === null).length;
    expect(waiting()).toBe(1);
    for (const say of heldBack) say();
    cluster.wait(1);
    expect(waiting()).toBe(1);
    cluster.wait(5);
    expect(waiting()).toBe(0);
  });

  it('stays outside when the coordinator restarts: that is durable before a commit without it', () => {
    const cluster = settled();
    cluster.crash('n4');
    ask(cluster, 'n2', put('a', '1'));
    expect(ask(cluster, 'n2', put('a', '2'))).toBe('done');
    cluster.crash('n1');
    cluster.start('n4');
    cluster.start('n1');
    expect(poolOf(cluster)).toBe('n2 n3');
    cluster.waitUntil(() => poolOf(cluster) === 'n2 n3 n4');
    expect(cluster.contents('n4')).toBe('a=2');
  });

  it('catches up while transactions go on, which wait for the last step only', () => {
    const cluster = settled();
    cluster.crash('n4');
    ask(cluster, 'n1', put('a', '0'));
    for (let at = 0; at < 50; at++) ask(cluster, 'n1', put(`k${at}`, 'x'.repeat(20_000)));
    cluster.start('n4');
    const writes: ReturnType<TwoPhaseCluster['request']>[] = [];
    while (poolOf(cluster) !== 'n2 n3 n4') {
      writes.push(cluster.request('n2', put(`w${writes.length % 7}`, `${writes.length}`)));
      cluster.wait(6);
      if (writes.length > 2000) throw new Error('it does not catch up');
    }
    cluster.wait(300);
    const latencies = writes.map((write) => write.answeredAt - write.askedAt);
    expect(Math.max(...latencies)).toBeLessThan(20);
    expect(new Set(writes.map((write) => said(write.result)))).toEqual(new Set(['done']));
    expect(cluster.contents('n4')).toBe(cluster.contents('n2'));
    expect(splitDecisions(cluster)).toEqual([]);
  });
});

describe('the source of a copy', () => {
  it.each(['n1', 'n2', 'n3', 'n4'])(
    'may fail: a crash of %s delays the joiner, no more',
    (victim) => {
      for (let ms = 1; ms < 60; ms += 3) {
        const cluster = settled();
        cluster.crash('n4');
        ask(cluster, 'n1', put('a', '0'));
        for (let at = 0; at < 4; at++) ask(cluster, 'n1', put(`k${at}`, 'x'.repeat(200_000)));
        cluster.start('n4');
        cluster.wait(ms);
        cluster.crash(victim);
        cluster.wait(40);
        cluster.start(victim);
        cluster.wait(3000);
        ask(cluster, 'n1', put('b', '1'));
        cluster.waitUntil(() => poolOf(cluster) === 'n2 n3 n4', 10_000);
        cluster.wait(100);
        expect(cluster.contents('n4')).toBe(cluster.contents('n2'));
      }
    },
  );
});

describe('membership', () => {
  it('grows while running: the new worker copies all, then votes', () => {
    const cluster = settled();
    for (let at = 0; at < 30; at++) ask(cluster, 'n1', put(`k${at}`, `${at}`));
    cluster.apply({ do: 'configure', node: 'n5', nodes: [...nodes, 'n5'] });
    cluster.start('n5');
    cluster.wait(100);
    expect(poolOf(cluster)).toBe('n2 n3 n4');
    const added = { type: 'reconfigure', change: 'add', node: 'n5' } as const;
    expect(ask(cluster, 'n3', added)).toBe('done');
    expect(poolOf(cluster)).toBe('n2 n3 n4 n5');
    expect(cluster.contents('n5')).toBe(cluster.contents('n2'));
    expect(ask(cluster, 'n5', txn(put('k1', 'new'), get('k2')))).toBe('committed 2');
    expect(ask(cluster, 'n3', added)).toBe('done');
    cluster.crash('n1');
    cluster.start('n1');
    cluster.wait(50);
    expect(poolOf(cluster)).toBe('n2 n3 n4 n5');
  });

  it('answers late when the new node is not there yet, and admits it when it comes', () => {
    const cluster = settled();
    const added = { type: 'reconfigure', change: 'add', node: 'n5' } as const;
    expect(ask(cluster, 'n1', added, 200)).toBe('indefinite timeout');
    cluster.apply({ do: 'configure', node: 'n5', nodes: [...nodes, 'n5'] });
    cluster.start('n5');
    cluster.waitUntil(() => poolOf(cluster) === 'n2 n3 n4 n5');
  });

  it('shrinks, but not to nothing; and who is added again begins anew', () => {
    const cluster = settled();
    ask(cluster, 'n1', put('a', '1'));
    const removed = (node: string) => ({ type: 'reconfigure', change: 'remove', node }) as const;
    expect(ask(cluster, 'n2', removed('n4'))).toBe('done');
    expect(ask(cluster, 'n2', put('a', '2'))).toBe('done');
    expect(ask(cluster, 'n2', removed('n3'))).toBe('done');
    expect(ask(cluster, 'n1', removed('n2'))).toBe('definite bad-request');
    expect(ask(cluster, 'n1', removed('n1'))).toBe('definite bad-request');
    expect(ask(cluster, 'n1', { type: 'reconfigure', change: 'add', node: 'n4' })).toBe('done');
    expect(poolOf(cluster)).toBe('n2 n4');
    expect(cluster.contents('n4')).toBe('a=2');
    expect(cluster.durable.get('n4')?.some((record) => record.type === 'reset')).toBe(true);
  });
});

describe('tombstones', () => {
  it('go when every worker has them, and stay as long as one is away', () => {
    const cluster = settled();
    const held = (node: string) => [...cluster.view(node).entries()].length;
    ask(cluster, 'n1', put('a', '1'));
    ask(cluster, 'n1', remove('a'));
    cluster.wait(300);
    expect(nodes.slice(1).map(held)).toEqual([0, 0, 0]);
    ask(cluster, 'n1', put('a', '1'));
    cluster.wait(50);
    cluster.crash('n4');
    ask(cluster, 'n1', remove('a'));
    expect(ask(cluster, 'n1', remove('a'))).toBe('done');
    cluster.wait(500);
    expect(['n2', 'n3'].map(held)).toEqual([1, 1]);
    cluster.start('n4');
    cluster.waitUntil(() => poolOf(cluster) === 'n2 n3 n4');
    expect(cluster.contents('n4')).toBe('');
    cluster.wait(300);
    expect(nodes.slice(1).map(held)).toEqual([0, 0, 0]);
  });
});
