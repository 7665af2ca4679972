/** Nodes that come back with less on their disks than they had acknowledged. */
import { describe, expect, test } from 'vitest';
import { get, put, remove } from '../testing/operations.js';
import { GossipCluster } from './testing/cluster.js';
import { show, versionOf } from './testing/operations.js';

const rejoin = { incarnation: 9, removal: null };

function roleOf(cluster: GossipCluster, node: string): string {
  return cluster.view(node).role;
}

describe('a node without its journal', () => {
  test('never gives out a version again, not even of what it had told nobody', () => {
    const cluster = new GossipCluster();
    cluster.ask('n1', put('a', '1'));
    cluster.wait(500);
    cluster.cut('n1', 'n2');
    cluster.cut('n2', 'n3');
    const told = Array.from({ length: 20 }, (_, at) => cluster.ask('n2', put('a', `alone ${at}`)));
    cluster.node('n2').crash();
    cluster.node('n2').wipe();
    cluster.connectAll();
    cluster.node('n2').start(rejoin);
    expect(show(cluster.ask('n2', put('a', 'too early')))).toMatch(/unavailable, definite/);
    cluster.waitUntil(() => roleOf(cluster, 'n2') === 'server', 5000);
    expect(show(cluster.ask('n2', get('a')))).toBe('value 1');
    const stamp = versionOf(cluster.ask('n2', put('a', 'new')))?.stamp ?? 0;
    expect(stamp).toBeGreaterThan(Math.max(...told.map((done) => versionOf(done)?.stamp ?? 0)));
    cluster.wait(2000);
    for (const node of ['n1', 'n2', 'n3'])
      expect(show(cluster.ask(node, get('a')))).toBe('value new');
  });

  test('writes above what others know of it, also after another restart', () => {
    const cluster = new GossipCluster({ options: { intervalMs: 50 } });
    for (let at = 0; at < 9; at++) cluster.ask('n2', put('a', `${at}`));
    cluster.ask('n1', remove('b'));
    cluster.wait(3000);
    cluster.node('n2').crash();
    cluster.node('n2').wipe();
    cluster.node('n2').start(rejoin);
    cluster.waitUntil(() => roleOf(cluster, 'n2') === 'server', 5000);
    cluster.node('n2').snapshot();
    cluster.node('n2').crash();
    cluster.node('n2').start();
    cluster.ask('n2', put('b', 'after'));
    cluster.wait(3000);
    for (const node of ['n1', 'n3']) expect(show(cluster.ask(node, get('b')))).toBe('value after');
  });

  test('waits while nobody is there to copy from, over restarts, and not for those who are away', () => {
    const cluster = new GossipCluster();
    cluster.ask('n1', put('a', '1'));
    cluster.wait(500);
    for (const node of ['n1', 'n2', 'n3']) cluster.node(node).crash();
    cluster.node('n2').wipe();
    cluster.node('n2').start(rejoin);
    cluster.wait(3000);
    cluster.node('n2').crash();
    cluster.node('n2').start();
    cluster.wait(3000);
    expect(roleOf(cluster, 'n2')).toBe('copying');
    cluster.node('n3').start();
    cluster.waitUntil(() => roleOf(cluster, 'n2') === 'server', 5000);
    expect(show(cluster.ask('n2', get('a')))).toBe('value 1');
  });

  test('is done though another copies as well, but never when all do', () => {
    const cluster = new GossipCluster();
    cluster.ask('n1', put('a', '1'));
    cluster.wait(500);
    const lose = (...nodes: string[]) => {
      for (const node of nodes) {
        cluster.node(node).crash();
        cluster.node(node).wipe();
        cluster.node(node).start(rejoin);
      }
      cluster.wait(3000);
      return nodes.map((node) => roleOf(cluster, node));
    };
    expect(lose('n2', 'n3')).toEqual(['server', 'server']);
    expect(lose('n1', 'n2', 'n3')).toEqual(['copying', 'copying', 'copying']);
  });

  test('that was put back from an older copy brings back nothing that was deleted and collected', () => {
    const cluster = new GossipCluster({ options: { intervalMs: 50 } });
    cluster.ask('n1', put('a', 'old'));
    cluster.wait(1000);
    const kept = cluster.storage('n2').disk.image();
    cluster.ask('n1', remove('a'));
    cluster.wait(5000);
    expect(cluster.view('n1').facts).toContainEqual(['tombstones', 0]);
    cluster.node('n2').crash();
    cluster.storage('n2').replaceDisk(kept);
    cluster.node('n2').start(rejoin);
    cluster.waitUntil(() => roleOf(cluster, 'n2') === 'server', 5000);
    cluster.wait(3000);
    for (const node of ['n1', 'n2', 'n3'])
      expect(show(cluster.ask(node, get('a')))).toBe('value null');
  });
});
