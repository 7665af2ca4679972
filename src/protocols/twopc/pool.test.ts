import { describe, expect, it } from 'vitest';
import { splitDecisions } from './testing/decisions.js';
import { Harness } from './testing/harness.js';
import { contentsOf, factOf, get, put, remove, said, txn } from './testing/operations.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];
const voteTimeoutMs = 100;

function settled(names = nodes): Harness {
  const harness = new Harness({ nodes: names, voteTimeoutMs });
  harness.run(50);
  return harness;
}

function ask(
  harness: Harness,
  node: string,
  operation: Parameters<Harness['request']>[1],
  timeoutMs = 5000,
): string {
  const asked = harness.request(node, operation, { timeoutMs });
  harness.runUntil(() => asked.result !== null, 10_000);
  return said(asked.result);
}

const poolOf = (harness: Harness) => factOf(harness, 'n1', 'pool');

describe('a worker that does not vote', () => {
  it('aborts the transaction, definitely, and leaves the pool', () => {
    const harness = settled();
    harness.crash('n4');
    const asked = harness.request('n2', put('a', '1'));
    harness.run(voteTimeoutMs - 10);
    expect(asked.result).toBeNull();
    harness.run(30);
    expect(asked.result).toMatchObject({ code: 'unavailable', definite: true });
    expect(said(asked.result)).toBe('definite unavailable');
    expect(poolOf(harness)).toBe('n2 n3');
    expect(ask(harness, 'n2', put('a', '2'))).toBe('done');
    expect(ask(harness, 'n3', get('a'))).toBe('value 2');
  });

  it('leaves it also when clients are less patient than the vote-timeout', () => {
    const harness = settled();
    harness.crash('n4');
    for (let tries = 0; tries < 5; tries++) ask(harness, 'n2', put('a', '1'), 40);
    expect(poolOf(harness)).toBe('n2 n3');
  });

  it('comes back by itself, with what it has missed, deletions too', () => {
    const harness = settled();
    for (const name of ['a', 'b', 'c']) ask(harness, 'n1', put(name, '1'));
    harness.crash('n4');
    ask(harness, 'n1', put('b', '2'));
    expect(ask(harness, 'n1', put('b', '2'))).toBe('done');
    expect(ask(harness, 'n1', remove('c'))).toBe('done');
    expect(ask(harness, 'n1', put('d', '2'))).toBe('done');
    harness.start('n4');
    harness.runUntil(() => poolOf(harness) === 'n2 n3 n4');
    expect(contentsOf(harness, 'n4')).toBe('a=1 b=2 d=2');
    harness.run(100);
    // What it had is not copied again.
    const copied = harness.sent.flatMap(({ message }) => {
      return message.type === 'copy' ? message.entries.map((entry) => entry.key) : [];
    });
    expect(new Set(copied)).toEqual(new Set(['b', 'c', 'd']));
    for (const node of nodes) expect(harness.view(node).unsettledCount).toBe(0);
  });

  it('is never the last: without it nobody had the data', () => {
    const harness = settled(['n1', 'n2']);
    expect(ask(harness, 'n1', put('a', '1'))).toBe('done');
    harness.crash('n2');
    expect(ask(harness, 'n1', put('a', '2'))).toBe('definite unavailable');
    harness.run(300);
    expect(ask(harness, 'n1', put('a', '3'))).toBe('definite unavailable');
    expect(poolOf(harness)).toBe('n2');
    harness.start('n2');
    harness.run(100);
    expect(ask(harness, 'n1', get('a'))).toBe('value 1');
    expect(ask(harness, 'n1', put('a', '4'))).toBe('done');
  });

  it('leaves the pool together with others, but a coordinator cut off from all drops none', () => {
    const harness = settled();
    harness.fate = (from, to) => (from === 'n1' || to === 'n1' ? 'drop' : 'pass');
    expect(ask(harness, 'n1', put('a', '1'))).toBe('definite unavailable');
    expect(poolOf(harness)).toBe('n2 n3 n4');
    harness.fate = (from, to) =>
      [from, to].some((node) => 'n3 n4'.includes(node)) ? 'drop' : 'pass';
    harness.run(300);
    expect(ask(harness, 'n1', put('a', '1'))).toBe('definite unavailable');
    expect(poolOf(harness)).toBe('n2');
    harness.fate = () => 'pass';
    harness.runUntil(() => poolOf(harness) === 'n2 n3 n4');
  });
});

