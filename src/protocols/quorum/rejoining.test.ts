/** Replicas that come back with less on their disks than they had acknowledged. */
import { describe, expect, test } from 'vitest';
import { get, put, remove } from '../testing/operations.js';
import { QuorumCluster } from './testing/cluster.js';
import { isType, show } from './testing/operations.js';

const rejoin = { incarnation: 9, removal: null };

function roleOf(cluster: QuorumCluster, node: string): string {
  return cluster.view(node).role;
}

/** n2 and n3 hold `k`, n1 missed it; then n2 loses its disk, all of it. */
function withLoss(): QuorumCluster {
  const cluster = new QuorumCluster();
  cluster.isCut = (from, to) => [from, to].includes('n1');
  expect(show(cluster.ask('n2', put('k', 'acknowledged')))).toBe('done');
  cluster.node('n2').crash();
  cluster.node('n2').wipe();
  // Nobody can hear n3, which alone has the write now.
  cluster.isCut = (from) => from === 'n3';
  cluster.take(() => true);
  return cluster;
}

describe('a replica without its journal', () => {
  test('makes no majority with one that has missed the write', () => {
    const cluster = withLoss();
    cluster.node('n2').start(rejoin);
    cluster.advance(3000);
    for (const level of ['quorum', 'linearizable'] as const) {
      expect(show(cluster.ask('n1', get('k'), { level }))).toMatch(/timeout|unavailable/);
      expect(show(cluster.ask('n2', get('k'), { level }))).toMatch(/unavailable/);
    }
    expect([roleOf(cluster, 'n1'), roleOf(cluster, 'n2')]).toEqual(['replica', 'copying']);
    cluster.isCut = () => false;
    cluster.settle();
    expect(roleOf(cluster, 'n2')).toBe('replica');
    expect(show(cluster.ask('n2', get('k'), { level: 2 }))).toBe('value acknowledged');
  });

  test('which is what happens to one that does not know that it has lost it', () => {
    const cluster = withLoss();
    cluster.node('n2').start();
    cluster.advance(1000);
    expect(show(cluster.ask('n1', get('k')))).toBe('value null');
  });

  test('acknowledges nothing: the next write must meet the one before', () => {
    const cluster = withLoss();
    cluster.node('n1').skewMs = -60_000;
    cluster.node('n2').start(rejoin);
    cluster.advance(1000);
    expect(show(cluster.ask('n1', put('k', 'later')))).toMatch(/timeout|unavailable/);
  });

  test('is not counted for what its earlier self acknowledged of an operation under way', () => {
    const cluster = new QuorumCluster({ nodes: 4 });
    const key = cluster.keyOwnedBy('n2', 'n3', 'n4');
    cluster.isCut = (from, to) => from === 'n1' && to !== 'n2';
    const write = cluster.request('n1', put(key, 'v'));
    cluster.deliverAll();
    expect(write.result).toBeNull();
    cluster.node('n2').crash();
    cluster.node('n2').wipe();
    cluster.isCut = () => false;
    cluster.loses = ({ to, message }) => message.type === 'write' && to !== 'n3';
    cluster.take(isType('write'));
    cluster.node('n2').start(rejoin);
    // It has copied all from n3 and n4 before the write comes to n3.
    cluster.advance(150);
    expect(roleOf(cluster, 'n2')).toBe('replica');
    cluster.loses = ({ to }) => to === 'n2' || to === 'n4';
    while (cluster.held('n3', key) === undefined) cluster.advance(25);
    cluster.advance(25);
    expect(cluster.held('n2', key)).toBeUndefined();
    expect(write.result).toBeNull();
  });

  test('goes on copying after another crash, and waits for those who copy themselves', () => {
    const cluster = withLoss();
    cluster.node('n2').start(rejoin);
    cluster.node('n2').crash();
    cluster.isCut = () => false;
    cluster.node('n3').crash();
    cluster.node('n3').wipe();
    cluster.node('n3').start(rejoin);
    cluster.node('n2').start();
    cluster.advance(20_000);
    expect([roleOf(cluster, 'n2'), roleOf(cluster, 'n3')]).toEqual(['copying', 'copying']);
  });

  test('is no replica again when all have welcomed it, but when it has copied from all', () => {
    const cluster = withLoss();
    cluster.isCut = () => false;
    cluster.node('n2').start(rejoin);
    const greetings = ['rejoin', 'welcome', 'heartbeat'];
    cluster.deliverAll(({ message }) => greetings.includes(message.type));
    expect(cluster.flights.map(({ message }) => message.type)).toContain('digest');
    expect(roleOf(cluster, 'n2')).toBe('copying');
    cluster.settle();
    expect(roleOf(cluster, 'n2')).toBe('replica');
  });

  test('goes on copying when a snapshot stands for its records', () => {
    const cluster = withLoss();
    const node = cluster.node('n2');
    node.start(rejoin);
    node.snapshot();
    node.crash();
    node.start();
    expect(roleOf(cluster, 'n2')).toBe('copying');
  });

  test('gives out no stamp that its earlier self gave out, also of keys that it does not keep', () => {
    const cluster = new QuorumCluster({ nodes: 4, options: { replicas: 2 } });
    const key = cluster.keyOwnedBy('n1', 'n3');
    cluster.node('n2').skewMs = 3_600_000;
    cluster.ask('n2', put(key, 'an hour ahead'));
    const before = cluster.held('n1', key)?.version.stamp ?? 0;
    cluster.node('n2').crash();
    cluster.node('n2').wipe();
    cluster.node('n2').skewMs = 0;
    cluster.node('n2').start(rejoin);
    cluster.settle();
    cluster.ask('n2', put('other', 'x'));
    const other = cluster.nodes.map((node) => cluster.held(node, 'other')?.version.stamp ?? 0);
    expect(before).toBeGreaterThan(0);
    expect(Math.max(...other)).toBeGreaterThan(before);
  });

  test('that was put back from an older copy brings back nothing that was deleted and collected', () => {
    const cluster = new QuorumCluster({ options: { graceMs: 500, antiEntropyMs: 500 } });
    cluster.ask('n1', put('k', 'old'), { level: 'all' });
    const copy = cluster.storage('n2').disk.image();
    cluster.ask('n1', remove('k'), { level: 'all' });
    cluster.advance(20_000);
    expect(cluster.held('n1', 'k')).toBeUndefined();
    cluster.node('n2').crash();
    cluster.storage('n2').replaceDisk(copy);
    cluster.node('n2').start(rejoin);
    cluster.settle();
    cluster.advance(5000);
    expect(show(cluster.ask('n1', get('k'), { level: 'all' }))).toBe('value null');
  });
});
