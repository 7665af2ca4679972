import { describe, expect, test } from 'vitest';
import { TestCluster } from '../testing/cluster.js';
import { from, get, isType, put, remove, show, text, to } from '../testing/operations.js';

/** n1 coordinates and keeps no copy: what it knows it knows from messages. */
function nonReplicaCluster(options = {}) {
  const cluster = new TestCluster({ nodes: 4, options });
  return { cluster, key: cluster.keyOwnedBy('n2', 'n3', 'n4') };
}

describe('a write', () => {
  test('"if at least W nodes respond then the write is considered successful", and not before', () => {
    const { cluster, key } = nonReplicaCluster();
    const id = cluster.request('n1', put(key, 'a'), 'quorum');
    const [first, second, third] = cluster.wire.filter(isType('write'));
    expect([first?.to, second?.to, third?.to]).toEqual(['n2', 'n3', 'n4']);
    cluster.deliver(first as NonNullable<typeof first>);
    cluster.deliverAll(to('n1'));
    expect(cluster.results.has(id)).toBe(false);
    cluster.deliver(second as NonNullable<typeof second>);
    cluster.deliverAll(to('n1'));
    expect(show(cluster.results.get(id))).toBe('done');
  });

  test('is acknowledged only when it is durable', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.node('n2').autoSync = false;
    cluster.request('n1', put(key, 'a'), 'one');
    cluster.deliverAll(to('n2'));
    expect(cluster.wire.some(isType('ack'))).toBe(false);
    cluster.node('n2').sync();
    expect(cluster.wire.some(isType('ack'))).toBe(true);
    cluster.node('n2').crash();
    cluster.node('n2').restart();
    expect(text(cluster.held('n2', key)?.value)).toBe('a');
  });

  test('is on its way to others while its coordinator still syncs its own copy', () => {
    const cluster = new TestCluster();
    cluster.ask('n1', put('k', 'a'));
    cluster.settle();
    cluster.node('n1').autoSync = false;
    const id = cluster.request('n1', put('k', 'b'), 'quorum');
    const sent = cluster.wire.filter(isType('write')).map((envelope) => envelope.to);
    expect(sent.sort()).toEqual(['n2', 'n3']);
    cluster.deliverAll();
    expect(cluster.results.has(id)).toBe(false);
    cluster.node('n1').sync();
    expect(show(cluster.results.get(id))).toBe('done');
  });

  test('waits for the journal while its stamp could be given out again after a crash', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.ask('n1', put(key, 'a'));
    cluster.advance(5000);
    const node = cluster.node('n1');
    node.autoSync = false;
    cluster.request('n1', put(key, 'b'));
    expect(cluster.wire.some(isType('write'))).toBe(false);
    node.crash();
    node.skewMs = -5000;
    node.restart();
    node.sync();
    cluster.deliverAll();
    node.autoSync = true;
    cluster.request('n1', put(key, 'c'));
    cluster.deliverAll();
    expect(text(cluster.held('n2', key)?.value)).toBe('c');
  });

  test('a duplicate of an acknowledgement counts once', () => {
    const { cluster, key } = nonReplicaCluster();
    const id = cluster.request('n1', put(key, 'a'), 'quorum');
    cluster.deliverAll(to('n2'));
    const [ack] = cluster.wire.filter(isType('ack'));
    for (let time = 0; time < 3; time++) cluster.hand(ack as NonNullable<typeof ack>);
    expect(cluster.results.has(id)).toBe(false);
  });

  test('what is lost is sent again, in the same version', () => {
    const { cluster, key } = nonReplicaCluster();
    const id = cluster.request('n1', put(key, 'a'), 'all');
    const lost = cluster.take(isType('write'));
    cluster.advance(300, false);
    const again = cluster.wire.filter(isType('write'));
    expect(again.map((envelope) => envelope.message)).toEqual(lost.map(({ message }) => message));
    cluster.deliverAll();
    expect(show(cluster.results.get(id))).toBe('done');
  });

  test('timed out: not definite, and says how far it came', () => {
    const { cluster, key } = nonReplicaCluster();
    const id = cluster.request('n1', put(key, 'a'), 'quorum', 400);
    cluster.deliverAll(to('n2'));
    cluster.deliverAll(to('n1'));
    cluster.isCut = (_, node) => node === 'n3' || node === 'n4';
    cluster.take(isType('write'));
    cluster.advance(500);
    expect(show(cluster.results.get(id))).toBe(
      'timeout: 1 of 2 replicas needed acknowledged within 400 ms (no answer from n3, n4)',
    );
  });

  test('unavailable: definite, nothing is sent, and who is away is named', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.isCut = (a, b) => [a, b].some((node) => node === 'n2' || node === 'n4');
    cluster.advance(1300);
    const id = cluster.request('n1', put(key, 'a'), 'quorum');
    expect(show(cluster.results.get(id))).toBe(
      'unavailable, definite: the operation needs 2 of n2, n3, n4; n2 and n4 are out of reach',
    );
    expect(cluster.wire.some(isType('write'))).toBe(false);
    expect(cluster.node('n1').replica.inspect().facts).toContainEqual(['hints', 0]);
  });

  test('hints do not count towards W', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.isCut = (a, b) => a === 'n4' || b === 'n4';
    cluster.advance(1300);
    const id = cluster.request('n1', put(key, 'a'), 'quorum');
    expect(cluster.node('n1').replica.inspect().facts).toContainEqual(['hints', 1]);
    cluster.deliverAll((envelope) => envelope.to !== 'n3');
    expect(cluster.results.has(id)).toBe(false);
    cluster.deliverAll();
    expect(show(cluster.results.get(id))).toBe('done');
    expect(show(cluster.ask('n1', put(key, 'b'), 'all'))).toMatch(/^unavailable, definite/);
  });

  test('many clients of one turn cost one message a peer', () => {
    const { cluster } = nonReplicaCluster();
    const node = cluster.node('n1');
    cluster.take(() => true);
    node.turn((replica, ctx) => {
      for (let id = 1000; id < 1100; id++) {
        const operation = put(`many${id}`, 'v');
        replica.onRequest(
          { id, operation, level: null, session: null, floor: null, timeoutMs: 1000 },
          ctx,
        );
      }
    });
    const sent = cluster.wire.filter((envelope) => envelope.to !== 'n1');
    expect(sent.map((envelope) => envelope.to).sort()).toEqual(['n2', 'n3', 'n4']);
    cluster.deliverAll(to('n2'));
    expect(cluster.wire.filter(from('n2'))).toHaveLength(1);
  });

  test('one more than may be pending is refused, and nothing of it is sent', () => {
    const { cluster, key } = nonReplicaCluster({ pendingMax: 2 });
    cluster.request('n1', put(key, 'a'));
    cluster.request('n1', put(key, 'b'));
    cluster.take(() => true);
    const id = cluster.request('n1', put(key, 'c'));
    expect(show(cluster.results.get(id))).toBe(
      'overloaded, definite: n1 has too many requests under way',
    );
    expect(cluster.wire).toHaveLength(0);
  });

  test('answered writes that wait for stragglers are bounded too: the oldest become hints', () => {
    const { cluster, key } = nonReplicaCluster({ pendingMax: 5 });
    cluster.isCut = (_, node) => node === 'n4';
    for (let at = 0; at < 20; at++) {
      cluster.request('n1', put(`${key}`, `${at}`));
      cluster.deliverAll();
    }
    const facts = new Map(cluster.node('n1').replica.inspect().facts);
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
    n1.restart();
    const id = cluster.request('n1', put(key, 'b'));
    cluster.deliverAll();
    expect(show(cluster.results.get(id))).toBe('done');
    cluster.hand(old as NonNullable<typeof old>);
    expect(text(cluster.held(old?.to as string, key)?.value)).toBe('b');
  });

  test('an acknowledgement of an earlier life of the coordinator counts for nothing', () => {
    const { cluster, key } = nonReplicaCluster();
    cluster.request('n1', put(key, 'a'), 'one');
    cluster.deliverAll(isType('write'));
    const acks = cluster.take(isType('ack'));
    cluster.node('n1').crash();
    cluster.node('n1').restart();
    cluster.take(() => true);
    const id = cluster.request('n1', put(key, 'b'), 'one');
    for (const ack of acks) cluster.hand(ack);
    expect(cluster.results.has(id)).toBe(false);
  });
});

describe('what is wrong with a request itself', () => {
  test.each([
    ['a key without bytes', put('', 'v'), /^bad-request, definite: a key has 1 to 1024 bytes/],
    ['a key too long', put('k'.repeat(1025), 'v'), /a key has 1 to 1024 bytes, not 1025/],
    [
      'a value too long',
      put('k', 'v'.repeat(1024 * 1024 + 1)),
      /a value has at most 1048576 bytes/,
    ],
  ])('%s', (_, operation, message) => {
    const { cluster } = nonReplicaCluster();
    const id = cluster.request('n1', operation);
    expect(show(cluster.results.get(id))).toMatch(message);
  });

  test.each([
    [
      'leader',
      /mode quorum has no level "leader"; it has one, two, quorum, all, linearizable and the numbers 1 to 3/,
    ],
    [4, /mode quorum has no level 4/],
    [0, /mode quorum has no level 0/],
    [1.5, /mode quorum has no level 1.5/],
  ] as const)('level %s', (level, message) => {
    const { cluster } = nonReplicaCluster();
    const id = cluster.request('n1', get('k'), level);
    expect(show(cluster.results.get(id))).toMatch(message);
  });
});
