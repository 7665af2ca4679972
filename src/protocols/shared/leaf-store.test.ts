import { expect, test } from 'vitest';
import { type Key, keyFromText } from '../../core/key.js';
import type { Version } from '../../core/version.js';
import { LeafStore } from './leaf-store.js';

const leafCount = 16;
const leafOf = (key: Key): number => key.charCodeAt(key.length - 1) % leafCount;
const value = new Uint8Array(10);

test('leaves list what is in them, and its digests, when most has gone and rows have moved', () => {
  const [store, other] = [new LeafStore(leafCount, leafOf), new LeafStore(leafCount, leafOf)];
  const staying = new Map<Key, Version>();
  const all = Array.from({ length: 6_000 }, (_, nth) => {
    return [keyFromText(`k${nth}`), { stamp: nth + 1, node: 'n1' }] as const;
  });
  for (const [key, version] of all) store.recover({ key, version, value });
  for (const [nth, [key, version]] of all.entries()) {
    if (nth % 30 === 0) staying.set(key, version);
    else expect(store.remove(key, version)).toBe(true);
  }
  for (let nth = 0; nth < 3_000; nth++) {
    const [key, version] = [keyFromText(`l${nth}`), { stamp: nth + 1, node: 'n2' }];
    store.recover({ key, version, value });
    staying.set(key, version);
  }
  for (const [key, version] of staying) other.recover({ key, version, value });
  for (let leaf = 0; leaf < leafCount; leaf++) {
    const expected = [...staying].filter(([key]) => leafOf(key) === leaf);
    expect(store.versionsOfLeaf(leaf)).toEqual(
      expected.map(([key, version]) => ({ key, version })),
    );
    expect(store.keyCountOfLeaf(leaf)).toBe(expected.length);
  }
  expect(store.tree.root).toEqual(other.tree.root);
});
