import { expect, test } from 'vitest';
import { PeerSets } from './peer-sets.js';

const names = (count: number) => Array.from({ length: count }, (_, at) => `n${at + 1}`);

test('peers have a bit each', () => {
  const sets = new PeerSets();
  const peers = names(31);
  const all = sets.allOf(peers);
  expect(sets.namesIn(sets.of(['n31', 'n2', 'nobody']))).toEqual(['n2', 'n31']);
  expect(sets.of(peers)).toBe(all);
  expect(sets.of(peers.slice(1)) & all).not.toBe(all);
});

test('of too many peers none but the first are in a set, and no set has all', () => {
  const sets = new PeerSets();
  const peers = names(40);
  const all = sets.allOf(peers);
  expect(sets.bitOf('n32')).toBe(0);
  expect(sets.of(peers) & all).not.toBe(all);
});

test('who comes later has a bit, too, and who went takes none from others', () => {
  const sets = new PeerSets();
  const before = sets.allOf(['n1', 'n2']);
  const after = sets.allOf(['n2', 'n3']);
  expect(sets.of(['n1', 'n2'])).toBe(before);
  expect(sets.of(['n2', 'n3'])).toBe(after);
});
