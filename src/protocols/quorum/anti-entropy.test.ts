import { describe, expect, test } from 'vitest';
import { put, remove, textOf } from '../testing/operations.js';
import { QuorumCluster } from './testing/cluster.js';
import { isType } from './testing/operations.js';

/** n3 has missed `keys` writes and nobody keeps hints for it: n1 and n2 must bring them. */
function withOneBehind(keys: number, value = 'v') {
  const options = { hintsMax: 0, suspicionMs: 1000, antiEntropyMs: 1000 };
  const cluster = new QuorumCluster({ nodes: 3, options });
  cluster.isCut = (a, b) => a === 'n3' || b === 'n3';
  cluster.advance(1300);
  for (let at = 0; at < keys; at++) cluster.ask(at % 2 === 0 ? 'n1' : 'n2', put(`k${at}`, value));
  return cluster;
}

const exchanged = [
  'digest',
  'equal',
  'segments',
  'leaves',
  'versions',
  'exchange',
  'entries',
] as const;

/** Counts what is delivered of anti-entropy's messages while `run` runs. */
function counting(cluster: QuorumCluster, run: () => void): Map<string, number> {
  const counts = new Map<string, number>();
  cluster.loses = ({ message }) => {
    counts.set(message.type, (counts.get(message.type) ?? 0) + 1);
    return false;
  };
  run();
  cluster.loses = () => false;
  return counts;
}

