import { describe, expect, test } from 'vitest';
import { get, put, remove, textOf } from '../testing/operations.js';
import { QuorumCluster } from './testing/cluster.js';
import { isType, show, to } from './testing/operations.js';

const quiet = { antiEntropyMs: 1_000_000 };

/** n1 coordinates, n4 is out of everybody's reach and known to be. */
function withOneAway(options = {}) {
  const cluster = new QuorumCluster({ nodes: 4, options: { ...quiet, ...options } });
  const key = cluster.keyOwnedBy('n2', 'n3', 'n4');
  cluster.isCut = (a, b) => a === 'n4' || b === 'n4';
  cluster.advance(1300);
  return { cluster, key };
}

const hintsAt = (cluster: QuorumCluster, node: string) =>
  new Map(cluster.view(node).facts).get('hints');

describe('hinted handoff', () => {
  test('a hint for a suspected replica is kept at once, and counts as nothing left to do', () => {
    const { cluster, key } = withOneAway();
    expect(show(cluster.ask('n1', put(key, 'a')))).toBe('done');
    expect(hintsAt(cluster, 'n1')).toBe(1);
    expect(cluster.view('n1').unsettledCount).toBe(0);
  });

  test('one that has not acknowledged by the end of the operation gets a hint then', () => {
    const cluster = new QuorumCluster({ nodes: 4, options: quiet });
    const key = cluster.keyOwnedBy('n2', 'n3', 'n4');
    cluster.isCut = (a, b) => a === 'n1' && b === 'n4';
    cluster.request('n1', put(key, 'a'), { timeoutMs: 400 });
    cluster.deliverAll();
    expect(hintsAt(cluster, 'n1')).toBe(0);
    cluster.advance(450);
    expect(hintsAt(cluster, 'n1')).toBe(1);
    cluster.isCut = () => false;
    cluster.advance(600);
    expect(textOf(cluster.held('n4', key)?.value)).toBe('a');
    expect(hintsAt(cluster, 'n1')).toBe(0);
  });

  test('is replayed when the target is back, without anyone reading, and then forgotten', () => {
    const { cluster, key } = withOneAway();
    cluster.ask('n1', put(key, 'a'));
    cluster.isCut = () => false;
    cluster.advance(500);
    expect(textOf(cluster.held('n4', key)?.value)).toBe('a');
    expect(hintsAt(cluster, 'n1')).toBe(0);
  });

  test('survives a crash of the holder', () => {
    const { cluster, key } = withOneAway();
    cluster.ask('n1', put(key, 'a'));
    cluster.node('n1').crash();
    cluster.node('n1').start();
    expect(hintsAt(cluster, 'n1')).toBe(1);
    cluster.isCut = () => false;
    cluster.advance(800);
    expect(textOf(cluster.held('n4', key)?.value)).toBe('a');
  });

  test('is not forgotten before the target has acknowledged; a lost batch is sent again', () => {
    const { cluster, key } = withOneAway();
    cluster.ask('n1', put(key, 'a'));
    cluster.isCut = () => false;
    cluster.hand({ from: 'n4', to: 'n1', message: { type: 'heartbeat' } });
    expect(cluster.take(isType('handoff'))).toHaveLength(1);
    expect(hintsAt(cluster, 'n1')).toBe(1);
    cluster.advance(600);
    expect(textOf(cluster.held('n4', key)?.value)).toBe('a');
    expect(hintsAt(cluster, 'n1')).toBe(0);
  });

  test('a hint that was forgotten is forgotten after a crash, too', () => {
    const { cluster, key } = withOneAway();
    cluster.ask('n1', put(key, 'a'));
    cluster.isCut = () => false;
    cluster.advance(500);
    cluster.node('n1').crash();
    cluster.node('n1').start();
    expect(hintsAt(cluster, 'n1')).toBe(0);
  });

  test('only the newest write of a key is kept; an old acknowledgement does not take it away', () => {
    const { cluster, key } = withOneAway();
    cluster.ask('n1', put(key, 'a'));
    const old = cluster.held('n2', key);
    cluster.ask('n1', remove(key));
    expect(hintsAt(cluster, 'n1')).toBe(1);
    const version = old?.version as NonNullable<typeof old>['version'];
    const entries = [{ key: old?.key as NonNullable<typeof old>['key'], version }];
    cluster.hand({ from: 'n4', to: 'n1', message: { type: 'handed', entries } });
    expect(hintsAt(cluster, 'n1')).toBe(1);
    cluster.isCut = () => false;
    cluster.advance(500);
    expect(cluster.held('n4', key)?.value).toBeNull();
  });

  test('an older write whose operation ends later does not replace the newer hint', () => {
    const cluster = new QuorumCluster({ nodes: 4, options: quiet });
    const key = cluster.keyOwnedBy('n2', 'n3', 'n4');
    cluster.isCut = (a, b) => a === 'n1' && b === 'n4';
    cluster.request('n1', put(key, 'older'), { timeoutMs: 1200 });
    cluster.deliverAll();
    cluster.request('n1', put(key, 'newer'), { timeoutMs: 300 });
    cluster.deliverAll();
    cluster.advance(1300);
    expect(hintsAt(cluster, 'n1')).toBe(1);
    cluster.isCut = () => false;
    // Long enough for the hint, too short for a comparison.
    cluster.advance(300);
    expect(textOf(cluster.held('n4', key)?.value)).toBe('newer');
  });

  test('is bounded; what does not fit is left to anti-entropy', () => {
    const { cluster } = withOneAway({ hintsMax: 5, antiEntropyMs: 400 });
    for (let at = 0; at < 60; at++) cluster.ask('n1', put(`k${at}`, 'v'));
    expect(hintsAt(cluster, 'n1')).toBe(5);
    cluster.isCut = () => false;
    cluster.advance(500);
    cluster.settle();
    expect(cluster.disagreements()).toEqual([]);
  });

  test('bytes are bounded, too', () => {
    const { cluster, key } = withOneAway({ hintBytesMax: 1000 });
    cluster.ask('n1', put(key, 'v'.repeat(2000)));
    expect(hintsAt(cluster, 'n1')).toBe(0);
  });

  test('many hints go in batches, one on its way at a time', () => {
    const { cluster } = withOneAway();
    for (let at = 0; at < 30; at++) cluster.ask('n1', put(`k${at}`, 'v'.repeat(30_000)));
    const before = Number(hintsAt(cluster, 'n1'));
    cluster.isCut = () => false;
    cluster.hand({ from: 'n4', to: 'n1', message: { type: 'heartbeat' } });
    const batches = cluster.flights.filter(isType('handoff'));
    expect(batches).toHaveLength(1);
    const [batch] = batches;
    const size = batch?.message.type === 'handoff' ? batch.message.entries.length : 0;
    expect(size).toBeLessThan(before);
    cluster.deliverAll(
      (envelope) => isType('handoff', 'handed')(envelope) && to('n1', 'n4')(envelope),
    );
    expect(hintsAt(cluster, 'n1')).toBe(0);
    expect(show(cluster.ask('n4', get('k1'), { level: 'one' }))).toMatch(/^value v/);
  });
});
