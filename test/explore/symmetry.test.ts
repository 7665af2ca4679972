/** Of states that differ in who is who one is looked at, and nothing is lost by that. */
import { afterAll, expect, test } from 'vitest';
import { presetNamed, smallWorldOf } from '../../src/explore/exhaustive/presets.js';
import { Search } from '../../src/explore/exhaustive/search.js';
import type { SmallWorld } from '../../src/explore/exhaustive/small-world.js';
import { LiveObjects } from '../../src/node/live-objects.js';
import { twoPhaseCommit } from './textbook/two-phase-commit.js';

const reader = new LiveObjects();
afterAll(() => reader.close());

function searched(world: SmallWorld) {
  const search = new Search(world, { states: 20_000, depth: 100 });
  expect(search.run(Number.POSITIVE_INFINITY)).toBe('exhausted');
  const { symmetries, distinct, depth } = search.progress;
  return [symmetries, distinct, depth];
}

test('a textbook participant is its state, whether its vote is under way, and whether that was counted', () => {
  expect(searched({ ...twoPhaseCommit(3), isSymmetric: true })).toEqual([6, 80, 10]);
});

/**
 * Each of five participants has its vote-request under way, its vote under way, or its vote counted; after the decision it is the
 * same of that and its acknowledgement: 2 · 3⁵ = 486 states. One of them sends the result along with its vote, so the other four
 * can change places: 2 · 3 · 15.
 */
test('five participants, of which four are alike', () => {
  const world = smallWorldOf(presetNamed({ name: '2pc-5' }), { reader, isSymmetric: true });
  expect(searched(world)).toEqual([24, 90, 21]);
});
