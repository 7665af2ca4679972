import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyFromText } from '../../core/key.js';
import { Ring } from './ring.js';

const named = (count: number) => Array.from({ length: count }, (_, at) => `n${at + 1}`);
const keys = Array.from({ length: 20_000 }, (_, at) => keyFromText(`user:${at}`));

describe('the ring', () => {
  test('a preference list has N distinct nodes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(), fc.string(), (nodes, more, text) => {
        const replicas = 1 + (more % nodes);
        const ring = new Ring(named(nodes), { replicas, virtualNodes: 8 });
        const owners = ring.ownersOf(keyFromText(text));
        expect(new Set(owners).size).toBe(replicas);
        expect(ring.ownersOfSegment(ring.segmentOf(keyFromText(text)))).toBe(owners);
      }),
    );
  });

  test('every node builds the same ring, whatever the order of the names', () => {
    const shape = { replicas: 3, virtualNodes: 16 };
    const one = new Ring(named(6), shape);
    const other = new Ring(named(6).reverse(), shape);
    for (const key of keys.slice(0, 500)) expect(one.ownersOf(key)).toEqual(other.ownersOf(key));
  });

  test.each([3, 4, 8, 16])('%i nodes carry a like share, first replicas too', (nodes) => {
    const ring = new Ring(named(nodes), { replicas: 3, virtualNodes: 64 });
    const shares = new Map<string, number>();
    const firsts = new Map<string, number>();
    for (const key of keys) {
      const owners = ring.ownersOf(key);
      for (const owner of owners) shares.set(owner, (shares.get(owner) ?? 0) + 1);
      firsts.set(owners[0] as string, (firsts.get(owners[0] as string) ?? 0) + 1);
    }
    for (const node of named(nodes)) {
      const share = (shares.get(node) ?? 0) / ((keys.length * 3) / nodes);
      const first = (firsts.get(node) ?? 0) / (keys.length / nodes);
      expect(share).toBeGreaterThan(0.7);
      expect(share).toBeLessThan(1.3);
      expect(first).toBeGreaterThan(0.6);
      expect(first).toBeLessThan(1.5);
    }
  });

  test('"departure or arrival of a node only affects its immediate neighbors": a new node takes its share, no key moves between old ones', () => {
    const shape = { replicas: 1, virtualNodes: 64 };
    const before = new Ring(named(4), shape);
    const after = new Ring(named(5), shape);
    let moved = 0;
    for (const key of keys) {
      const [old] = before.ownersOf(key);
      const [now] = after.ownersOf(key);
      if (old === now) continue;
      moved += 1;
      expect(now).toBe('n5');
    }
    expect(moved / keys.length).toBeLessThan(0.3);
    expect(moved).toBeGreaterThan(0);
  });

  test('two nodes share exactly the segments that both own', () => {
    const ring = new Ring(named(5), { replicas: 3, virtualNodes: 8 });
    const shared = new Set(ring.sharedSegments('n1', 'n4'));
    for (let segment = 0; segment < ring.segmentCount; segment++) {
      const owners = ring.ownersOfSegment(segment);
      expect(shared.has(segment)).toBe(owners.includes('n1') && owners.includes('n4'));
    }
    expect(ring.sharedSegments('n4', 'n1')).toEqual([...shared]);
  });
});
