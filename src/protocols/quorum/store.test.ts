import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyFromText } from '../../core/key.js';
import type { StoredEntry } from '../../core/replica.js';
import { TestContext } from '../testing/context.js';
import { bytes, textOf } from '../testing/operations.js';
import type { Quorum } from './messages.js';
import { Ring } from './ring.js';
import { Store } from './store.js';

const ring = new Ring(['n1', 'n2', 'n3'], { replicas: 3, virtualNodes: 4 });
const segments = ring.sharedSegments('n1', 'n2');
const key = keyFromText('k');

const entry = (stamp: number, node: string, value: string | null, name = 'k'): StoredEntry => ({
  key: keyFromText(name),
  version: { stamp, node },
  value: value === null ? null : bytes(value),
});

describe('the store', () => {
  test('keeps the newest by stamp, then by node', () => {
    const [store, ctx] = [new Store(ring), new TestContext<Quorum>()];
    store.accept(entry(5, 'n2', 'b'), ctx);
    expect(store.accept(entry(4, 'n3', 'a'), ctx)).toEqual({ stamp: 5, node: 'n2' });
    expect(store.accept(entry(5, 'n1', 'c'), ctx)).toEqual({ stamp: 5, node: 'n2' });
    expect(textOf(store.get(key)?.value ?? null)).toBe('b');
    expect(store.accept(entry(5, 'n3', 'd'), ctx)).toEqual({ stamp: 5, node: 'n3' });
    expect(textOf(store.get(key)?.value ?? null)).toBe('d');
    expect(ctx.records).toHaveLength(2);
  });

  test('what comes twice is not written twice', () => {
    const [store, ctx] = [new Store(ring), new TestContext<Quorum>()];
    store.accept(entry(5, 'n2', 'b'), ctx);
    store.accept(entry(5, 'n2', 'b'), ctx);
    expect(ctx.records).toHaveLength(1);
  });

  test('knows of a size that no value is larger than', () => {
    const [store, ctx] = [new Store(ring), new TestContext<Quorum>()];
    expect(store.largestValueBytes).toBe(0);
    store.recover(entry(1, 'n1', 'abc'));
    expect(store.largestValueBytes).toBe(3);
    store.accept(entry(2, 'n1', 'abcde'), ctx);
    store.accept(entry(3, 'n1', 'a'), ctx);
    expect(store.largestValueBytes).toBe(5);
  });

  test('counts keys and tombstones', () => {
    const [store, ctx] = [new Store(ring), new TestContext<Quorum>()];
    store.accept(entry(1, 'n1', 'a'), ctx);
    store.accept(entry(2, 'n1', 'b', 'other'), ctx);
    store.accept(entry(3, 'n1', null), ctx);
    expect([store.keyCount, store.tombstoneCount]).toEqual([1, 1]);
    store.accept(entry(4, 'n1', 'c'), ctx);
    expect([store.keyCount, store.tombstoneCount]).toEqual([2, 0]);
  });

  test('removes exactly the version named', () => {
    const [store, ctx] = [new Store(ring), new TestContext<Quorum>()];
    store.accept(entry(5, 'n1', null), ctx);
    expect(store.remove(key, { stamp: 4, node: 'n1' })).toBe(false);
    expect(store.remove(key, { stamp: 6, node: 'n1' })).toBe(false);
    expect(store.remove(key, { stamp: 5, node: 'n1' })).toBe(true);
    expect(store.get(key)).toBeUndefined();
    expect(store.tree.rootOf(segments)).toEqual(new Store(ring).tree.rootOf(segments));
  });

  test('knows how long a tombstone has been held without interruption', () => {
    const [store, ctx] = [new Store(ring), new TestContext<Quorum>()];
    const version = { stamp: 5, node: 'n1' };
    ctx.now = 100;
    store.accept(entry(5, 'n1', null), ctx);
    expect(store.heldFor(key, version, 350)).toBe(250);
    expect([...store.tombstonesHeldFor(250, 349)]).toHaveLength(0);
    expect([...store.tombstonesHeldFor(250, 350)]).toHaveLength(1);
    expect(store.heldFor(key, { stamp: 4, node: 'n1' }, 350)).toBe(0);
    store.restartHolding(300);
    expect(store.heldFor(key, version, 350)).toBe(50);
    expect([...store.tombstonesHeldFor(250, 400)]).toHaveLength(0);
  });

  const anyEntry = fc
    .tuple(fc.nat(6), fc.integer({ min: 1, max: 8 }), fc.constantFrom('n1', 'n2'), fc.boolean())
    .map(([name, stamp, node, dead]) =>
      entry(stamp, node, dead ? null : `${stamp}${node}`, `k${name}`),
    )
    // A version belongs to one write: whether it is a delete follows from it.
    .map((item) => ({ ...item, value: item.version.stamp % 3 === 0 ? null : item.value }));

  test('the order in which entries come does not matter, and the tree tells', () => {
    fc.assert(
      fc.property(fc.array(anyEntry), fc.nat(), (entries, seed) => {
        const [one, other, ctx] = [new Store(ring), new Store(ring), new TestContext<Quorum>()];
        for (const item of entries) one.accept(item, ctx);
        const shuffled = [...entries, ...entries].sort(
          (a, b) => ((a.version.stamp * 7 + seed) % 5) - ((b.version.stamp * 7 + seed) % 5),
        );
        for (const item of shuffled) other.recover(item);
        expect([...one.entries()].length).toBe([...other.entries()].length);
        for (const item of one.entries())
          expect(other.get(item.key)?.version).toEqual(item.version);
        expect(one.tree.rootOf(segments)).toEqual(other.tree.rootOf(segments));
        expect([one.keyCount, one.tombstoneCount]).toEqual([other.keyCount, other.tombstoneCount]);
      }),
    );
  });

  test('stores that differ in one version differ in one leaf of one segment, and in the root', () => {
    const [one, other, ctx] = [new Store(ring), new Store(ring), new TestContext<Quorum>()];
    for (let at = 0; at < 500; at++) {
      one.accept(entry(at, 'n1', 'v', `k${at}`), ctx);
      other.accept(entry(at, 'n1', 'v', `k${at}`), ctx);
    }
    expect(one.tree.rootOf(segments)).toEqual(other.tree.rootOf(segments));
    other.accept(entry(501, 'n1', 'v', 'k7'), ctx);
    expect(one.tree.rootOf(segments)[0]).not.toBe(other.tree.rootOf(segments)[0]);
    expect(one.tree.rootOf(segments)[1]).not.toBe(other.tree.rootOf(segments)[1]);
    const differing = one.tree.differing(other.tree.digests(segments), segments);
    expect(differing).toEqual([ring.segmentOf(keyFromText('k7'))]);
    const [segment = -1] = differing;
    const leaves = one.tree.differingLeaves(segment, other.tree.leavesOf(segment).digests);
    expect(leaves).toHaveLength(1);
  });
});