describe('anti-entropy', () => {
  test('a peer that comes back is compared with at once, and has everything without anyone reading', () => {
    const cluster = withOneBehind(50);
    expect(cluster.disagreements().length).toBe(50);
    cluster.isCut = () => false;
    cluster.advance(250);
    expect(cluster.disagreements()).toEqual([]);
  });

  test('is not settled before the peer that came back is found equal', () => {
    const cluster = withOneBehind(5);
    expect(cluster.unsettled).toBe(0);
    cluster.isCut = () => false;
    cluster.hand({ from: 'n3', to: 'n1', message: { type: 'heartbeat' } });
    expect(cluster.view('n1').unsettledCount).toBeGreaterThan(0);
    cluster.settle();
    expect(cluster.disagreements()).toEqual([]);
  });

  test('goes both ways: newer entries are brought, and fetched', () => {
    const cluster = withOneBehind(20);
    for (let at = 10; at < 30; at++) {
      cluster.node('n3').skewMs = 60_000;
      cluster.ask('n3', put(`k${at}`, 'newer'), { level: 'one' });
    }
    cluster.isCut = () => false;
    cluster.advance(250);
    cluster.settle();
    expect(cluster.disagreements()).toEqual([]);
    expect(textOf(cluster.held('n1', 'k15')?.value)).toBe('newer');
    expect(textOf(cluster.held('n1', 'k25')?.value)).toBe('newer');
    expect(textOf(cluster.held('n3', 'k5')?.value)).toBe('v');
  });

  test('one exchange, begun by one side, is enough for both', () => {
    const cluster = new QuorumCluster({
      nodes: 2,
      options: { hintsMax: 0, antiEntropyMs: 1_000_000 },
    });
    cluster.isCut = () => true;
    cluster.advance(1300);
    cluster.ask('n1', put('here', 'v'), { level: 'one' });
    cluster.ask('n2', put('there', 'v'), { level: 'one' });
    cluster.isCut = () => false;
    cluster.loses = ({ from, message }) => from !== 'n1' && message.type === 'digest';
    cluster.hand({ from: 'n2', to: 'n1', message: { type: 'heartbeat' } });
    cluster.deliverAll();
    expect(textOf(cluster.held('n1', 'there')?.value)).toBe('v');
    expect(textOf(cluster.held('n2', 'here')?.value)).toBe('v');
  });

  test('is quiet when replicas are equal: a digest and a word', () => {
    const cluster = new QuorumCluster({ nodes: 3, options: { antiEntropyMs: 1000 } });
    for (let at = 0; at < 20; at++) cluster.ask('n1', put(`k${at}`, 'v'));
    cluster.settle();
    const counts = counting(cluster, () => cluster.advance(5000));
    expect(counts.get('digest')).toBe(counts.get('equal'));
    expect(counts.get('digest')).toBeLessThanOrEqual(3 * 6);
    for (const type of exchanged.slice(2)) expect(counts.has(type)).toBe(false);
  });

  test('an idle cluster writes nothing to its journals', () => {
    const cluster = new QuorumCluster({ nodes: 3, options: { antiEntropyMs: 1000 } });
    const before = cluster.nodes.map((node) => cluster.durable.get(node)?.length);
    cluster.advance(20_000);
    expect(cluster.nodes.map((node) => cluster.durable.get(node)?.length)).toEqual(before);
  });

  test('"reduces the amount of data that needs to be transferred": only what differs is named', () => {
    const cluster = new QuorumCluster({ nodes: 3, options: { hintsMax: 0, antiEntropyMs: 1000 } });
    for (let at = 0; at < 200; at++) cluster.ask('n1', put(`k${at}`, 'v'));
    cluster.settle();
    cluster.isCut = (a, b) => a === 'n3' || b === 'n3';
    cluster.advance(1300);
    cluster.ask('n1', put('k7', 'w'));
    cluster.isCut = () => false;
    let named = 0;
    let carried = 0;
    cluster.loses = ({ message }) => {
      if (message.type === 'versions')
        for (const leaf of message.leaves) named += leaf.versions.length;
      if (message.type === 'exchange' || message.type === 'entries')
        carried += message.entries.length;
      return false;
    };
    cluster.advance(1000);
    expect(cluster.disagreements()).toEqual([]);
    expect(carried).toBeGreaterThan(0);
    expect(carried).toBeLessThanOrEqual(4);
    expect(named).toBeLessThanOrEqual(20);
  });

  test('large differences go in bounded messages', () => {
    const cluster = withOneBehind(60, 'v'.repeat(40_000));
    cluster.isCut = () => false;
    let largest = 0;
    cluster.loses = ({ message }) => {
      if (message.type === 'exchange' || message.type === 'entries') {
        largest = Math.max(largest, ...[message.entries.length]);
      }
      return false;
    };
    cluster.advance(1000);
    cluster.settle();
    expect(cluster.disagreements()).toEqual([]);
    expect(largest).toBeLessThanOrEqual(8);
  });

  test('a lost message costs one exchange, whichever it is', () => {
    for (const type of exchanged) {
      const cluster = withOneBehind(10);
      cluster.isCut = () => false;
      let lost = 0;
      cluster.loses = ({ message }) => {
        if (message.type === type && lost++ < 2) return true;
        return false;
      };
      cluster.advance(12_000);
      cluster.settle();
      expect(cluster.disagreements()).toEqual([]);
    }
  });

  test('a node that was away for a moment, unnoticed, looks for what it missed', () => {
    const options = { hintsMax: 0, antiEntropyMs: 1_000_000 };
    const cluster = new QuorumCluster({ nodes: 3, options });
    cluster.node('n3').crash();
    cluster.ask('n1', put('k', 'v'));
    cluster.take(() => true);
    cluster.node('n3').start();
    cluster.advance(1000);
    expect(textOf(cluster.held('n3', 'k')?.value)).toBe('v');
  });

  test('a peer found different in its turn is compared with again soon, however long the interval', () => {
    const cluster = new QuorumCluster({ options: { hintsMax: 0, antiEntropyMs: 20_000 } });
    cluster.loses = ({ to, message }) => message.type === 'write' && to === 'n3';
    cluster.ask('n1', put('k', 'v'));
    cluster.advance(10_000);
    expect(cluster.unsettled).toBe(0);
    cluster.loses = ({ message }) => ['exchange', 'entries'].includes(message.type);
    while (cluster.unsettled === 0) cluster.advance(50);
    cluster.advance(1000);
    cluster.loses = () => false;
    cluster.advance(4000);
    expect(cluster.disagreements()).toEqual([]);
    expect(cluster.unsettled).toBe(0);
  });

  test('tombstones travel like values', () => {
    const cluster = new QuorumCluster({ nodes: 3, options: { hintsMax: 0 } });
    cluster.ask('n1', put('k', 'v'), { level: 'all' });
    cluster.isCut = (a, b) => a === 'n3' || b === 'n3';
    cluster.advance(1300);
    cluster.ask('n1', remove('k'));
    cluster.isCut = () => false;
    cluster.advance(500);
    expect(cluster.held('n3', 'k')).toMatchObject({ value: null });
  });

  test('a reply of an exchange that was given up says nothing', () => {
    const cluster = withOneBehind(3);
    cluster.isCut = () => false;
    cluster.hand({ from: 'n3', to: 'n1', message: { type: 'heartbeat' } });
    cluster.take(isType('digest'));
    const before = cluster.view('n1').unsettledCount;
    cluster.hand({ from: 'n3', to: 'n1', message: { type: 'equal', round: 12345 } });
    expect(cluster.view('n1').unsettledCount).toBe(before);
  });
});
