/** `stabilize`: the tree, what it carries, and what may go wrong on the way. */
import { describe, expect, test } from 'vitest';
import type { ClientResult } from '../../core/operation.js';
import { put, remove, textOf } from '../testing/operations.js';
import { times } from './options.js';
import { type Envelope, GossipCluster, latencyMs } from './testing/cluster.js';
import { show, stabilize } from './testing/operations.js';

/** So rare are ordinary rounds that only `stabilize` can bring anything. */
const rarely = { intervalMs: 60_000, fanout: 1 };

/** Nodes that can be linked later, each with a key of its own, which nobody else has. */
function apart(
  nodes: number,
  links: readonly (readonly [string, string])[],
  seed = 1,
): GossipCluster {
  const cluster = new GossipCluster({ nodes, links: [], options: rarely, seed });
  for (const self of cluster.up) cluster.request(self, put(self, `of ${self}`));
  cluster.wait(100);
  for (const [a, b] of links) cluster.connect(a, b);
  return cluster;
}

const chain = [
  ['n1', 'n2'],
  ['n2', 'n3'],
  ['n3', 'n4'],
  ['n4', 'n5'],
] as const;

function stabilized(result: ClientResult) {
  if (result.type !== 'stabilized') throw new Error(show(result));
  return result;
}

const keysOf = (cluster: GossipCluster, node: string) =>
  [...cluster.view(node).entries()].map(({ key }) => String(key)).sort();

describe('stabilize', () => {
  test('brings everything to everybody, over any chain, from whichever end', () => {
    for (const root of ['n1', 'n3', 'n5']) {
      const cluster = apart(5, chain);
      const start = cluster.now;
      const { nodes, rounds, messages } = stabilized(cluster.ask(root, stabilize));
      expect(nodes).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
      expect(rounds).toBe(1);
      expect(messages).toBeGreaterThan(4);
      for (const node of nodes) expect(keysOf(cluster, node)).toEqual(nodes);
      // Silent neighbours cost their time once, not once a level.
      expect(cluster.now - start).toBeLessThan(times.patienceMs + 2 * times.beatMs);
    }
  });

  test('when all answer it waits for nobody', () => {
    const cluster = apart(5, []);
    cluster.connectAll();
    const start = cluster.now;
    const { nodes } = stabilized(cluster.ask('n2', stabilize));
    for (const node of nodes) expect(keysOf(cluster, node)).toEqual(nodes);
    expect(cluster.now - start).toBeLessThanOrEqual(30 * latencyMs);
  });

  test('is about the part that is asked: other parts stay as they are', () => {
    const cluster = apart(5, [
      ['n1', 'n4'],
      ['n2', 'n5'],
      ['n5', 'n3'],
    ]);
    expect(stabilized(cluster.ask('n4', stabilize)).nodes).toEqual(['n1', 'n4']);
    expect(keysOf(cluster, 'n1')).toEqual(['n1', 'n4']);
    expect(keysOf(cluster, 'n5')).toEqual(['n5']);
    expect(stabilized(cluster.ask('n3', stabilize)).nodes).toEqual(['n2', 'n3', 'n5']);
  });

  test('a node alone is soon done', () => {
    expect(stabilized(new GossipCluster({ nodes: 1 }).ask('n1', stabilize))).toMatchObject({
      ...{ nodes: ['n1'], rounds: 1, messages: 0 },
    });
    const cut = apart(3, []);
    expect(stabilized(cut.ask('n1', stabilize)).nodes).toEqual(['n1']);
  });

  test('cycles are avoided: each node has one parent, whoever else asks is declined at once', () => {
    const cluster = apart(4, []);
    cluster.connectAll();
    const joined = new Map<string, Set<string>>();
    let declined = 0;
    cluster.onSend = ({ from, to, message }) => {
      if (message.type === 'echo') joined.set(from, new Set([...(joined.get(from) ?? []), to]));
      if (message.type === 'decline') declined += 1;
    };
    stabilized(cluster.ask('n1', stabilize));
    expect([...joined.keys()].sort()).toEqual(['n2', 'n3', 'n4']);
    for (const parents of joined.values()) expect(parents.size).toBe(1);
    expect(declined).toBeGreaterThan(0);
  });

  test('the messages that it reports are those that were sent', () => {
    const cluster = apart(5, chain);
    const before = cluster.sentCount;
    let done = 0;
    let lost = 0;
    cluster.onSend = ({ message }) => {
      if (message.type === 'wave' && message.phase === 'done') done += 1;
    };
    cluster.onLost = () => {
      lost += 1;
    };
    const { messages } = stabilized(cluster.ask('n1', stabilize));
    // Those that say that it is over leave when the count has been taken.
    expect(messages).toBe(cluster.sentCount - before - done + lost);
  });

  test('the greater version wins, deletes too', () => {
    const cluster = apart(3, []);
    for (const value of ['1', '2', '3']) cluster.request('n1', put('k', value));
    cluster.request('n3', put('k', 'older'));
    cluster.request('n2', put('gone', 'x'));
    for (let at = 0; at < 5; at++) cluster.request('n3', remove('gone'));
    cluster.connectAll();
    stabilized(cluster.ask('n2', stabilize));
    for (const node of ['n1', 'n2', 'n3']) {
      expect(textOf(cluster.held(node, 'k')?.value)).toBe('3');
      expect(cluster.held(node, 'gone')?.value).toBeNull();
    }
  });

  test('10,000 keys from one end of a chain to the other', () => {
    const cluster = apart(5, chain);
    for (let at = 0; at < 5000; at++) cluster.request('n1', put(`left ${at}`, 'x'.repeat(20)));
    for (let at = 0; at < 5000; at++) cluster.request('n5', put(`right ${at}`, 'x'.repeat(20)));
    const start = cluster.now;
    stabilized(cluster.ask('n3', stabilize));
    expect(cluster.agree()).toBe(true);
    expect(keysOf(cluster, 'n1').length).toBe(10_005);
    expect(cluster.now - start).toBeLessThan(700);
  });

  test('it is quiet before and after, and busy between', () => {
    const cluster = new GossipCluster({ nodes: 3 });
    cluster.wait(10_000);
    expect(cluster.unsettledCount).toBe(0);
    const id = cluster.request('n1', stabilize);
    cluster.wait(2 * latencyMs);
    expect(cluster.unsettledCount).toBeGreaterThan(2);
    cluster.waitUntil(() => id.result !== null, 5000);
    cluster.wait(10);
    expect(cluster.unsettledCount).toBe(0);
    expect(cluster.fact('n1', 'rounds of the last stabilize')).toBe(1);
  });
});

