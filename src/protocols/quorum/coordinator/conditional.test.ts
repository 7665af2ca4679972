import { describe, expect, test } from 'vitest';
import { bytes, cas, get, insert, put, remove } from '../../testing/operations.js';
import { QuorumCluster } from '../testing/cluster.js';
import { isType, show, to } from '../testing/operations.js';

function nonReplicaCluster() {
  const cluster = new QuorumCluster({ nodes: 4, options: { antiEntropyMs: 1_000_000 } });
  return { cluster, key: cluster.keyOwnedBy('n2', 'n3', 'n4') };
}

describe('a conditional write', () => {
  test('reads a majority even at level one, and writes above the version it has read', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.node('n2').skewMs = 3_600_000;
    cluster.ask('n2', put(key, 'a'));
    const id = cluster.request('n1', cas(key, 'a', 'b'), { level: 'one' });
    cluster.deliverAll(to('n4'));
    cluster.deliverAll(to('n1'));
    expect(cluster.flights.some(isType('write'))).toBe(false);
    cluster.deliverAll();
    expect(show(id.result)).toBe('done');
    expect(show(cluster.ask('n3', get(key)))).toBe('value b');
  });

  test('is not atomic: two concurrent inserts may both succeed, the greater version stays', () => {
    const { cluster, key } = nonReplicaCluster();
    const first = cluster.request('n1', insert(key, 'a'));
    const second = cluster.request('n2', insert(key, 'b'));
    cluster.deliverAll(isType('read', 'reply'));
    cluster.deliverAll();
    expect(show(first.result)).toBe('done');
    expect(show(second.result)).toBe('done');
    cluster.settle();
    expect(cluster.disagreements()).toEqual([]);
  });

  test('a refusal carries value and version, and waits until R replicas hold them', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.request('n1', put(key, 'a'));
    cluster.deliverAll(to('n2'));
    cluster.take(() => true);
    const id = cluster.request('n1', insert(key, 'b'));
    cluster.take(to('n4'));
    cluster.deliverAll(isType('read', 'reply'));
    expect(id.result).toBeNull();
    cluster.deliverAll();
    expect(id.result).toEqual({
      type: 'refused',
      reason: 'exists',
      actual: bytes('a'),
      version: cluster.held('n2', key)?.version,
    });
    expect(cluster.held('n3', key)).toBeDefined();
  });

  test('a refusal for a deleted key carries the version of the delete', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.ask('n1', put(key, 'a'));
    const deleted = cluster.ask('n1', remove(key));
    const refused = cluster.ask('n3', cas(key, 'a', 'b'));
    expect(refused).toMatchObject({
      type: 'refused',
      reason: 'absent',
      actual: null,
      version: deleted.type === 'done' ? deleted.version : {},
    });
  });

  test('a read phase that times out is definite: nothing was written', () => {
    const { cluster, key } = nonReplicaCluster();
    const id = cluster.request('n1', insert(key, 'a'), { timeoutMs: 300 });
    cluster.isCut = () => true;
    cluster.take(() => true);
    cluster.advance(400);
    expect(show(id.result)).toMatch(/^unavailable, definite: .*nothing was written$/);
  });
});
