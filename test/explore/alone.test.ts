/** A node that runs alone does what it does among the others: whatever the search lets happen happens in the whole cluster. */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import { said } from '../../src/core/results.js';
import { presetNamed, smallWorldOf } from '../../src/explore/exhaustive/presets.js';
import { type Move, States, type WorldState } from '../../src/explore/exhaustive/states.js';
import { transcriptOf } from '../../src/explore/exhaustive/transcript.js';

const bounds = { losses: 2, duplicates: 2, crashes: 2, timers: 4 };

/** What clients were told, the first first. */
function toldIn({ events }: WorldState): string[] {
  const told: string[] = [];
  for (let at = events; at !== null; at = at.before) {
    if (!('told' in at.event)) continue;
    const { told: result } = at.event;
    told.push(result === null ? 'no answer, ever' : said(result));
  }
  return told.reverse();
}

test.each(['2pc-1', '2pc-2', 'paxos', 'register'])('%s', (name) => {
  const states = new States(smallWorldOf(presetNamed({ name }), { bounds }));
  const answers = [1, 2, 3].flatMap((seed) => {
    const random = new SeededRandom(seed);
    let { state } = states.begin();
    const moves: Move[] = [...states.begin().moves];
    const before = moves.length;
    while (moves.length < before + 80) {
      const open = states.movesFrom(state);
      if (open.length === 0) break;
      const move = random.pick(open);
      state = states.after(state, move)?.state ?? state;
      moves.push(move);
    }
    const text = transcriptOf(states, { moves, before, violation: 'nothing' }, 'cluster');
    const told = toldIn(state);
    expect([...text.matchAll(/^request \d+: (.*)$/gm)].map(([, answer]) => answer)).toEqual(told);
    return told;
  });
  expect(answers).not.toEqual([]);
});
