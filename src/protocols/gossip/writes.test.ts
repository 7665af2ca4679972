/** What one node answers from its own store, and what versions mean. */
import { describe, expect, test } from 'vitest';
import { cas, get, insert, put, remove, textOf, update } from '../testing/operations.js';
import { GossipCluster } from './testing/cluster.js';
import { floor, show, stabilize, versionOf } from './testing/operations.js';

const alone = () => new GossipCluster({ nodes: 1 });

describe('one node', () => {
  test('answers from its own store, cut off or not', () => {
    const cluster = new GossipCluster({ nodes: 3, links: [] });
    expect(show(cluster.ask('n1', put('k', 'v')))).toBe('done, new');
    expect(show(cluster.ask('n1', get('k')))).toBe('value v');
    expect(show(cluster.ask('n2', get('k')))).toBe('value null');
    expect(show(cluster.ask('n1', put('k', 'w')))).toBe('done, existed');
    expect(show(cluster.ask('n1', remove('k')))).toBe('done, existed');
    expect(show(cluster.ask('n1', remove('k')))).toBe('done, new');
  });

  test('a key never heard of has no version, a deleted one has', () => {
    const cluster = alone();
    expect(cluster.ask('n1', get('k'))).toEqual({ type: 'value', value: null, version: null });
    cluster.cut('n1', 'n2');
    const two = new GossipCluster({ nodes: 2, links: [] });
    const deleted = two.ask('n1', remove('k'));
    expect(two.ask('n1', get('k'))).toEqual({
      ...{ type: 'value', value: null, version: versionOf(deleted) },
    });
  });

  test.each([
    [null, insert('k', 'x'), 'done, new'],
    ['a', insert('k', 'x'), 'refused: exists, a'],
    [null, update('k', 'x'), 'refused: absent, null'],
    ['a', update('k', 'x'), 'done, existed'],
    ['a', cas('k', 'a', 'x'), 'done, existed'],
    ['a', cas('k', 'b', 'x'), 'refused: different, a'],
    ['a', cas('k', null, 'x'), 'refused: exists, a'],
    [null, cas('k', 'a', 'x'), 'refused: absent, null'],
    [null, cas('k', null, 'x'), 'done, new'],
    ['a', cas('k', 'a', null), 'done, existed'],
  ] as const)('where there is %j, %j', (before, operation, expected) => {
    const cluster = alone();
    if (before !== null) cluster.ask('n1', put('k', before));
    const held = cluster.held('n1', 'k');
    const result = cluster.ask('n1', operation);
    expect(show(result)).toBe(expected);
    if (result.type === 'refused') {
      expect(result.version).toEqual(held?.version ?? null);
      expect(cluster.held('n1', 'k')).toEqual(held);
    }
  });

  test('a put is one record', () => {
    const cluster = alone();
    cluster.ask('n1', put('k', 'v'));
    const before = cluster.durable.get('n1')?.length ?? 0;
    cluster.ask('n1', put('k', 'w'));
    expect(
      cluster.durable
        .get('n1')
        ?.slice(before)
        .map(({ type }) => type),
    ).toEqual(['entry']);
  });
});

describe('versions', () => {
  test('"the greater (Lamport stamp, server id) wins everywhere"', () => {
    const cluster = new GossipCluster({ nodes: 2, links: [] });
    cluster.ask('n1', put('tie', 'of n1'));
    cluster.ask('n2', put('tie', 'of n2'));
    cluster.ask('n2', put('k', 'older'));
    for (const value of ['1', '2', 'newer']) cluster.ask('n1', put('k', value));
    cluster.connectAll();
    cluster.ask('n1', stabilize);
    for (const node of ['n1', 'n2']) {
      expect(textOf(cluster.held(node, 'tie')?.value)).toBe('of n2');
      expect(textOf(cluster.held(node, 'k')?.value)).toBe('newer');
    }
  });

  test('what is written after something was heard of is newer (Lamport 1978, rule IR2)', () => {
    const cluster = new GossipCluster({ nodes: 3 });
    for (let stamp = 1; stamp <= 5; stamp++) cluster.ask('n3', put('k', `${stamp}`));
    cluster.wait(50);
    const result = cluster.ask('n1', put('other', 'x'));
    expect(versionOf(result)).toEqual({ stamp: 6, node: 'n1' });
  });

  test('no stamp is given out twice, whatever a crash takes', () => {
    const cluster = new GossipCluster({ nodes: 2, links: [] });
    const node = cluster.node('n1');
    const stamps = new Set<number | undefined>();
    for (let crash = 0; crash < 5; crash++) {
      const before = stamps.size;
      // Half of them conditional ones that fail, or writes with a session's stamp, which leave no entry.
      for (let at = 0; at < 700; at++) {
        stamps.add(versionOf(cluster.ask('n1', put(`k${at}`, 'v')))?.stamp);
      }
      expect(stamps.size).toBe(before + 700);
      const snapshot = crash % 2 === 0;
      if (snapshot) node.snapshot();
      node.crash();
      node.start();
    }
  });

  test('a stamp heard of, but of nothing that is kept, is remembered as well', () => {
    const cluster = new GossipCluster({ nodes: 2, links: [] });
    const n1 = cluster.node('n1');
    cluster.ask('n1', put('k', 'v'), { floor: floor(null, 5000) });
    cluster.ask('n1', put('k', 'v'), { floor: floor(null, 9000) });
    n1.crash();
    n1.start();
    expect(versionOf(cluster.ask('n1', put('k', 'w')))?.stamp).toBeGreaterThan(9001);
  });
});

