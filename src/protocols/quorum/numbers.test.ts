/** Numbers that nobody can have counted to: the cluster takes every later write all the same. */
import { describe, expect, test } from 'vitest';
import { keyFromText } from '../../core/key.js';
import { numberBound } from '../../core/number-bound.js';
import { SeededRandom } from '../../core/random.js';
import { fromTuple } from '../../runtime/cbor-tuples.js';
import { extremesAt, forge, seeds } from '../testing/forged.js';
import { bytes, get, put, remove } from '../testing/operations.js';
import { type Message, messageShape } from './messages.js';
import { QuorumCluster } from './testing/cluster.js';
import { show } from './testing/operations.js';

const names = ['n1', 'n2', 'n3'];

/** Writes through every node are read through every node, also after all have started again. */
function expectWorks(cluster: QuorumCluster, label: string): void {
  for (const round of ['before', 'after']) {
    for (const name of names) {
      const key = `${label} ${round} ${name}`;
      expect(show(cluster.ask(name, put(key, key))), key).toBe('done');
      for (const level of ['quorum', 'linearizable'] as const) {
        for (const at of names)
          expect(show(cluster.ask(at, get(key), { level }))).toBe(`value ${key}`);
      }
    }
    if (round === 'after') break;
    for (const name of names) {
      const node = cluster.node(name);
      node.snapshot();
      node.crash();
      node.start();
    }
    cluster.advance(2000);
  }
}

describe('forged numbers', () => {
  test.each(seeds)('in any message, seed %i', (seed) => {
    const random = new SeededRandom(seed);
    const cluster = new QuorumCluster({ options: { graceMs: 1000, antiEntropyMs: 200 } });
    const seen: Message[] = [];
    cluster.onSend = ({ message }) => seen.push(message);
    cluster.isCut = (_from, to) => to === 'n3' && Math.floor(cluster.now) % 7 === 0;
    for (const name of names) cluster.ask(name, put(`k of ${name}`, 'v'));
    cluster.ask('n1', remove('k of n2'));
    cluster.ask('n1', put('k', 'v'), { level: 'linearizable' });
    cluster.node('n3').crash();
    cluster.node('n3').wipe();
    cluster.node('n3').start({ incarnation: 9, removal: null });
    cluster.advance(6000);
    cluster.isCut = () => false;
    for (let count = 0; count < 300; count++) {
      const extremes = extremesAt(cluster.node('n1').wallClock);
      const message = forge(messageShape, random.pick(seen), extremes, random);
      const [from, to] = [random.pick(names), random.pick(names)];
      if (message !== null && from !== to) cluster.hand({ from, to, message });
      if (random.chance(0.1)) cluster.ask(random.pick(names), put('k', `${count}`));
      if (random.chance(0.05)) cluster.ask(random.pick(names), remove('k'));
      cluster.advance(random.below(20));
    }
    cluster.advance(10_000);
    expectWorks(cluster, `${seed}`);
  });

  test('a stamp beyond the bound is not taken, one at the bound is, and what follows it as well', () => {
    const cluster = new QuorumCluster();
    const write = (stamp: number, key: string): Message => {
      const version = { stamp, node: 'n1' };
      return {
        type: 'write',
        writes: [{ key: keyFromText(key), phase: 0, version, value: bytes('v') }],
      };
    };
    const bound = numberBound(cluster.node('n1').wallClock);
    cluster.hand({ from: 'n2', to: 'n1', message: write(bound + 1, 'beyond') });
    expect(cluster.held('n1', 'beyond')).toBeUndefined();
    cluster.hand({ from: 'n2', to: 'n1', message: write(bound, 'at') });
    expect(cluster.held('n1', 'at')?.version.stamp).toBe(bound);
    for (let count = 0; count < 100; count++) cluster.request('n1', put('k', `${count}`));
    expectWorks(cluster, 'bound');
  });

  test('a clock that was years ahead, and its journal, are of use when it has been set right', () => {
    const cluster = new QuorumCluster();
    const yearsMs = 15 * 365 * 24 * 3_600_000;
    cluster.node('n1').skewMs = yearsMs;
    expect(show(cluster.ask('n1', put('k', 'ahead')))).toBe('done');
    cluster.node('n1').skewMs = 0;
    expectWorks(cluster, 'ahead');
    expect(show(cluster.ask('n2', get('k')))).toBe('value ahead');
  });

  test('a segment is one of those that there are', () => {
    expect(() => fromTuple(messageShape, ['leaves', 1, [[2 ** 16, []]]])).toThrow(/below 65536/);
  });
});