describe('stabilize under fire', () => {
  test('messages that are lost, doubled, delayed and overtaken', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const cluster = apart(5, chain, seed);
      cluster.connect('n1', 'n4');
      const { random } = cluster.world;
      cluster.fate = () => {
        const copies = random.chance(0.2) ? 2 : 1;
        const late = () => 0.5 + random.next() * 30;
        return Array.from({ length: copies }, late).filter(() => !random.chance(0.15));
      };
      const id = cluster.request(random.pick(cluster.up), stabilize, { timeoutMs: 20_000 });
      cluster.waitUntil(() => id.result !== null, 20_000);
      const { nodes } = stabilized(id.result as ClientResult);
      expect(nodes).toHaveLength(5);
      for (const node of nodes) expect(keysOf(cluster, node)).toEqual(nodes);
    }
  });

  test('links nearly as slow as it is patient', () => {
    const cluster = apart(3, []);
    cluster.connectAll();
    cluster.fate = () => [180];
    expect(stabilized(cluster.ask('n1', stabilize)).nodes).toEqual(['n1', 'n2', 'n3']);
    expect(cluster.agree()).toBe(true);
  });

  /** Crashes `victim` as soon as it is about to send what `when` picks, and perhaps starts it again. */
  function crashing(victim: string, when: (envelope: Envelope) => boolean, again: boolean) {
    const cluster = apart(5, [...chain, ['n5', 'n1']]);
    let crashed = false;
    cluster.onSend = (envelope) => {
      if (crashed || envelope.from !== victim || !when(envelope)) return;
      crashed = true;
      cluster.host(victim).crash('power', 'lost');
      if (again) cluster.world.after(0, () => cluster.start(victim));
    };
    const result = stabilized(cluster.ask('n1', stabilize));
    expect(crashed).toBe(true);
    const survivors = cluster.up;
    return { cluster, result, survivors };
  }

  const moments: [string, (envelope: Envelope) => boolean][] = [
    ['joins', ({ message }) => message.type === 'echo' && message.phase === 'joined'],
    ['has gathered', ({ message }) => message.type === 'echo' && message.phase === 'gathered'],
    ['pulls', ({ message }) => message.type === 'leaves'],
    ['spreads', ({ message }) => message.type === 'wave' && message.phase === 'spread'],
    ['has settled', ({ message }) => message.type === 'echo' && message.phase === 'settled'],
  ];

  test.each(moments)('a node that dies when it %s', (_, when) => {
    const { cluster, result, survivors } = crashing('n2', when, false);
    // Dead before it was missed, or after it had done its part.
    const expected = survivors.filter((node) => result.nodes.includes(node));
    expect(expected).toEqual(survivors);
    for (const node of survivors) {
      expect(keysOf(cluster, node)).toEqual(expect.arrayContaining([...survivors]));
    }
  });

  test.each(moments)('a node that restarts when it %s', (_, when) => {
    const { cluster, survivors, result } = crashing('n2', when, true);
    expect(result.nodes).toEqual(survivors);
    for (const node of survivors) expect(keysOf(cluster, node)).toEqual(survivors);
  });

  test('when the root dies, the others forget the wave', () => {
    const cluster = apart(5, chain);
    cluster.request('n1', stabilize);
    cluster.wait(20);
    cluster.node('n1').crash();
    const waves = () => cluster.up.map((self) => cluster.fact(self, 'waves'));
    expect(waves()).toEqual([1, 1, 1, 1]);
    cluster.wait(2000);
    expect(waves()).toEqual([0, 0, 0, 0]);
  });

  test('a root that has crashed is not taken for its earlier self', () => {
    const cluster = apart(3, []);
    cluster.connectAll();
    const n1 = cluster.node('n1');
    for (const withSnapshot of [false, true, false]) {
      expect(stabilized(cluster.ask('n1', stabilize)).nodes).toHaveLength(3);
      if (withSnapshot) n1.snapshot();
      n1.crash();
      n1.start();
    }
    expect(stabilized(cluster.ask('n1', stabilize)).nodes).toHaveLength(3);
  });

  test("nodes that are each other's parents, in a ring, notice that no root is there", () => {
    const cluster = new GossipCluster({ nodes: 4, options: rarely });
    cluster.wait(100);
    cluster.node('n4').crash();
    cluster.fate = () => [];
    const wave = { root: 'n4', number: 7 };
    const message = { type: 'wave', wave, phase: 'gather', beat: 3, patienceMs: 400 } as const;
    for (const [parent, child] of [
      ['n1', 'n2'],
      ['n2', 'n3'],
      ['n3', 'n1'],
    ] as const) {
      cluster.hand(parent, child, message);
    }
    cluster.fate = () => [latencyMs];
    const waves = () => cluster.up.map((self) => cluster.fact(self, 'waves'));
    expect(waves()).toEqual([1, 1, 1]);
    cluster.wait(3000);
    expect(waves()).toEqual([0, 0, 0]);
  });

  test('two at once, from different nodes, disturb nobody', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const cluster = apart(5, chain, seed);
      const ids = ['n1', 'n5', 'n3'].map((root) => cluster.request(root, stabilize));
      cluster.waitUntil(() => ids.every((id) => id.result !== null), 5000);
      for (const id of ids) {
        const { nodes, rounds } = stabilized(id.result as ClientResult);
        expect([nodes.length, rounds]).toEqual([5, 1]);
      }
      expect(cluster.agree()).toBe(true);
    }
  });

  test('who asks a node that is at it gets what was written before it asked', () => {
    const cluster = apart(5, chain);
    const first = cluster.request('n1', stabilize);
    // By then everybody has been gathered, or nearly so.
    cluster.wait(times.patienceMs + times.beatMs - 1);
    cluster.request('n5', put('late', 'x'));
    const second = cluster.request('n1', stabilize);
    cluster.waitUntil(() => second.result !== null, 5000);
    expect(first.result !== null).toBe(true);
    for (const self of cluster.up) expect(textOf(cluster.held(self, 'late')?.value)).toBe('x');
  });

  test('out of time it is not known who holds what', () => {
    const cluster = apart(3, []);
    cluster.connectAll();
    // Children join, and nothing that follows arrives.
    cluster.fate = ({ message }) => (message.type === 'digest' ? [] : [latencyMs]);
    const id = cluster.request('n1', stabilize, { timeoutMs: 2000 });
    cluster.wait(2000 + times.beatMs);
    expect(id.result).toMatchObject({
      type: 'error',
      code: 'timeout',
      definite: false,
    });
    cluster.fate = () => [latencyMs];
    expect(stabilized(cluster.ask('n1', stabilize)).nodes).toHaveLength(3);
  });
});

