/** Planted bugs have a counterexample; as a transcript it happens again in the whole cluster. */
import { afterAll, expect, test } from 'vitest';
import { presetNamed, smallWorldOf } from '../../src/explore/exhaustive/presets.js';
import { Search } from '../../src/explore/exhaustive/search.js';
import { States } from '../../src/explore/exhaustive/states.js';
import { retraced, transcriptOf } from '../../src/explore/exhaustive/transcript.js';
import { LiveObjects } from '../../src/node/live-objects.js';
import { rewritten } from '../transcripts/transcript.js';

const reader = new LiveObjects();
afterAll(() => reader.close());

/** Those that are found soon; test/soak/explore.soak.ts has all. */
const violations: Readonly<Record<string, readonly [moves: number, violation: string]>> = {
  'quorum-no-overlap': [5, 'linearizable: '],
  'paxos-promise-not-persisted': [6, 'who leads ballot 1.n3: n3 holds start 1 of n3, and n3'],
  'gossip-clock-not-persisted': [5, 'lost write: '],
};

test.each(Object.entries(violations))('%s', (bug, [moves, violation]) => {
  const preset = presetNamed({ bug });
  const world = smallWorldOf(preset, { bug, reader, isSymmetric: true });
  const search = new Search(world, { states: 5000, depth: 100 });
  expect(search.run(Number.POSITIVE_INFINITY)).toBe('counterexample');
  const found = search.counterexample;
  if (found === null) throw new Error('it is there');
  expect(found.violation).toContain(violation);
  expect(found.moves.length - found.before).toBe(moves);
  const { mode, nodes } = preset;
  const text = transcriptOf(search.states, found, `cluster ${mode} ${nodes} bug=${bug}`);
  expect(rewritten(text)).toBe(text);
  const again = retraced(new States(world), text);
  expect(again).toMatchObject({
    made: moves,
    missing: null,
    counterexample: { violation: found.violation },
  });
  const mended = new States(smallWorldOf(preset, { reader, isSymmetric: true }));
  expect(retraced(mended, text).counterexample).toBeNull();
});
