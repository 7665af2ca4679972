import { describe, expect, test } from 'vitest';
import { get, put, remove, textOf } from '../../testing/operations.js';
import { QuorumCluster } from '../testing/cluster.js';
import { from, isType, show, to } from '../testing/operations.js';

/** n1 coordinates and keeps no copy: what it knows it knows from messages. */
function nonReplicaCluster(options = {}) {
  const cluster = new QuorumCluster({ nodes: 4, options });
  return { cluster, key: cluster.keyOwnedBy('n2', 'n3', 'n4') };
}

describe('a write', () => {
  test('"if at least W nodes respond then the write is considered successful", and not before', () => {
    const { cluster, key } = nonReplicaCluster();
    const id = cluster.request('n1', put(key, 'a'), { level: 'quorum' });
    const [first, second, third] = cluster.flights.filter(isType('write'));
    expect([first?.to, second?.to, third?.to]).toEqual(['n2', 'n3', 'n4']);
    cluster.deliver(first as NonNullable<typeof first>);
    cluster.deliverAll(to('n1'));
    expect(id.result).toBeNull();
    cluster.deliver(second as NonNullable<typeof second>);
    cluster.deliverAll(to('n1'));
    expect(show(id.result)).toBe('done');
  });

  test('is acknowledged only when it is durable', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.node('n2').syncsAtOnce = false;
    cluster.request('n1', put(key, 'a'), { level: 'one' });
    cluster.deliverAll(to('n2'));
    expect(cluster.flights.some(isType('ack'))).toBe(false);
    cluster.node('n2').sync();
    expect(cluster.flights.some(isType('ack'))).toBe(true);
    cluster.node('n2').crash();
    cluster.node('n2').start();
    expect(textOf(cluster.held('n2', key)?.value)).toBe('a');
  });

  test('is on its way to others while its coordinator still syncs its own copy', () => {
    const cluster = new QuorumCluster();
    cluster.ask('n1', put('k', 'a'));
    cluster.settle();
    cluster.node('n1').syncsAtOnce = false;
    const id = cluster.request('n1', put('k', 'b'), { level: 'quorum' });
    const sent = cluster.flights.filter(isType('write')).map((envelope) => envelope.to);
    expect(sent.sort()).toEqual(['n2', 'n3']);
    cluster.deliverAll();
    expect(id.result).toBeNull();
    cluster.node('n1').sync();
    expect(show(id.result)).toBe('done');
  });

  test('waits for the journal while its stamp could be given out again after a crash', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.ask('n1', put(key, 'a'));
    cluster.advance(5000);
    const node = cluster.node('n1');
    node.syncsAtOnce = false;
    cluster.request('n1', put(key, 'b'));
    expect(cluster.flights.some(isType('write'))).toBe(false);
    node.crash();
    node.skewMs = -5000;
    node.start();
    node.sync();
    cluster.deliverAll();
    node.syncsAtOnce = true;
    cluster.request('n1', put(key, 'c'));
    cluster.deliverAll();
    expect(textOf(cluster.held('n2', key)?.value)).toBe('c');
  });

  test('a duplicate of an acknowledgement counts once', () => {
    const { cluster, key } = nonReplicaCluster();
    const id = cluster.request('n1', put(key, 'a'), { level: 'quorum' });
    cluster.deliverAll(to('n2'));
    const [ack] = cluster.flights.filter(isType('ack'));
    for (let time = 0; time < 3; time++) cluster.hand(ack as NonNullable<typeof ack>);
    expect(id.result).toBeNull();
  });

  test('what is lost is sent again, in the same version', () => {
    const { cluster, key } = nonReplicaCluster();
    const id = cluster.request('n1', put(key, 'a'), { level: 'all' });
    const lost = cluster.take(isType('write'));
    cluster.advance(300, false);
    const again = cluster.flights.filter(isType('write'));
    expect(again.map((envelope) => envelope.message)).toEqual(lost.map(({ message }) => message));
    cluster.deliverAll();
    expect(show(id.result)).toBe('done');
  });

  test('timed out: not definite, and says how far it came', () => {
    const { cluster, key } = nonReplicaCluster();
    const id = cluster.request('n1', put(key, 'a'), { level: 'quorum', timeoutMs: 400 });
    cluster.deliverAll(to('n2'));
    cluster.deliverAll(to('n1'));
    cluster.isCut = (_, node) => node === 'n3' || node === 'n4';
    cluster.take(isType('write'));
    cluster.advance(500);
    expect(show(id.result)).toBe(
      'timeout: 1 of 2 replicas needed acknowledged within 400 ms (no answer from n3, n4)',
    );
  });

  test('unavailable: definite, nothing is sent, and who is away is named', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.isCut = (a, b) => [a, b].some((node) => node === 'n2' || node === 'n4');
    cluster.advance(1300);
    const id = cluster.request('n1', put(key, 'a'), { level: 'quorum' });
    expect(show(id.result)).toBe(
      'unavailable, definite: the operation needs 2 of n2, n3, n4; n2 and n4 are out of reach',
    );
    expect(cluster.flights.some(isType('write'))).toBe(false);
    expect(cluster.view('n1').facts).toContainEqual(['hints', 0]);
  });

  test('hints do not count towards W', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.isCut = (a, b) => a === 'n4' || b === 'n4';
    cluster.advance(1300);
    const id = cluster.request('n1', put(key, 'a'), { level: 'quorum' });
    expect(cluster.view('n1').facts).toContainEqual(['hints', 1]);
    cluster.deliverAll((envelope) => envelope.to !== 'n3');
    expect(id.result).toBeNull();
    cluster.deliverAll();
    expect(show(id.result)).toBe('done');
    expect(show(cluster.ask('n1', put(key, 'b'), { level: 'all' }))).toMatch(
      /^unavailable, definite/,
    );
  });

  test('many clients of one turn cost one message a peer', () => {
    const { cluster } = nonReplicaCluster();
    const node = cluster.node('n1');
    cluster.take(() => true);
    node.inOneTurn(() => {
      for (let at = 0; at < 100; at++) cluster.request('n1', put(`many${at}`, 'v'));
    });
    const sent = cluster.flights.filter((envelope) => envelope.to !== 'n1');
    expect(sent.map((envelope) => envelope.to).sort()).toEqual(['n2', 'n3', 'n4']);
    cluster.deliverAll(to('n2'));
    expect(cluster.flights.filter(from('n2'))).toHaveLength(1);
  });

  test('one more than may be pending is refused, and nothing of it is sent', () => {
    const { cluster, key } = nonReplicaCluster({ pendingMax: 2 });
    cluster.request('n1', put(key, 'a'));
    cluster.request('n1', put(key, 'b'));
    cluster.take(() => true);
    const id = cluster.request('n1', put(key, 'c'));
    expect(show(id.result)).toBe('overloaded, definite: n1 has too many requests under way');
    expect(cluster.flights).toHaveLength(0);
  });

  test('answered writes that wait for stragglers are bounded too: the oldest become hints', () => {
    const { cluster, key } = nonReplicaCluster({ pendingMax: 5 });
    cluster.isCut = (_, node) => node === 'n4';
    for (let at = 0; at < 20; at++) {
      cluster.request('n1', put(`${key}`, `${at}`));
      cluster.deliverAll();
    }
    const facts = new Map(cluster.view('n1').facts);
    expect(facts.get('pending')).toBeLessThanOrEqual(6);
    expect(facts.get('hints')).toBe(1);
  });
});