describe('who is outside the pool', () => {
  it('shows nothing stale: reads go past it, and an answer it gives late is dropped', () => {
    const harness = settled();
    ask(harness, 'n1', put('a', 'old'));
    // n4 gets its messages, and what it says is lost on the way.
    const heldBack: (() => void)[] = [];
    harness.fate = (from, to, message) => {
      if (from !== 'n4') return 'pass';
      if (message.type === 'read-result') heldBack.push(() => harness.deliver(from, to, message));
      return message.type === 'alive' ? 'pass' : 'drop';
    };
    const reads = [1, 2, 3].map(() => harness.request('n1', get('a')));
    harness.run(20);
    expect(heldBack.length).toBeGreaterThan(0);
    expect(ask(harness, 'n1', put('a', 'new'))).toBe('definite unavailable');
    expect(poolOf(harness)).toBe('n2 n3');
    expect(ask(harness, 'n1', put('a', 'new'))).toBe('done');
    for (const say of heldBack) say();
    harness.run(200);
    expect(reads.map((read) => said(read.result))).not.toContain('nothing yet');
    for (let tries = 0; tries < 6; tries++) {
      expect(ask(harness, 'n1', get('a'))).toBe('value new');
    }
  });

  it('is not listened to: what it had been asked is asked of another', () => {
    const harness = settled();
    ask(harness, 'n1', put('a', 'old'));
    const heldBack: (() => void)[] = [];
    harness.fate = (from, to, message) => {
      if (message.type === 'read-result' && from === 'n4') {
        heldBack.push(() => harness.deliver(from, to, message));
      }
      return from === 'n4' && message.type !== 'alive' ? 'drop' : 'pass';
    };
    const reads = [1, 2, 3].map(() => harness.request('n1', get('a')));
    harness.request('n1', put('a', 'new'));
    harness.runUntil(() => poolOf(harness) === 'n2 n3');
    const waiting = () => reads.filter((read) => read.result === null).length;
    expect(waiting()).toBe(1);
    for (const say of heldBack) say();
    harness.run(1);
    expect(waiting()).toBe(1);
    harness.run(5);
    expect(waiting()).toBe(0);
  });

  it('stays outside when the coordinator restarts: that is durable before a commit without it', () => {
    const harness = settled();
    harness.crash('n4');
    ask(harness, 'n2', put('a', '1'));
    expect(ask(harness, 'n2', put('a', '2'))).toBe('done');
    harness.crash('n1');
    harness.start('n4');
    harness.start('n1');
    expect(poolOf(harness)).toBe('n2 n3');
    harness.runUntil(() => poolOf(harness) === 'n2 n3 n4');
    expect(contentsOf(harness, 'n4')).toBe('a=2');
  });

  it('catches up while transactions go on, which wait for the last step only', () => {
    const harness = settled();
    harness.crash('n4');
    ask(harness, 'n1', put('a', '0'));
    for (let at = 0; at < 50; at++) ask(harness, 'n1', put(`k${at}`, 'x'.repeat(20_000)));
    harness.start('n4');
    const writes: ReturnType<Harness['request']>[] = [];
    while (poolOf(harness) !== 'n2 n3 n4') {
      writes.push(harness.request('n2', put(`w${writes.length % 7}`, `${writes.length}`)));
      harness.run(6);
      if (writes.length > 2000) throw new Error('it does not catch up');
    }
    harness.run(300);
    const latencies = writes.map((write) => write.answeredAt - write.at);
    expect(Math.max(...latencies)).toBeLessThan(20);
    expect(new Set(writes.map((write) => said(write.result)))).toEqual(new Set(['done']));
    expect(contentsOf(harness, 'n4')).toBe(contentsOf(harness, 'n2'));
    expect(splitDecisions(harness)).toEqual([]);
  });
});

