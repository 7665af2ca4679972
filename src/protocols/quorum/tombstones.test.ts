import { describe, expect, test } from 'vitest';
import { get, put, remove } from '../testing/operations.js';
import { type Envelope, QuorumCluster } from './testing/cluster.js';
import { isType, show, to } from './testing/operations.js';

const graceMs = 2000;
const quiet = { graceMs, antiEntropyMs: 1_000_000 };

/** Four nodes, the key on n2, n3 and n4, and deleted everywhere. */
function deleted(options = {}) {
  const cluster = new QuorumCluster({ nodes: 4, options: { ...quiet, ...options } });
  const key = cluster.keyOwnedBy('n2', 'n3', 'n4');
  cluster.ask('n1', put(key, 'v'), { level: 'all' });
  cluster.ask('n1', remove(key), { level: 'all' });
  cluster.settle();
  return { cluster, key };
}

const traces = (cluster: QuorumCluster, key: string) =>
  ['n2', 'n3', 'n4'].map((node) => {
    if (!cluster.isUp(node)) return 'down';
    const held = cluster.held(node, key);
    return held === undefined ? 'nothing' : held.value === null ? 'tombstone' : 'value';
  });
const gone = ['nothing', 'nothing', 'nothing'];
const kept = ['tombstone', 'tombstone', 'tombstone'];

/** Runs until the key's first replica has proposed, and returns its proposals unheard. */
function untilProposed(cluster: QuorumCluster): Envelope[] {
  for (let waited = 0; waited < 10 * graceMs; waited += 50) {
    cluster.advance(50, false);
    const proposals = cluster.take(isType('propose'));
    if (proposals.length > 0) return proposals;
    cluster.deliverAll();
  }
  throw new Error('nothing was proposed');
}

