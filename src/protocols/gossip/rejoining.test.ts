/** Nodes that come back with less on their disks than they had acknowledged. */
import { describe, expect, test } from 'vitest';
import { TestCluster } from './testing/cluster.js';
import { get, put, remove, show, versionOf } from './testing/operations.js';

const rejoin = { incarnation: 9, removal: null };

function roleOf(cluster: TestCluster, node: string): string {
  return cluster.node(node).replica.inspect().role;
}

describe('a node without its journal', () => {
  test('never gives out a version again, not even of what it had told nobody', () => {
    const cluster = new TestCluster();
    cluster.ask('n1', put('a', '1'));
    cluster.run(500);
    cluster.cut('n1', 'n2');
    cluster.cut('n2', 'n3');
    const told = Array.from({ length: 20 }, (_, at) => cluster.ask('n2', put('a', `alone ${at}`)));
    cluster.node('n2').crash();
    cluster.node('n2').lose();
    cluster.connectAll();
    cluster.node('n2').start(rejoin);
    expect(show(cluster.ask('n2', put('a', 'too early')))).toMatch(/unavailable, definite/);
    cluster.runUntil(() => roleOf(cluster, 'n2') === 'server', 5000);
    expect(show(cluster.ask('n2', get('a')))).toBe('value 1');
    const stamp = versionOf(cluster.ask('n2', put('a', 'new')))?.stamp ?? 0;
    expect(stamp).toBeGreaterThan(Math.max(...told.map((done) => versionOf(done)?.stamp ?? 0)));
    cluster.run(2000);
    for (const node of ['n1', 'n2', 'n3'])
      expect(show(cluster.ask(node, get('a')))).toBe('value new');
  });

  test('writes above what others know of it, also after another restart', () => {
    const cluster = new TestCluster({ options: { intervalMs: 50 } });
    for (let at = 0; at < 9; at++) cluster.ask('n2', put('a', `${at}`));
    cluster.ask('n1', remove('b'));
    cluster.run(3000);
    cluster.node('n2').crash();
    cluster.node('n2').lose();
    cluster.node('n2').start(rejoin);
    cluster.runUntil(() => roleOf(cluster, 'n2') === 'server', 5000);
    cluster.node('n2').beginSnapshot();
    cluster.node('n2').drawSnapshot();
    cluster.node('n2').crash();
    cluster.node('n2').start();
    cluster.ask('n2', put('b', 'after'));
    cluster.run(3000);
    for (const node of ['n1', 'n3']) expect(show(cluster.ask(node, get('b')))).toBe('value after');
  });

  test('waits while nobody is there to copy from, over restarts, and not for those who are away', () => {
    const cluster = new TestCluster();
    cluster.ask('n1', put('a', '1'));
    cluster.run(500);
    for (const node of ['n1', 'n2', 'n3']) cluster.node(node).crash();
    cluster.node('n2').lose();
    cluster.node('n2').start(rejoin);
    cluster.run(3000);
    cluster.node('n2').crash();
    cluster.node('n2').start();
    cluster.run(3000);
    expect(roleOf(cluster, 'n2')).toBe('copying');
    cluster.node('n3').start();
    cluster.runUntil(() => roleOf(cluster, 'n2') === 'server', 5000);
    expect(show(cluster.ask('n2', get('a')))).toBe('value 1');
  });

  test('is done though another copies as well, but never when all do', () => {
    const cluster = new TestCluster();
    cluster.ask('n1', put('a', '1'));
    cluster.run(500);
    const lose = (...nodes: string[]) => {
      for (const node of nodes) {
        cluster.node(node).crash();
        cluster.node(node).lose();
        cluster.node(node).start(rejoin);
      }
      cluster.run(3000);
      return nodes.map((node) => roleOf(cluster, node));
    };
    expect(lose('n2', 'n3')).toEqual(['server', 'server']);
    expect(lose('n1', 'n2', 'n3')).toEqual(['copying', 'copying', 'copying']);
  });

  test('that was put back from an older copy brings back nothing that was deleted and collected', () => {
    const cluster = new TestCluster({ options: { intervalMs: 50 } });
    cluster.ask('n1', put('a', 'old'));
    cluster.run(1000);
    const kept = cluster.node('n2').records.length;
    cluster.ask('n1', remove('a'));
    cluster.run(5000);
    expect(cluster.node('n1').replica.inspect().facts).toContainEqual(['tombstones', 0]);
    cluster.node('n2').crash();
    cluster.node('n2').lose(kept);
    cluster.node('n2').start(rejoin);
    cluster.runUntil(() => roleOf(cluster, 'n2') === 'server', 5000);
    cluster.run(3000);
    for (const node of ['n1', 'n2', 'n3'])
      expect(show(cluster.ask(node, get('a')))).toBe('value null');
  });
});
