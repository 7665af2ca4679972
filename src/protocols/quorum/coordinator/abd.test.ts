import { describe, expect, test } from 'vitest';
import type { KeyOperation } from '../../../core/operation.js';
import { get, put, remove, textOf } from '../../testing/operations.js';
import { QuorumCluster } from '../testing/cluster.js';
import { from, isType, show, to } from '../testing/operations.js';

function nonReplicaCluster() {
  const cluster = new QuorumCluster({ nodes: 4, options: { antiEntropyMs: 1_000_000 } });
  return { cluster, key: cluster.keyOwnedBy('n2', 'n3', 'n4') };
}

describe('level linearizable', () => {
  test('"the writer first asks for the highest label": a write by a lagging clock is above what is complete, at once', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.node('n2').skewMs = 3_600_000;
    cluster.ask('n2', put(key, 'first'), { level: 'linearizable' });
    const id = cluster.request('n1', put(key, 'second'), { level: 'linearizable' });
    expect(cluster.flights.some(isType('write'))).toBe(false);
    cluster.deliverAll(isType('read', 'reply'));
    const stamps = cluster.flights
      .filter(isType('write'))
      .map(({ message }) => (message.type === 'write' ? message.writes[0]?.version.stamp : 0));
    expect(new Set(stamps).size).toBe(1);
    expect(stamps[0]).toBeGreaterThan(cluster.held('n2', key)?.version.stamp ?? 0);
    cluster.deliverAll();
    expect(show(id.result)).toBe('done');
    expect(show(cluster.ask('n3', get(key), { level: 'linearizable' }))).toBe('value second');
  });

  test('"the reader writes back": after a read returned a value no later read returns an older one', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.ask('n1', put(key, 'old'), { level: 'all' });
    cluster.settle();
    // A write that has reached one replica and whose coordinator has crashed.
    cluster.request('n1', put(key, 'new'), { level: 'linearizable' });
    cluster.deliverAll(isType('read', 'reply'));
    cluster.deliverAll(to('n2'));
    cluster.node('n1').crash();
    cluster.take(() => true);

    // n2 and n3 answer the first reader, n3 and n4 the second.
    const first = cluster.request('n3', get(key), { level: 'linearizable' });
    cluster.isCut = (a, b) => a === 'n4' || b === 'n4';
    cluster.take(to('n4'));
    cluster.deliverAll();
    expect(show(first.result)).toBe('value new');
    cluster.isCut = (a, b) => a === 'n2' || b === 'n2';
    const second = cluster.request('n4', get(key), { level: 'linearizable' });
    cluster.deliverAll();
    cluster.advance(400);
    expect(show(second.result)).toBe('value new');
  });

  test('the read does not answer before the write-back is on a majority', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.ask('n1', put(key, 'old'), { level: 'all' });
    cluster.settle();
    cluster.request('n1', put(key, 'new'), { level: 'linearizable' });
    cluster.deliverAll(isType('read', 'reply'));
    cluster.deliverAll(to('n2'));
    cluster.take(() => true);
    const id = cluster.request('n1', get(key), { level: 'linearizable' });
    cluster.take(to('n4'));
    cluster.deliverAll(isType('read', 'reply'));
    expect(id.result).toBeNull();
    cluster.deliverAll();
    expect(show(id.result)).toBe('value new');
    expect(textOf(cluster.held('n3', key)?.value)).toBe('new');
  });

  test('when the whole majority agrees nothing is written back', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.ask('n1', put(key, 'a'), { level: 'all' });
    cluster.settle();
    const id = cluster.request('n1', get(key), { level: 'linearizable' });
    cluster.deliverAll(isType('read', 'reply'));
    expect(show(id.result)).toBe('value a');
    expect(cluster.flights.some(isType('write'))).toBe(false);
  });

  test('a retry of the second phase keeps its stamp', () => {
    const { cluster, key } = nonReplicaCluster();
    const id = cluster.request('n1', put(key, 'a'), { level: 'linearizable' });
    cluster.deliverAll(isType('read', 'reply'));
    const lost = cluster.take(isType('write')).map(({ message }) => message);
    cluster.advance(300, false);
    expect(cluster.flights.filter(isType('write')).map(({ message }) => message)).toEqual(lost);
    cluster.deliverAll();
    expect(show(id.result)).toBe('done');
  });

  test('replies of the first phase count for nothing in the second', () => {
    const { cluster, key } = nonReplicaCluster();
    const id = cluster.request('n1', put(key, 'a'), { level: 'linearizable' });
    cluster.deliverAll(isType('read'));
    const replies = cluster.take(isType('reply'));
    for (const reply of replies) cluster.hand(reply);
    expect(cluster.flights.some(isType('write'))).toBe(true);
    for (const reply of [...replies, ...replies]) cluster.hand(reply);
    expect(id.result).toBeNull();
    expect(cluster.held('n2', key)).toBeUndefined();
  });

  test('no majority in the first phase: nothing was written, and the answer says so', () => {
    const { cluster, key } = nonReplicaCluster();
    const id = cluster.request('n1', put(key, 'a'), { level: 'linearizable', timeoutMs: 300 });
    cluster.isCut = (_, node) => node === 'n2' || node === 'n3';
    cluster.take(to('n2', 'n3'));
    cluster.advance(400);
    expect(show(id.result)).toBe(
      'unavailable, definite: 1 of 2 replicas needed answered within 300 ms (no answer from n2, n3); nothing was written',
    );
    expect(cluster.flights.filter(from('n1')).some(isType('write'))).toBe(false);
  });

  test('no majority in the second: timed out, not definite', () => {
    const { cluster, key } = nonReplicaCluster();
    const id = cluster.request('n1', put(key, 'a'), { level: 'linearizable', timeoutMs: 300 });
    cluster.deliverAll(isType('read', 'reply'));
    cluster.isCut = () => true;
    cluster.take(() => true);
    cluster.advance(400);
    expect(show(id.result)).toMatch(/^timeout: 0 of 2 replicas needed acknowledged/);
  });

  test('tells whether there was a value', () => {
    const { cluster, key } = nonReplicaCluster();
    const existed = (operation: KeyOperation) => {
      const result = cluster.ask('n1', operation, { level: 'linearizable' });
      return result.type === 'done' ? result.existed : null;
    };
    expect(existed(put(key, ''))).toBe(false);
    expect(existed(put(key, 'b'))).toBe(true);
    expect(existed(remove(key))).toBe(true);
    expect(existed(remove(key))).toBe(false);
  });
});
