import { describe, expect, test } from 'vitest';
import { cas, get, insert, put, remove, update } from '../testing/operations.js';
import { QuorumCluster } from './testing/cluster.js';
import { show } from './testing/operations.js';

describe('a cluster without faults', () => {
  test('any node serves any key, replica of it or not', () => {
    const cluster = new QuorumCluster({ nodes: 5 });
    for (let at = 0; at < 40; at++) {
      const key = `key${at}`;
      const through = cluster.nodes[at % 5] as string;
      expect(show(cluster.ask(through, put(key, `v${at}`)))).toBe('done');
      for (const node of cluster.nodes) {
        expect(show(cluster.ask(node, get(key)))).toBe(`value v${at}`);
      }
    }
    cluster.settle();
    expect(cluster.disagreements()).toEqual([]);
  });

  test.each(['one', 'two', 'quorum', 'all', 'linearizable', 1, 2, 3] as const)(
    'level %s puts, gets and deletes',
    (level) => {
      const cluster = new QuorumCluster({ nodes: 4 });
      for (const node of cluster.nodes) {
        expect(show(cluster.ask(node, put('k', node), { level }))).toBe('done');
        expect(show(cluster.ask(node, get('k'), { level }))).toBe(`value ${node}`);
        expect(show(cluster.ask(node, remove('k'), { level }))).toBe('done');
        expect(show(cluster.ask(node, get('k'), { level }))).toBe('value null');
      }
    },
  );

  test('insert, update and cas check what is there', () => {
    const cluster = new QuorumCluster({ nodes: 4 });
    const [n1, n4] = ['n1', 'n4'];
    expect(show(cluster.ask(n1, update('k', 'a')))).toBe('refused: absent, null');
    expect(show(cluster.ask(n4, insert('k', 'a')))).toBe('done');
    expect(show(cluster.ask(n1, insert('k', 'b')))).toBe('refused: exists, a');
    expect(show(cluster.ask(n1, update('k', 'b')))).toBe('done');
    expect(show(cluster.ask(n4, cas('k', 'a', 'c')))).toBe('refused: different, b');
    expect(show(cluster.ask(n4, cas('k', 'b', 'c')))).toBe('done');
    expect(show(cluster.ask(n4, cas('k', null, 'd')))).toBe('refused: exists, c');
    expect(show(cluster.ask(n1, cas('k', 'c', null)))).toBe('done');
    expect(show(cluster.ask(n1, cas('k', 'c', 'd')))).toBe('refused: absent, null');
    expect(show(cluster.ask(n1, get('k')))).toBe('value null');
  });
});
