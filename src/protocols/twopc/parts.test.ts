/** The small parts, each by itself. */
import { describe, expect, it } from 'vitest';
import { keyFromText } from '../../core/key.js';
import { ReservedNumbers } from '../shared/reserved-numbers.js';
import { bytes } from '../testing/operations.js';
import { LockTable } from './locks.js';
import type { Ctx, TwoPhaseCommit } from './messages.js';
import { bounds } from './options.js';
import type { DurableRecord } from './records.js';
import { Store } from './store.js';
import { Decisions } from './worker/decisions.js';
import { drawSnapshot } from './worker/snapshot.js';

const [a, b] = [keyFromText('a'), keyFromText('b')];
const entry = (key: typeof a, stamp: number, value: string | null) => {
  return { key, version: { stamp, node: 'n1' }, value: value === null ? null : bytes(value) };
};

describe('locks', () => {
  it('are shared by readers, held by one writer, and taken all or none', () => {
    const locks = new LockTable();
    expect(locks.acquire(1, { reads: [a], writes: [] })).toBeNull();
    expect(locks.acquire(2, { reads: [a], writes: [] })).toBeNull();
    expect(locks.acquire(3, { reads: [], writes: [b, a] })).toBe(1);
    expect(locks.writerOf(b)).toBeNull();
    locks.release(1, { reads: [a], writes: [] });
    expect(locks.acquire(3, { reads: [], writes: [a] })).toBe(2);
    locks.release(2, { reads: [a], writes: [] });
    expect(locks.acquire(3, { reads: [], writes: [a] })).toBeNull();
    expect(locks.acquire(4, { reads: [a], writes: [] })).toBe(3);
    expect(locks.writerOf(a)).toBe(3);
    expect(() => locks.release(4, { reads: [], writes: [a] })).toThrow('has not');
  });
});

describe('the store', () => {
  it('keeps the newer version in whatever order they come', () => {
    const store = new Store();
    store.merge(entry(a, 2, 'new'));
    store.merge(entry(a, 1, 'old'));
    expect(store.get(a)?.version.stamp).toBe(2);
    store.merge(entry(a, 3, null));
    expect([store.keyCount, [...store.entries()].length]).toEqual([0, 1]);
    store.dropTombstones(2);
    expect([...store.entries()].length).toBe(1);
    store.dropTombstones(3);
    expect([...store.entries()].length).toBe(0);
  });
});

describe('ids', () => {
  it('are not given out again by the next life, of which the journal holds the ceiling only', () => {
    const records: DurableRecord[] = [];
    const ctx = { persist: (record: DurableRecord) => records.push(record) } as unknown as Ctx;
    const first = new ReservedNumbers<TwoPhaseCommit>(65_536, (id) => ({ type: 'ceiling', id }));
    const given = [first.next(ctx), first.next(ctx)];
    const second = new ReservedNumbers<TwoPhaseCommit>(65_536, (id) => ({ type: 'ceiling', id }));
    for (const record of records) if (record.type === 'ceiling') second.recover(record.id);
    expect(second.next(ctx)).toBeGreaterThan(Math.max(...given));
  });
});

describe('the memory of decisions', () => {
  it('is bounded, and knows what it may have forgotten, across a snapshot too', () => {
    const decisions = new Decisions();
    for (let id = 1; id <= bounds.decisionsKeptMax + 5; id++) decisions.remember(id, id % 2 === 0);
    expect(decisions.get(1)).toBeUndefined();
    const recovered = new Decisions();
    for (const record of decisions.records()) {
      if (record.type === 'forgotten') recovered.forgetUpTo(record.upTo);
      if (record.type !== 'decided') continue;
      for (const id of record.commits) recovered.remember(id, true);
      for (const id of record.aborts) recovered.remember(id, false);
    }
    for (const memory of [decisions, recovered]) {
      expect(memory.mayHave(1)).toBe(true);
      expect(memory.get(6)).toBe(true);
      expect(memory.mayHave(bounds.decisionsKeptMax + 6)).toBe(false);
    }
  });
});

describe('a snapshot', () => {
  it('ends, however fast the store grows while it is drawn', () => {
    const store = new Store();
    for (let at = 0; at < 200; at++) store.merge(entry(keyFromText(`k${at}`), 1, 'v'));
    let drawn = 0;
    for (const _ of drawSnapshot([], store)) {
      drawn += 1;
      for (let at = 0; at < 100; at++) store.merge(entry(keyFromText(`${drawn}/${at}`), 2, 'v'));
    }
    expect(drawn).toBe(4);
  });
});