describe('the source of a copy', () => {
  it.each(['n1', 'n2', 'n3', 'n4'])(
    'may fail: a crash of %s delays the joiner, no more',
    (victim) => {
      for (let ms = 1; ms < 60; ms += 2) {
        const harness = settled();
        harness.crash('n4');
        ask(harness, 'n1', put('a', '0'));
        for (let at = 0; at < 4; at++) ask(harness, 'n1', put(`k${at}`, 'x'.repeat(200_000)));
        harness.start('n4');
        harness.run(ms);
        harness.crash(victim);
        harness.run(40);
        harness.start(victim);
        harness.run(3000);
        ask(harness, 'n1', put('b', '1'));
        harness.runUntil(() => poolOf(harness) === 'n2 n3 n4', 10_000);
        harness.run(100);
        expect(contentsOf(harness, 'n4')).toBe(contentsOf(harness, 'n2'));
      }
    },
  );
});

describe('membership', () => {
  it('grows while running: the new worker copies all, then votes', () => {
    const harness = settled();
    for (let at = 0; at < 30; at++) ask(harness, 'n1', put(`k${at}`, `${at}`));
    harness.addMachine('n5');
    harness.start('n5', [...nodes, 'n5']);
    harness.run(100);
    expect(poolOf(harness)).toBe('n2 n3 n4');
    const added = { type: 'reconfigure', change: 'add', node: 'n5' } as const;
    expect(ask(harness, 'n3', added)).toBe('done');
    expect(poolOf(harness)).toBe('n2 n3 n4 n5');
    expect(contentsOf(harness, 'n5')).toBe(contentsOf(harness, 'n2'));
    expect(ask(harness, 'n5', txn(put('k1', 'new'), get('k2')))).toBe('committed 2');
    expect(ask(harness, 'n3', added)).toBe('done');
    harness.crash('n1');
    harness.start('n1');
    harness.run(50);
    expect(poolOf(harness)).toBe('n2 n3 n4 n5');
  });

  it('answers late when the new node is not there yet, and admits it when it comes', () => {
    const harness = settled();
    const added = { type: 'reconfigure', change: 'add', node: 'n5' } as const;
    expect(ask(harness, 'n1', added, 200)).toBe('indefinite timeout');
    harness.addMachine('n5');
    harness.start('n5', [...nodes, 'n5']);
    harness.runUntil(() => poolOf(harness) === 'n2 n3 n4 n5');
  });

  it('shrinks, but not to nothing; and who is added again begins anew', () => {
    const harness = settled();
    ask(harness, 'n1', put('a', '1'));
    const removed = (node: string) => ({ type: 'reconfigure', change: 'remove', node }) as const;
    expect(ask(harness, 'n2', removed('n4'))).toBe('done');
    expect(ask(harness, 'n2', put('a', '2'))).toBe('done');
    expect(ask(harness, 'n2', removed('n3'))).toBe('done');
    expect(ask(harness, 'n1', removed('n2'))).toBe('definite bad-request');
    expect(ask(harness, 'n1', removed('n1'))).toBe('definite bad-request');
    expect(ask(harness, 'n1', { type: 'reconfigure', change: 'add', node: 'n4' })).toBe('done');
    expect(poolOf(harness)).toBe('n2 n4');
    expect(contentsOf(harness, 'n4')).toBe('a=2');
    expect(harness.history.get('n4')?.some((record) => record.type === 'reset')).toBe(true);
  });
});

describe('tombstones', () => {
  it('go when every worker has them, and stay as long as one is away', () => {
    const harness = settled();
    const held = (node: string) => [...harness.view(node).entries()].length;
    ask(harness, 'n1', put('a', '1'));
    ask(harness, 'n1', remove('a'));
    harness.run(300);
    expect(nodes.slice(1).map(held)).toEqual([0, 0, 0]);
    ask(harness, 'n1', put('a', '1'));
    harness.run(50);
    harness.crash('n4');
    ask(harness, 'n1', remove('a'));
    expect(ask(harness, 'n1', remove('a'))).toBe('done');
    harness.run(500);
    expect(['n2', 'n3'].map(held)).toEqual([1, 1]);
    harness.start('n4');
    harness.runUntil(() => poolOf(harness) === 'n2 n3 n4');
    expect(contentsOf(harness, 'n4')).toBe('');
    harness.run(300);
    expect(nodes.slice(1).map(held)).toEqual([0, 0, 0]);
  });
});
