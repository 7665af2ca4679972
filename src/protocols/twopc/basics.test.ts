import { describe, expect, it } from 'vitest';
import type { Operation } from '../../core/operation.js';
import {
  cas,
  check,
  get,
  insert,
  key,
  put,
  remove,
  said,
  txn,
  update,
} from '../testing/operations.js';
import { type TwoPhaseCluster, twoPhaseCluster } from './testing/cluster.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];

function settled(): TwoPhaseCluster {
  const cluster = twoPhaseCluster({ nodes });
  cluster.wait(50);
  return cluster;
}

function ask(cluster: TwoPhaseCluster, node: string, operation: Operation): string {
  const asked = cluster.request(node, operation);
  cluster.waitUntil(() => asked.result !== null);
  return said(asked.result);
}

describe('operations', () => {
  it('are taken by any node and done on every worker', () => {
    const cluster = settled();
    expect(ask(cluster, 'n1', put('a', '1'))).toBe('done');
    expect(ask(cluster, 'n3', put('b', '2'))).toBe('done');
    for (const node of nodes) expect(ask(cluster, node, get('a'))).toBe('value 1');
    cluster.wait(50);
    for (const node of ['n2', 'n3', 'n4']) expect(cluster.contents(node)).toBe('a=1 b=2');
    expect(cluster.contents('n1')).toBe('');
    expect(cluster.view('n1').ownersOf(key('a'))).toEqual(['n2', 'n3', 'n4']);
  });

  it('respect their preconditions', () => {
    const cluster = settled();
    expect(ask(cluster, 'n2', update('a', 'v'))).toBe('refused absent null');
    expect(ask(cluster, 'n2', insert('a', 'v'))).toBe('done');
    expect(ask(cluster, 'n2', insert('a', 'v'))).toBe('refused exists v');
    expect(ask(cluster, 'n2', update('a', 'w'))).toBe('done');
    const swap = (expected: string | null, to: string | null) =>
      ask(cluster, 'n3', cas('a', expected, to));
    expect(swap('v', 'x')).toBe('refused different w');
    expect(swap(null, 'x')).toBe('refused exists w');
    expect(swap('w', null)).toBe('done');
    expect(swap('w', 'x')).toBe('refused absent null');
    expect(swap(null, 'y')).toBe('done');
    expect(ask(cluster, 'n4', remove('a'))).toBe('done');
    expect(ask(cluster, 'n4', get('a'))).toBe('value null');
  });

  it('are atomic lists of steps in `txn`, whose gets see earlier steps', () => {
    const cluster = settled();
    ask(cluster, 'n1', put('a', '1'));
    const swap = txn(get('a'), check('b', null), put('b', '2'), get('b'), remove('a'), get('a'));
    expect(ask(cluster, 'n3', swap)).toBe('committed 1 2');
    expect(ask(cluster, 'n3', swap)).toBe('refused exists 2');
    expect(ask(cluster, 'n2', txn(get('a'), get('b')))).toBe('committed  2');
    expect(ask(cluster, 'n2', txn(check('b', '3'), get('b')))).toBe('refused different 2');
  });

  it('refuse what this mode does not have, by name', () => {
    const cluster = settled();
    const asked = cluster.request('n2', get('a'), { level: 'one' });
    expect(asked.result).toMatchObject({ code: 'bad-request', definite: true });
    expect(ask(cluster, 'n1', { type: 'stabilize' })).toBe('definite bad-request');
  });

  it('conflict at once, definitely, when they overlap', () => {
    const cluster = settled();
    const first = cluster.request('n1', put('a', '1'));
    const second = cluster.request('n1', put('a', '2'));
    const reader = cluster.request('n1', txn(get('a'), put('b', '1')));
    const elsewhere = cluster.request('n1', put('c', '1'));
    cluster.waitUntil(() => [first, elsewhere].every((asked) => asked.result !== null));
    expect(said(second.result)).toBe('definite conflict');
    expect(said(reader.result)).toBe('definite conflict');
    expect([said(first.result), said(elsewhere.result)]).toEqual(['done', 'done']);
  });

  it('share what they only read', () => {
    const cluster = settled();
    ask(cluster, 'n1', put('a', '1'));
    const left = cluster.request('n1', txn(get('a'), put('b', '1')));
    const right = cluster.request('n1', txn(get('a'), put('c', '1')));
    cluster.waitUntil(() => left.result !== null && right.result !== null);
    expect([said(left.result), said(right.result)]).toEqual(['committed 1', 'committed 1']);
  });

  it('are refused when the pool has no workers at all', () => {
    const cluster = twoPhaseCluster({ nodes: ['n1'] });
    expect(ask(cluster, 'n1', put('a', '1'))).toBe('definite unavailable');
    expect(ask(cluster, 'n1', get('a'))).toBe('definite unavailable');
  });
});
