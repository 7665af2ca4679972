/** Planted bugs have a counterexample; as a transcript it happens again in the whole cluster. */
import { afterAll, expect, test } from 'vitest';
import { presetNamed, smallWorldOf } from '../../src/explore/exhaustive/presets.js';
import { Search } from '../../src/explore/exhaustive/search.js';
import type { FaultCounts } from '../../src/explore/exhaustive/small-world.js';
import { transcriptOf } from '../../src/explore/exhaustive/transcript.js';
import { LiveObjects } from '../../src/node/live-objects.js';
import { rewritten } from '../transcripts/transcript.js';

const reader = new LiveObjects();
afterAll(() => reader.close());

test.each<
  [world: string, bug: string, moves: number, violation: string, bounds?: Partial<FaultCounts>]
>([
  ['2pc-1', '2pc-vote-before-sync', 10, 'lost write: '],
  [
    '2pc-2',
    '2pc-commit-before-sync',
    13,
    'decisions: transaction 2: n2 holds committed, and n3 holds aborted',
  ],
  ['register', 'quorum-no-overlap', 5, 'linearizable: '],
  ['register', 'quorum-no-write-back', 10, 'linearizable: ', { losses: 1 }],
])('%s with %s', (name, bug, moves, violation, bounds: Partial<FaultCounts> = {}) => {
  const preset = presetNamed(name, undefined);
  const search = new Search(smallWorldOf(preset, { bug, bounds, reader }), {
    states: 5000,
    depth: 100,
  });
  expect(search.run(Number.POSITIVE_INFINITY)).toBe('counterexample');
  const found = search.counterexample;
  if (found === null) throw new Error('it is there');
  expect(found.violation).toContain(violation);
  expect(found.moves.length - found.before).toBe(moves);
  const text = transcriptOf(
    search.states,
    found,
    `cluster ${preset.mode} ${preset.nodes} bug=${bug}`,
  );
  expect(rewritten(text)).toBe(text);
});
