import { describe, expect, test } from 'vitest';
import { type Key, keyFromText } from '../../core/key.js';
import { type Random, SeededRandom } from '../../core/random.js';
import { positionsEnd, type StoredEntry } from '../../core/replica.js';
import { EntryTable, noRow } from './entry-table.js';

const byKey = (a: StoredEntry, b: StoredEntry) => (a.key < b.key ? -1 : 1);

/** A value that shows whether something was written over it. */
function anyValue(random: Random): Uint8Array | null {
  const kind = random.below(40);
  if (kind === 0) return null;
  const length = kind === 1 ? 60_000 + random.below(20_000) : random.below(200);
  return new Uint8Array(length).fill(random.below(256));
}

describe('the table of entries', () => {
  test('does what a Map does, whatever comes and goes, and what it gave stays as it was', () => {
    const random = new SeededRandom(7);
    const [table, model] = [new EntryTable(), new Map<Key, StoredEntry>()];
    const given: { readonly entry: StoredEntry; readonly expected: StoredEntry }[] = [];
    for (let step = 0; step < 8_000; step++) {
      const key = keyFromText(`${'k'.repeat(random.below(30))}${random.below(600)}\u00fc`);
      if (random.below(3) > 0) {
        const version = { stamp: random.below(2 ** 53), node: `n${random.below(3)}` };
        const value = anyValue(random);
        table.put(key, value, version);
        model.set(key, { key, value: value?.slice() ?? null, version });
        // It is a copy: the caller may do with its own what it likes.
        value?.fill(0);
      } else if (model.delete(key)) table.remove(table.find(key));
      else expect(table.find(key)).toBe(noRow);
      const [entry, expected] = [table.get(key), model.get(key)];
      expect(table.size).toBe(model.size);
      if (entry === undefined || expected === undefined) expect(entry).toBe(expected);
      else given.push({ entry, expected });
    }
    for (const { entry, expected } of given) expect(same(entry, expected)).toBe(true);
    const [all, wanted] = [[...table.entries()].sort(byKey), [...model.values()].sort(byKey)];
    expect(all.length).toBe(wanted.length);
    for (const [nth, entry] of all.entries()) {
      expect(same(entry, wanted[nth] as StoredEntry)).toBe(true);
    }
  });

  test('is walked so that each key that stays is met, whatever comes and goes, and on another table, too', () => {
    const random = new SeededRandom(11);
    const version = { stamp: 1, node: 'n1' };
    const value = new Uint8Array(1);
    for (let round = 0; round < 30; round++) {
      const [table, other] = [new EntryTable(), new EntryTable()];
      const staying = Array.from({ length: random.below(300) }, (_, nth) => keyFromText(`s${nth}`));
      for (const key of staying) table.put(key, value, version);
      for (let nth = 0; nth < random.below(2_000); nth++) {
        other.put(keyFromText(`o${nth}`), value, version);
      }
      for (const key of staying) other.put(key, value, version);
      const met = new Set<Key>();
      let steps = 0;
      for (let position = 0; position < positionsEnd; steps++) {
        const walked = random.below(4) === 0 ? other : table;
        const next = walked.walk(position, (key) => met.add(key));
        expect(next).toBeGreaterThan(position);
        position = next;
        for (let nth = 0; nth < random.below(20); nth++) {
          const key = keyFromText(`c${random.below(3_000)}`);
          if (random.below(2) === 0) table.put(key, value, version);
          else if (table.find(key) !== noRow) table.remove(table.find(key));
        }
      }
      expect(staying.filter((key) => !met.has(key))).toEqual([]);
      expect(steps).toBeLessThan(8_192);
    }
  });

  test('takes little more than the bytes of what it holds, however often that is written over', () => {
    const random = new SeededRandom(3);
    const table = new EntryTable();
    const keys = Array.from({ length: 2000 }, (_, nth) => keyFromText(`key ${nth}`));
    const version = { stamp: 1, node: 'n1' };
    for (const key of keys) table.put(key, new Uint8Array(100), version);
    const bytes = keys.length * (36 + 8 + 8 + 100);
    expect(table.bytes).toBeLessThan(1.5 * bytes);
    // Half of the keys stay, and must not keep alive what lies around them.
    for (let round = 0; round < 40_000; round++) {
      const key = keys[2 * random.below(1000)] as Key;
      table.put(key, new Uint8Array(100), version);
    }
    expect(table.bytes).toBeLessThan(2.7 * bytes);
    for (const key of keys) table.remove(table.find(key));
    expect([table.size, [...table.entries()].length]).toEqual([0, 0]);
    expect(table.bytes).toBeLessThan(0.5 * bytes);
  });

  test('gives back what most of its keys took, a few rows at a time, and loses none of the others', () => {
    const random = new SeededRandom(5);
    const version = { stamp: 1, node: 'n1' };
    const [table, model] = [new EntryTable(), new Map<Key, number>()];
    const put = (nth: number) => {
      const key = keyFromText(`key ${nth}`);
      const first = random.below(256);
      table.put(key, new Uint8Array(100).fill(first), version);
      model.set(key, first);
    };
    const check = () => {
      const met = new Map([...table.entries()].map(({ key, value }) => [key, value?.[0]]));
      expect(met).toEqual(model);
      for (const [key, first] of model) expect(table.get(key)?.value?.[99]).toBe(first);
      const walked = new Set<Key>();
      for (let at = 0; at < positionsEnd; ) at = table.walk(at, (key) => walked.add(key));
      expect(walked).toEqual(new Set(model.keys()));
    };
    for (let nth = 0; nth < 30_000; nth++) put(nth);
    const full = table.bytes;
    const staying = new Set([...model.keys()].filter((_, nth) => nth % 20 === 7));
    // Whoever walks while most of it goes meets all that stay.
    const [walk, met] = [table.entries(), new Set<Key>()];
    const found = new Set<Key>();
    let [position, mostAtOnce] = [0, 0];
    for (const key of [...model.keys()]) {
      if (staying.has(key)) continue;
      const rowsBefore = table.rowCount;
      table.remove(table.find(key));
      table.tighten();
      model.delete(key);
      mostAtOnce = Math.max(mostAtOnce, rowsBefore - table.rowCount);
      const next = random.below(3) === 0 ? walk.next() : null;
      if (next !== null && !next.done) met.add(next.value.key);
      if (position < positionsEnd) position = table.walk(position, (key) => found.add(key));
    }
    for (const { key } of walk) met.add(key);
    while (position < positionsEnd) position = table.walk(position, (key) => found.add(key));
    for (const all of [met, found]) expect([...staying].filter((key) => !all.has(key))).toEqual([]);
    check();
    expect(mostAtOnce).toBeLessThanOrEqual(4);
    expect(table.rowCount).toBeLessThan(2 * model.size + 8);
    expect(table.bytes / full).toBeLessThan(0.15);
    // And it grows again.
    for (let nth = 0; nth < 20_000; nth++) put(nth);
    check();
  });
});

function same(a: StoredEntry, b: StoredEntry): boolean {
  const sameValue =
    a.value === null || b.value === null
      ? a.value === b.value
      : Buffer.compare(a.value, b.value) === 0;
  const sameVersion = a.version.stamp === b.version.stamp && a.version.node === b.version.node;
  return a.key === b.key && sameVersion && sameValue;
}
