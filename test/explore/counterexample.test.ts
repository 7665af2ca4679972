/** A planted bug has a shortest counterexample; as a transcript it happens again in the whole cluster. */
import { expect, test } from 'vitest';
import { presetNamed, smallWorldOf } from '../../src/explore/exhaustive/presets.js';
import { Search } from '../../src/explore/exhaustive/search.js';
import { transcriptOf } from '../../src/explore/exhaustive/transcript.js';
import { rewritten } from '../transcripts/transcript.js';

test('2PC: a vote that leaves before it is durable, and a power cut', () => {
  const bug = '2pc-vote-before-sync';
  const world = smallWorldOf(presetNamed('2pc-1', undefined), { bug });
  const search = new Search(world, { states: 10_000, depth: 100 });
  expect(search.run(Number.POSITIVE_INFINITY)).toBe('counterexample');
  const found = search.counterexample;
  if (found === null) throw new Error('it is there');
  const text = transcriptOf(search.states, found, `cluster 2pc 2 bug=${bug}`);
  expect(rewritten(text)).toBe(text);
});
