/** Planted bugs have a counterexample; as a transcript it happens again in the whole cluster. */
import { expect, test } from 'vitest';
import { presetNamed, smallWorldOf } from '../../src/explore/exhaustive/presets.js';
import { Search } from '../../src/explore/exhaustive/search.js';
import type { FaultCounts } from '../../src/explore/exhaustive/small-world.js';
import { transcriptOf } from '../../src/explore/exhaustive/transcript.js';
import { rewritten } from '../transcripts/transcript.js';

test.each<[world: string, bug: string, violation: string, bounds?: Partial<FaultCounts>]>([
  ['2pc-1', '2pc-vote-before-sync', 'lost write: '],
  [
    '2pc-2',
    '2pc-commit-before-sync',
    'decisions: transaction 2: n2 holds committed, and n3 holds aborted',
  ],
  ['register', 'quorum-no-overlap', 'linearizable: '],
  ['register', 'quorum-no-write-back', 'linearizable: ', { losses: 1 }],
])('%s with %s', (name, bug, violation, bounds: Partial<FaultCounts> = {}) => {
  const preset = presetNamed(name, undefined);
  const search = new Search(smallWorldOf(preset, { bug, bounds }), { states: 5000, depth: 100 });
  expect(search.run(Number.POSITIVE_INFINITY)).toBe('counterexample');
  const found = search.counterexample;
  if (found === null) throw new Error('it is there');
  expect(found.violation).toContain(violation);
  const text = transcriptOf(
    search.states,
    found,
    `cluster ${preset.mode} ${preset.nodes} bug=${bug}`,
  );
  expect(rewritten(text)).toBe(text);
});