describe('a session (Terry et al., PDIS 1994)', () => {
  const divided = () => {
    const cluster = new GossipCluster({ nodes: 2, links: [] });
    for (const value of ['a', 'b', 'c']) cluster.ask('n1', put('k', value));
    const seen = versionOf(cluster.ask('n1', get('k')));
    cluster.ask('n2', put('k', 'old'));
    return { cluster, seen };
  };
  const error = 'behind, definite: n2 is behind what this session has seen (ERR_DEP)';

  test('"read your writes" and "monotonic reads": a node that is behind says so', () => {
    const { cluster, seen } = divided();
    expect(show(cluster.ask('n2', get('k'), { floor: floor(seen) }))).toBe(error);
    expect(show(cluster.ask('n2', get('k'), { floor: floor(null) }))).toBe('value old');
    expect(show(cluster.ask('n1', get('k'), { floor: floor(seen) }))).toBe('value c');
    cluster.connectAll();
    cluster.wait(2000);
    expect(show(cluster.ask('n2', get('k'), { floor: floor(seen) }))).toBe('value c');
  });

  test('a node that holds nothing is behind, too', () => {
    const { cluster } = divided();
    const seen = versionOf(cluster.ask('n1', put('other', 'x')));
    expect(show(cluster.ask('n2', get('other'), { floor: floor(seen) }))).toBe(error);
  });

  test('conditional writes look first, others do not', () => {
    const { cluster, seen } = divided();
    for (const operation of [insert('k', 'x'), update('k', 'x'), cas('k', 'old', 'x')]) {
      expect(show(cluster.ask('n2', operation, { floor: floor(seen) }))).toBe(error);
    }
    expect(textOf(cluster.held('n2', 'k')?.value)).toBe('old');
    expect(show(cluster.ask('n2', put('k', 'x'), { floor: floor(seen) }))).toBe('done, existed');
    expect(show(cluster.ask('n2', remove('k'), { floor: floor(seen) }))).toBe('done, existed');
  });

  test('a newer tombstone satisfies it', () => {
    const { cluster, seen } = divided();
    cluster.ask('n1', remove('k'));
    expect(show(cluster.ask('n1', get('k'), { floor: floor(seen) }))).toBe('value null');
  });

  test('"monotonic writes": the stamp is greater than any that the session asks to be above', () => {
    const { cluster } = divided();
    expect(versionOf(cluster.ask('n2', put('x', 'y'), { floor: floor(null, 77) }))?.stamp).toBe(78);
    expect(versionOf(cluster.ask('n2', put('x', 'z'), { floor: floor(null, 5) }))?.stamp).toBe(79);
  });

  test('a session from elsewhere can not use up all stamps', () => {
    const { cluster } = divided();
    const result = cluster.ask('n2', put('x', 'y'), {
      floor: floor(null, Number.MAX_SAFE_INTEGER),
    });
    expect(show(result)).toMatch(/^behind, definite/);
  });

  test('what was seen, deleted, and collected everywhere is absent, not missing', () => {
    const cluster = new GossipCluster({ nodes: 2 });
    const seen = versionOf(cluster.ask('n1', put('k', 'v')));
    cluster.ask('n2', remove('k'));
    cluster.waitUntil(
      () => cluster.fact('n1', 'horizon') > 0 && cluster.fact('n2', 'horizon') > 0,
      20_000,
    );
    expect(cluster.held('n1', 'k')).toBeUndefined();
    expect(cluster.ask('n1', get('k'), { floor: floor(seen) })).toEqual({
      ...{ type: 'value', value: null, version: null },
    });
    const later = { stamp: cluster.fact('n1', 'horizon') + 1, node: 'n2' };
    expect(show(cluster.ask('n1', get('k'), { floor: floor(later) }))).toMatch(/^behind/);
  });
});
