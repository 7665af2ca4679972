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
 * Each of three participants has its vote-request under way, its vote under way, or its vote counted; after the decision it has
 * that under way, or heard (its acknowledgement takes its time): 3³ + 2³ = 35 states. One of them sends the result along with its
 * vote, so the other two can change places: 3 · 6 + 2 · 3.
 */
test('three participants, of which two are alike', () => {
  const preset = presetNamed({ name: '2pc-5' });
  expect(searched(smallWorldOf(preset, { nodes: 4, reader }))).toEqual([1, 35, 10]);
  expect(searched(smallWorldOf(preset, { nodes: 4, reader, isSymmetric: true }))).toEqual([
    2, 24, 10,
  ]);
});
