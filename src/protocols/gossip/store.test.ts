import { describe, expect, test } from 'vitest';
import { keyFromText } from '../../core/key.js';
import { TestContext } from '../testing/context.js';
import type { Gossip } from './messages.js';
import { Store } from './store.js';

const many = 5000;
const horizonAt = (stamp: number) => ({ stamp, members: ['n1', 'n2'], departed: [] });

/** Tombstones with stamps that fall: the last is the oldest. */
function deletedMany(): Store {
  const [store, ctx] = [new Store(), new TestContext<Gossip>()];
  for (let left = many; left > 0; left--) {
    const version = { stamp: left, node: 'n1' };
    store.accept({ key: keyFromText(`k${left}`), version, value: null }, ctx);
  }
  return store;
}

describe('many tombstones', () => {
  test('are forgotten some at a time, all of them in the end', () => {
    const store = deletedMany();
    store.advanceHorizon(horizonAt(many - 1));
    expect(store.tombstoneCount).toBeGreaterThan(1);
    for (let turn = 0; turn < 2; turn++) store.collectSome();
    expect([store.tombstoneCount, store.get(keyFromText(`k${many}`))?.value]).toEqual([1, null]);
  });

  test('one that may go is found behind those that may not', () => {
    const store = deletedMany();
    const answers = [1, 2, 3].map(() => store.wouldCollect(horizonAt(1)));
    expect(answers).toContain(true);
    expect(store.wouldCollect(horizonAt(0))).toBe(false);
  });
});
