import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TransientMap, TransientSet } from './transient.js';

const step = fc.record({
  type: fc.constantFrom('set', 'set', 'set', 'delete', 'delete', 'oldest', 'clear' as const),
  key: fc.nat(5),
});

it('is a Map, whatever is added and deleted', () => {
  const property = fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
    const [map, model] = [new TransientMap<number, number>(), new Map<number, number>()];
    for (const [at, { type, key }] of steps.entries()) {
      if (type === 'set') {
        map.set(key, at);
        model.set(key, at);
      } else if (type === 'delete') {
        expect(map.delete(key)).toBe(model.delete(key));
      } else if (type === 'oldest') {
        const [oldest] = model.keys();
        expect(map.deleteOldest()).toBe(oldest);
        model.delete(oldest as number);
      } else if (at % 50 === 0) {
        map.clear();
        model.clear();
      }
      expect([map.size, map.get(key), map.has(key)]).toEqual([
        model.size,
        model.get(key),
        model.has(key),
      ]);
      expect([...map]).toEqual([...model]);
    }
  });
  fc.assert(property, { numRuns: 30 });
});

it('shows who iterates what is added, and nothing that was deleted', () => {
  const set = new TransientSet<number>();
  const model = new Set<number>();
  for (const each of [set, model]) for (let item = 0; item < 10; item++) each.add(item);
  const walk = (each: TransientSet<number> | Set<number>): number[] => {
    const seen: number[] = [];
    for (const item of each) {
      seen.push(item);
      if (item >= 300) break;
      each.delete(item + 1);
      each.delete(item);
      each.add(item + 20);
    }
    return seen;
  };
  expect(walk(set)).toEqual(walk(model));
  expect([...set]).toEqual([...model]);
});

it('keeps nothing alive that was deleted', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
  const used = (): number => getHeapStatistics().used_heap_size / 2 ** 20;
  const map = new TransientMap<number, readonly number[]>();
  for (let id = 0; id < 8; id++) map.set(id, []);
  // Its table grows old.
  for (let turn = 0; turn < 3; turn++) collect();
  const before = used();
  let most = 0;
  for (let id = 8; id < 10_000; id++) {
    map.set(id, new Array(500).fill(id));
    map.delete(id - 8);
    if (id % 1000 > 0) continue;
    collect({ type: 'minor' });
    most = Math.max(most, used() - before);
  }
  // Of 40 MiB, of which a Map keeps 10 and more until the next full collection.
  expect(most).toBeLessThan(5);
});