test('a node that is asked to remove itself tells all it has, and takes no writes meanwhile', () => {
  const cluster = apart(3, [
    ['n1', 'n2'],
    ['n2', 'n3'],
  ]);
  const leave = { type: 'reconfigure', change: 'remove', node: 'n1' } as const;
  expect(stabilized(cluster.ask('n1', leave)).nodes).toEqual(['n1', 'n2', 'n3']);
  for (const node of ['n2', 'n3']) expect(keysOf(cluster, node)).toContain('n1');
  expect(cluster.ask('n1', put('late', 'x'))).toMatchObject({
    code: 'unavailable',
    definite: true,
  });
  expect(cluster.ask('n1', { type: 'get', key: put('n2', '').key })).toMatchObject({
    type: 'value',
  });
  expect(cluster.ask('n2', put('late', 'y'))).toMatchObject({ type: 'done' });
  // Nobody took it out after all: it goes on.
  cluster.wait(120_000);
  expect(cluster.ask('n1', put('later', 'x'))).toMatchObject({ type: 'done' });
});

test('a node that was removed in the middle of a comparison is not waited for', () => {
  const cluster = apart(2, []);
  cluster.fate = ({ message }) => (message.type === 'versions' ? [] : [latencyMs]);
  cluster.connect('n1', 'n2');
  cluster.request('n1', stabilize);
  cluster.waitUntil(() =>
    cluster
      .view('n1')
      .unsettled()
      .some((what) => what.includes('n2')),
  );
  cluster.node('n2').crash();
  cluster.ask('n1', { type: 'reconfigure', change: 'remove', node: 'n2' });
  cluster.wait(100);
  expect(
    cluster
      .view('n1')
      .unsettled()
      .filter((what) => what.includes('n2')),
  ).toEqual([]);
});