describe('a tombstone', () => {
  test('is kept for the grace period, twice, and then collected everywhere', () => {
    const { cluster, key } = deleted();
    cluster.advance(2 * graceMs - 100);
    expect(traces(cluster, key)).toEqual(kept);
    cluster.advance(2 * graceMs);
    expect(traces(cluster, key)).toEqual(gone);
    expect(show(cluster.ask('n1', get(key), { level: 'all' }))).toBe('value null');
  });

  test('stays collected after a restart of everybody', () => {
    const { cluster, key } = deleted();
    cluster.advance(4 * graceMs);
    for (const node of cluster.nodes) cluster.node(node).crash();
    for (const node of cluster.nodes) cluster.node(node).start();
    cluster.advance(5000);
    expect(traces(cluster, key)).toEqual(gone);
  });

  test('is not collected while any node is away, replica of the key or not', () => {
    for (const away of ['n1', 'n4']) {
      const { cluster, key } = deleted();
      cluster.node(away).crash();
      cluster.advance(10 * graceMs);
      expect(traces(cluster, key)).toEqual(away === 'n4' ? [...kept.slice(1), 'down'] : kept);
      cluster.node(away).start();
      cluster.advance(5 * graceMs);
      expect(traces(cluster, key)).toEqual(gone);
    }
  });

  test('a replica that came late to it delays its collection by as much', () => {
    const { cluster, key } = deleted();
    cluster.advance(graceMs - 200);
    cluster.node('n4').crash();
    cluster.node('n4').start();
    cluster.advance(1.9 * graceMs);
    expect(traces(cluster, key)).toEqual(kept);
    cluster.advance(4 * graceMs);
    expect(traces(cluster, key)).toEqual(gone);
  });

  test('a value that one replica still holds is never left alone: nothing rises from the dead', () => {
    const cluster = new QuorumCluster({ nodes: 4, options: { ...quiet, hintsMax: 0 } });
    const key = cluster.keyOwnedBy('n2', 'n3', 'n4');
    cluster.ask('n1', put(key, 'v'), { level: 'all' });
    // n4 hears everybody and tells everybody that it lives, but gets no writes.
    cluster.loses = ({ to: node, message }) => node === 'n4' && message.type === 'write';
    cluster.ask('n1', remove(key), { level: 'quorum' });
    cluster.advance(10 * graceMs);
    expect(traces(cluster, key)).toEqual(['tombstone', 'tombstone', 'value']);
    cluster.loses = () => false;
    expect(show(cluster.ask('n1', get(key), { level: 'all' }))).toBe('value null');
  });

  test('a write of an older version under way at a coordinator stands in the way', () => {
    const { cluster, key } = deleted();
    const proposals = untilProposed(cluster);
    // n1's clock lags and it has heard nothing: its write is older than the tombstone, and unheard.
    const tombstone = cluster.held('n2', key);
    cluster.node('n1').crash();
    cluster.node('n1').wipe();
    cluster.node('n1').skewMs = -3_600_000;
    cluster.node('n1').start();
    cluster.take(() => true);
    cluster.request('n1', put(key, 'older'), { level: 'one', timeoutMs: 60_000 });
    const [write] = cluster.take((e) => isType('write')(e) && to('n3')(e));
    const stamp = write?.message.type === 'write' ? write.message.writes[0]?.version.stamp : 0;
    expect(stamp).toBeLessThan(tombstone?.version.stamp ?? 0);
    for (const proposal of proposals.filter(to('n1'))) cluster.hand(proposal);
    const [answer] = cluster.flights.filter(isType('confirm'));
    expect(answer?.message).toMatchObject({ type: 'confirm', refused: [0] });
  });

  test('an older hint is dropped, durably, before its holder confirms', () => {
    const cluster = new QuorumCluster({ nodes: 4, options: quiet });
    const key = cluster.keyOwnedBy('n2', 'n3', 'n4');
    // n1 keeps a hint of the value for n4, which gets the tombstone from n2.
    cluster.isCut = (a, b) => [a, b].includes('n1') && [a, b].includes('n4');
    cluster.request('n1', put(key, 'v'), { level: 'quorum', timeoutMs: 500 });
    cluster.advance(600);
    cluster.ask('n2', remove(key), { level: 'all' });
    const hintsOf = () => new Map(cluster.view('n1').facts).get('hints');
    expect(hintsOf()).toBe(1);
    const version = cluster.held('n4', key)?.version;
    const tombstones = [{ key: put(key, '').key, version: version as NonNullable<typeof version> }];
    cluster.hand({ from: 'n2', to: 'n1', message: { type: 'propose', round: 1, tombstones } });
    expect(hintsOf()).toBe(0);
    expect(cluster.flights.filter(isType('confirm'))[0]?.message).toMatchObject({ refused: [] });
    cluster.node('n1').crash();
    cluster.node('n1').start();
    expect(hintsOf()).toBe(0);
  });

  test('a read that has met an older version, or may, stands in the way', () => {
    const { cluster, key } = deleted();
    const proposals = untilProposed(cluster);
    cluster.request('n1', get(key), { level: 'all', timeoutMs: 60_000 });
    cluster.take(isType('read'));
    for (const proposal of proposals.filter(to('n1'))) cluster.hand(proposal);
    expect(cluster.flights.filter(isType('confirm'))[0]?.message).toMatchObject({ refused: [0] });
  });

  test('is collected a grace period after the last has confirmed, not at once', () => {
    const { cluster, key } = deleted();
    for (const proposal of untilProposed(cluster)) cluster.hand(proposal);
    cluster.deliverAll();
    const confirmedAt = cluster.now;
    while (traces(cluster, key)[0] === 'tombstone') cluster.advance(10);
    expect(cluster.now - confirmedAt).toBeGreaterThanOrEqual(graceMs);
  });

  test('only exactly the version named is removed', () => {
    const { cluster, key } = deleted();
    for (const proposal of untilProposed(cluster)) cluster.hand(proposal);
    cluster.deliverAll();
    cluster.ask('n1', put(key, 'again'), { level: 'all' });
    cluster.advance(4 * graceMs);
    expect(traces(cluster, key)).toEqual(['value', 'value', 'value']);
  });

  test('a replica that was stopped removes nothing when it wakes: older writes may wait at its door', () => {
    const { cluster, key } = deleted();
    let collect: Envelope[] = [];
    while (collect.length === 0) {
      cluster.advance(25);
      cluster.loses = ({ from, to: node, message }) => {
        if (message.type !== 'collect' || node !== 'n4') return false;
        collect.push({ from, to: node, message });
        return true;
      };
      cluster.advance(25);
      cluster.loses = () => false;
    }
    for (const node of cluster.nodes) cluster.apply({ do: 'pause', node });
    cluster.wait(600_000);
    collect = collect.slice(0, 1);
    cluster.hand(collect[0] as Envelope);
    cluster.apply({ do: 'resume', node: 'n4' });
    expect(traces(cluster, key)[2]).toBe('tombstone');
  });

  test('a lost collect brings the tombstone back, never the value, and it goes in a later round', () => {
    const { cluster, key } = deleted({ antiEntropyMs: 500 });
    let lost = 0;
    cluster.loses = ({ to: node, message }) =>
      message.type === 'collect' && node === 'n4' && lost++ === 0;
    const seen = new Set<string>();
    for (let at = 0; at < 400; at++) {
      cluster.advance(50);
      for (const trace of traces(cluster, key)) seen.add(trace);
    }
    expect(lost).toBeGreaterThan(0);
    expect(seen).toEqual(new Set(['tombstone', 'nothing']));
    expect(traces(cluster, key)).toEqual(gone);
  });

  test('after it is gone a new write is stamped above it, whoever coordinates and whatever its clock says', () => {
    const { cluster, key } = deleted();
    const stamp = cluster.held('n2', key)?.version.stamp ?? 0;
    cluster.advance(5 * graceMs);
    expect(traces(cluster, key)).toEqual(gone);
    for (const node of cluster.nodes) {
      cluster.node(node).skewMs = -3_600_000;
      cluster.node(node).crash();
      cluster.node(node).start();
      cluster.advance(300);
      cluster.ask(node, put(key, node), { level: 'one' });
      expect(cluster.held('n2', key)?.version.stamp ?? 0).toBeGreaterThan(stamp);
    }
  });

  test('a node that never heard of the delete learns its stamp when it is asked to confirm', () => {
    const cluster = new QuorumCluster({ nodes: 4, options: quiet });
    const key = cluster.keyOwnedBy('n2', 'n3', 'n4');
    cluster.node('n2').skewMs = 3_600_000;
    const deletion = cluster.ask('n2', remove(key), { level: 'all' });
    cluster.advance(5 * graceMs);
    expect(traces(cluster, key)).toEqual(gone);
    const later = cluster.ask('n1', put(key, 'v'), { level: 'one' });
    const stamps = [deletion, later].map((result) =>
      result.type === 'done' ? result.version.stamp : 0,
    );
    expect(stamps[1]).toBeGreaterThan(stamps[0] ?? 0);
  });
});
