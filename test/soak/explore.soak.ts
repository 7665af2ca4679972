/**
 * The small worlds of the modes, as far as so many states go: nothing is wrong with any. And planted bugs, each with the
 * shortest way to what it breaks. Prints how large each is.
 */
import { expect, test } from 'vitest';
import {
  presetNamed,
  smallWorldOf,
  type WorldChanges,
} from '../../src/explore/exhaustive/presets.js';
import { Search, type SearchEnd } from '../../src/explore/exhaustive/search.js';

const none = { losses: 0, duplicates: 0, crashes: 0, timers: 0 };

type Line = readonly [world: string, changes: WorldChanges, states: number, end: SearchEnd];

const lines: readonly Line[] = [
  ['2pc-1', {}, 10_000, 'exhausted'],
  ['2pc-2', {}, 10_000, 'exhausted'],
  ['2pc-3', {}, 10_000, 'exhausted'],
  ['2pc-5', {}, 150_000, 'exhausted'],
  ['2pc-1', { bounds: { ...none, timers: 1 } }, 50_000, 'exhausted'],
  ['2pc-1', { bounds: { ...none, losses: 1 } }, 50_000, 'exhausted'],
  ['paxos', {}, 30_000, 'exhausted'],
  ['paxos', { bounds: { timers: 1 } }, 150_000, 'states'],
  ['register', {}, 200_000, 'exhausted'],
  ['register', { bounds: { losses: 1 } }, 150_000, 'states'],
  ['register', { bounds: { duplicates: 1 } }, 150_000, 'states'],
  ['2pc-1', { bug: '2pc-vote-before-sync' }, 10_000, 'counterexample'],
  ['2pc-1', { bug: '2pc-decision-not-persisted' }, 10_000, 'counterexample'],
  ['2pc-2', { bug: '2pc-commit-before-sync' }, 10_000, 'counterexample'],
  ['register', { bug: 'quorum-no-overlap' }, 10_000, 'counterexample'],
  ['register', { bug: 'quorum-no-write-back', bounds: { losses: 1 } }, 10_000, 'counterexample'],
];

test.each(lines)(
  '%s %j',
  (name, changes, states, wanted) => {
    const begun = performance.now();
    const search = new Search(smallWorldOf(presetNamed(name, undefined), changes), {
      ...{ states, depth: 1000 },
    });
    const end = search.run(Number.POSITIVE_INFINITY);
    const { distinct, seen, depth, tried } = search.progress;
    const seconds = (performance.now() - begun) / 1000;
    const found = search.counterexample;
    const wrong = found && `${found.moves.length - found.before} moves: ${found.violation}`;
    console.log(
      `${name} ${JSON.stringify(changes)}: ${end}, ${distinct} states, come to ${seen} times, depth ${depth}, ` +
        `${tried} tried on a node, ${seconds.toFixed(1)} s, ${Math.round(distinct / seconds)} states/s ${wrong ?? ''}`,
    );
    expect(end).toBe(wanted);
  },
  600_000,
);