describe('the last write wins', () => {
  test('a write stamped by a clock that lags is written again above what is complete, so a later read finds it', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.node('n2').skewMs = 60_000;
    expect(show(cluster.ask('n2', put(key, 'first')))).toBe('done');
    // n1 has heard of no stamp of n2's.
    expect(show(cluster.ask('n1', put(key, 'second')))).toBe('done');
    expect(show(cluster.ask('n3', get(key)))).toBe('value second');
    cluster.settle();
    expect(cluster.disagreements()).toEqual([]);
  });

  test('the same for a delete', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.node('n2').skewMs = 60_000;
    cluster.ask('n2', put(key, 'first'));
    cluster.ask('n1', remove(key));
    expect(show(cluster.ask('n3', get(key)))).toBe('value null');
  });

  test('two different writes never carry the same version, though their coordinator crashed between them', () => {
    const { cluster, key } = nonReplicaCluster();
    const n1 = cluster.node('n1');
    cluster.request('n1', put(key, 'a'));
    const [old] = cluster.take(isType('write'));
    n1.crash();
    n1.skewMs = -3_600_000;
    n1.start();
    const id = cluster.request('n1', put(key, 'b'));
    cluster.deliverAll();
    expect(show(id.result)).toBe('done');
    cluster.hand(old as NonNullable<typeof old>);
    expect(textOf(cluster.held(old?.to as string, key)?.value)).toBe('b');
  });

  test('an acknowledgement of an earlier life of the coordinator counts for nothing', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.request('n1', put(key, 'a'), { level: 'one' });
    cluster.deliverAll(isType('write'));
    const acks = cluster.take(isType('ack'));
    cluster.node('n1').crash();
    cluster.node('n1').start();
    cluster.take(() => true);
    const id = cluster.request('n1', put(key, 'b'), { level: 'one' });
    for (const ack of acks) cluster.hand(ack);
    expect(id.result).toBeNull();
  });
});
