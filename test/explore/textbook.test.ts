/**
 * Textbook protocols, explored by the very same search as the modes, have as many states as Stateright counts for them
 * (examples/2pc.rs, paxos.rs and linearizable-register.rs of its repository).
 */
import { expect, test } from 'vitest';
import { Search } from '../../src/explore/exhaustive/search.js';
import type { SmallWorld } from '../../src/explore/exhaustive/small-world.js';
import { singleDecreePaxos } from './textbook/paxos.js';
import { linearizableRegister } from './textbook/register.js';
import { twoPhaseCommit } from './textbook/two-phase-commit.js';

const published: [string, SmallWorld, number][] = [
  ['two-phase commit with 3 participants', twoPhaseCommit(3), 288],
  ['two-phase commit with 5 participants', twoPhaseCommit(5), 8832],
  ['single-decree Paxos with 3 servers and 2 clients', singleDecreePaxos(3, 2), 16_668],
  ['a linearizable register with 2 servers and 2 clients', linearizableRegister(2, 2), 544],
];

test.each(published)('%s', (_name, world, count) => {
  const search = new Search(world, { states: 20_000, depth: 100 });
  expect(search.run(Number.POSITIVE_INFINITY)).toBe('exhausted');
  expect(search.progress.distinct).toBe(count);
});
