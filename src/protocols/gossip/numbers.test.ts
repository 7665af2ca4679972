/** Numbers that nobody can have counted to: the cluster takes every later write all the same. */
import { describe, expect, test } from 'vitest';
import { keyFromText } from '../../core/key.js';
import { numberBound } from '../../core/number-bound.js';
import { SeededRandom } from '../../core/random.js';
import { fromTuple } from '../../runtime/cbor-tuples.js';
import { extremesAt, forge, seeds } from '../testing/forged.js';
import { bytes, get, put, remove } from '../testing/operations.js';
import { type Message, messageShape } from './messages.js';
import { GossipCluster } from './testing/cluster.js';
import { floor, show, stabilize } from './testing/operations.js';

const names = ['n1', 'n2', 'n3'];

function rumour(key: string, stamp: number): Message {
  const version = { stamp, node: 'n1' };
  return {
    type: 'rumour',
    entries: [{ key: keyFromText(key), version, value: bytes(key) }],
    told: [],
  };
}

/** Puts through every node are seen by every other, also after all have started again. */
function expectWorks(cluster: GossipCluster, label: string): void {
  for (const round of ['before', 'after']) {
    for (const name of names) {
      const key = `${label} ${round} ${name}`;
      expect(show(cluster.ask(name, put(key, key))), key).toBe('done, new');
      const isThere = (at: string) => show(cluster.ask(at, get(key))) === `value ${key}`;
      cluster.waitUntil(() => names.every(isThere), 20_000);
      expect(show(cluster.ask(name, stabilize)), key).toBe('stabilized n1 n2 n3');
    }
    if (round === 'after') break;
    for (const node of cluster.nodes) {
      cluster.node(node).snapshot();
      cluster.crash(node);
    }
    for (const node of cluster.nodes) cluster.start(node);
  }
}

describe('forged numbers', () => {
  test.each(seeds)('in any message, seed %i', (seed) => {
    const random = new SeededRandom(seed);
    const cluster = new GossipCluster({ seed });
    const seen: Message[] = [];
    cluster.onSend = ({ message }) => seen.push(message);
    for (const name of names) cluster.ask(name, put(`k of ${name}`, 'v'));
    cluster.ask('n1', remove('k of n2'));
    cluster.node('n3').crash();
    cluster.node('n3').wipe();
    cluster.node('n3').start({ incarnation: 2, removal: null });
    cluster.wait(3000);
    cluster.ask('n2', stabilize);
    for (let count = 0; count < 300; count++) {
      const extremes = extremesAt(cluster.node('n1').wallClock);
      const message = forge(messageShape, random.pick(seen), extremes, random);
      const [from, to] = [random.pick(names), random.pick(names)];
      if (message !== null && from !== to) cluster.hand(from, to, message);
      if (random.chance(0.1)) cluster.ask(random.pick(names), put('k', `${count}`));
      if (random.chance(0.05)) cluster.ask(random.pick(names), remove('k'));
      cluster.wait(random.below(20));
    }
    cluster.wait(10_000);
    expectWorks(cluster, `${seed}`);
  });

  test('a stamp beyond the bound is not taken, one at the bound is, and what follows it as well', () => {
    const cluster = new GossipCluster();
    const bound = numberBound(cluster.node('n1').wallClock);
    cluster.hand('n2', 'n1', rumour('beyond', bound + 1));
    expect(show(cluster.ask('n1', get('beyond')))).toBe('value null');
    cluster.hand('n2', 'n1', rumour('at', bound));
    expect(show(cluster.ask('n1', get('at')))).toBe('value at');
    for (let count = 0; count < 10_000; count++) cluster.request('n1', put('k', `${count}`));
    cluster.waitUntil(
      () => names.every((at) => show(cluster.ask(at, get('k'))) === 'value 9999'),
      20_000,
    );
    expectWorks(cluster, 'bound');
  });

  test('of a client that asks for stamps above the largest, 20,000 times', () => {
    const cluster = new GossipCluster();
    const bound = numberBound(cluster.node('n1').wallClock);
    const greatest = [Number.MAX_SAFE_INTEGER, 2 ** 52, bound, bound - 1];
    for (let count = 0; count < 20_000; count++) {
      const { stamp } = floor(null, greatest[count % 4]);
      cluster.request('n1', put('k', `${count}`), { floor: { version: null, stamp } });
    }
    expect(show(cluster.ask('n1', put('k', 'v'), { floor: floor(null, bound) }))).toMatch(
      /^behind, definite/,
    );
    expectWorks(cluster, 'client');
  });

  test('of a client whose stamps leap as far as they may leave room for all others', () => {
    const cluster = new GossipCluster();
    for (let count = 0; count < 1000; count++) {
      const stamp = numberBound(cluster.node('n1').wallClock - 60_000);
      expect(show(cluster.ask('n1', put('k', 'v'), { floor: floor(null, stamp) }))).toMatch(
        /^done/,
      );
    }
    expectWorks(cluster, 'leaps');
  });

  test('a node that lost its data leaps no farther than others take', () => {
    const cluster = new GossipCluster();
    const bound = numberBound(cluster.node('n1').wallClock);
    cluster.hand('n2', 'n1', rumour('k', bound));
    cluster.wait(1000);
    cluster.node('n3').crash();
    cluster.node('n3').wipe();
    cluster.node('n3').start({ incarnation: 2, removal: null });
    cluster.wait(5000);
    expectWorks(cluster, 'rejoined');
  });

  test.each([true, false])(
    'a wave that its root did not begin is outdone by the next: root up: %s',
    (isUp) => {
      const cluster = new GossipCluster();
      if (!isUp) cluster.node('n1').crash();
      const wave = { root: 'n1', number: 2 ** 40 };
      const phase = 'gather';
      cluster.hand('n3', 'n2', { type: 'wave', wave, phase, beat: 2 ** 40, patienceMs: 400 });
      cluster.wait(5000);
      if (!isUp) cluster.node('n1').start();
      cluster.wait(1000);
      expectWorks(cluster, 'wave');
    },
  );

  test('what is added up, or multiplied, still fits', () => {
    const wall = new GossipCluster().node('n1').wallClock;
    const wave = { root: 'n1', number: 1 };
    const echo = { type: 'echo', wave, phase: 'settled', nodes: [], messages: 2 ** 46 } as const;
    expect(messageShape.greatest?.(echo)).toBeGreaterThan(numberBound(wall));
    expect(() => fromTuple(messageShape, ['leaves', 1, [[2 ** 16, []]]])).toThrow(/below 65536/);
  });
});
