import { describe, expect, test } from 'vitest';
import { get, put, textOf } from '../../testing/operations.js';
import { QuorumCluster } from '../testing/cluster.js';
import { from, isType, show, to } from '../testing/operations.js';

/** n2 holds `new`, n3 and n4 hold `old`; n1 coordinates and keeps no copy. */
function divided() {
  const cluster = new QuorumCluster({ nodes: 4, options: { antiEntropyMs: 1_000_000 } });
  const key = cluster.keyOwnedBy('n2', 'n3', 'n4');
  cluster.ask('n1', put(key, 'old'), { level: 'all' });
  cluster.settle();
  cluster.request('n1', put(key, 'new'), { level: 'one' });
  cluster.deliverAll(to('n2'));
  cluster.node('n1').crash();
  cluster.take(() => true);
  cluster.node('n1').start();
  cluster.deliverAll();
  expect(holders(cluster, key)).toEqual(['new', 'old', 'old']);
  return { cluster, key };
}

function holders(cluster: QuorumCluster, key: string) {
  return ['n2', 'n3', 'n4'].map((node) => textOf(cluster.held(node, key)?.value));
}

/** Delivers the question to these replicas, in this order, with their replies. */
function askIn(cluster: QuorumCluster, ...replicas: string[]) {
  for (const replica of replicas) {
    cluster.deliverAll((envelope) => envelope.to === replica && envelope.message.type === 'read');
    cluster.deliverAll(
      (envelope) => envelope.from === replica && envelope.message.type === 'reply',
    );
  }
}

describe('a read', () => {
  test('at level one answers with the first reply, however stale', () => {
    const { cluster, key } = divided();
    const id = cluster.request('n1', get(key), { level: 'one' });
    askIn(cluster, 'n3');
    expect(show(id.result)).toBe('value old');
  });

  test('at level one the stale are repaired behind the answer', () => {
    const { cluster, key } = divided();
    cluster.request('n1', get(key), { level: 'one' });
    askIn(cluster, 'n3', 'n2', 'n4');
    cluster.deliverAll();
    expect(holders(cluster, key)).toEqual(['new', 'new', 'new']);
  });

  test('with R + W > N "the set of nodes it reads from overlaps": the newest of R replies is the answer', () => {
    const { cluster, key } = divided();
    const id = cluster.request('n1', get(key), { level: 'quorum' });
    askIn(cluster, 'n3', 'n2');
    cluster.deliverAll();
    expect(show(id.result)).toBe('value new');
  });

  test('read repair comes before the answer: R replicas hold what a reader was told', () => {
    const { cluster, key } = divided();
    const id = cluster.request('n1', get(key), { level: 'quorum' });
    askIn(cluster, 'n3', 'n2');
    expect(id.result).toBeNull();
    cluster.deliverAll(to('n3'));
    expect(id.result).toBeNull();
    cluster.deliverAll(from('n3'));
    expect(show(id.result)).toBe('value new');
    expect(holders(cluster, key)).toEqual(['new', 'new', 'old']);
  });

  test('two reads one after the other do not go back in time, though the write is still on its way', () => {
    const { cluster, key } = divided();
    const first = cluster.request('n1', get(key), { level: 'quorum' });
    askIn(cluster, 'n2', 'n3');
    cluster.deliverAll((envelope) => envelope.to !== 'n4');
    expect(show(first.result)).toBe('value new');
    cluster.take(() => true);
    const second = cluster.request('n1', get(key), { level: 'quorum' });
    askIn(cluster, 'n4', 'n3');
    cluster.deliverAll();
    expect(show(second.result)).toBe('value new');
  });

  test('a repair is not an undo: a replica that meanwhile has something newer keeps it', () => {
    const { cluster, key } = divided();
    cluster.request('n1', get(key), { level: 'quorum' });
    askIn(cluster, 'n3', 'n2');
    const repairs = cluster.take(isType('write'));
    expect(repairs.length).toBeGreaterThan(0);
    cluster.ask('n2', put(key, 'newest'), { level: 'all' });
    for (const repair of repairs) cluster.hand(repair);
    expect(holders(cluster, key)).toEqual(['newest', 'newest', 'newest']);
  });

  test('a repair that is lost is sent again', () => {
    const { cluster, key } = divided();
    const id = cluster.request('n1', get(key), { level: 'quorum' });
    askIn(cluster, 'n3', 'n2');
    cluster.take(() => true);
    cluster.advance(600);
    expect(show(id.result)).toBe('value new');
  });

  test('a question that is lost is asked again', () => {
    const { cluster, key } = divided();
    const id = cluster.request('n1', get(key), { level: 'all' });
    cluster.take(isType('read'));
    cluster.advance(600);
    expect(show(id.result)).toBe('value new');
    expect(holders(cluster, key)).toEqual(['new', 'new', 'new']);
  });

  test('a reply that comes twice counts once', () => {
    const { cluster, key } = divided();
    const id = cluster.request('n1', get(key), { level: 'quorum' });
    cluster.deliverAll((envelope) => envelope.to === 'n3');
    const [reply] = cluster.take(isType('reply'));
    for (let time = 0; time < 3; time++) cluster.hand(reply as NonNullable<typeof reply>);
    expect(id.result).toBeNull();
  });

  test('a reply that comes late, with something older, changes nothing but its sender', () => {
    const { cluster, key } = divided();
    const id = cluster.request('n1', get(key), { level: 'one' });
    askIn(cluster, 'n2');
    expect(show(id.result)).toBe('value new');
    askIn(cluster, 'n4', 'n3');
    cluster.deliverAll();
    expect(holders(cluster, key)).toEqual(['new', 'new', 'new']);
  });

  test('timed out: says how many of how many answered', () => {
    const { cluster, key } = divided();
    const id = cluster.request('n1', get(key), { level: 'quorum', timeoutMs: 300 });
    cluster.isCut = (_, node) => node === 'n2' || node === 'n4';
    cluster.take(to('n2', 'n4'));
    cluster.advance(400);
    expect(show(id.result)).toBe(
      'timeout: 1 of 2 replicas needed answered within 300 ms (no answer from n2, n4)',
    );
  });

  test('too few alive: unavailable, definite, nothing asked', () => {
    const { cluster, key } = divided();
    for (const node of ['n2', 'n3']) cluster.node(node).crash();
    cluster.advance(1300);
    const id = cluster.request('n1', get(key), { level: 'quorum' });
    expect(show(id.result)).toBe(
      'unavailable, definite: the operation needs 2 of n2, n3, n4; n2 and n3 are out of reach',
    );
    expect(cluster.flights.some(isType('read'))).toBe(false);
    expect(show(cluster.ask('n1', get(key), { level: 'one' }))).toBe('value old');
  });

  test('a coordinator that is a stale replica itself repairs itself', () => {
    const { cluster, key } = divided();
    expect(show(cluster.ask('n3', get(key), { level: 'quorum' }))).toMatch(/value/);
    expect(show(cluster.ask('n3', get(key), { level: 'all' }))).toBe('value new');
    expect(textOf(cluster.held('n3', key)?.value)).toBe('new');
  });
});
