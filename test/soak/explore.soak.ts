/**
 * The small worlds of the modes, as far as so many states go: nothing is wrong with any. And planted bugs, each with the
 * shortest way to what it breaks. Prints how large each is.
 */
import { afterAll, expect, test } from 'vitest';
import {
  presetNamed,
  presets,
  smallWorldOf,
  type WorldChanges,
} from '../../src/explore/exhaustive/presets.js';
import { Search, type SearchEnd } from '../../src/explore/exhaustive/search.js';
import { LiveObjects } from '../../src/node/live-objects.js';

const reader = new LiveObjects();
afterAll(() => reader.close());

const none = { losses: 0, duplicates: 0, crashes: 0, timers: 0 };

type Line = readonly [world: string, changes: WorldChanges, states: number, end: SearchEnd];

const lines: readonly Line[] = [
  ...presets.map(({ name }): Line => [name, {}, 400_000, 'exhausted']),
  ['2pc-1', { bounds: { crashes: 1, timers: 1 } }, 150_000, 'exhausted'],
  ['2pc-1', { bounds: { ...none, timers: 1 } }, 10_000, 'exhausted'],
  ['2pc-1', { bounds: { ...none, losses: 1 } }, 10_000, 'exhausted'],
  ['paxos', { bounds: { timers: 1 } }, 150_000, 'exhausted'],
  ['register', { bounds: { losses: 1 } }, 150_000, 'exhausted'],
  ['register', { bounds: { duplicates: 1 } }, 150_000, 'exhausted'],
  ...presets.flatMap(({ name, shows = {} }) =>
    Object.keys(shows).map((bug): Line => [name, { bug }, 10_000, 'counterexample']),
  ),
];

/** By what nodes have met, by what they are, and with names that can be given otherwise. */
const ways: readonly [string, WorldChanges][] = [
  ['history', {}],
  ['state', { reader }],
  ['state, names', { reader, isSymmetric: true }],
];

test.each(lines.flatMap((line) => ways.map(([way, how]) => [...line, way, how] as const)))(
  '%s %j up to %i: %s, by %s',
  (name, changes, states, wanted, way, how) => {
    const begun = performance.now();
    const world = smallWorldOf(presetNamed({ name }), { ...changes, ...how });
    const search = new Search(world, { states, depth: 1000 });
    const end = search.run(Number.POSITIVE_INFINITY);
    const { distinct, seen, depth, tried, symmetries } = search.progress;
    const seconds = (performance.now() - begun) / 1000;
    const found = search.counterexample;
    const wrong = found && `${found.moves.length - found.before} moves: ${found.violation}`;
    console.log(
      `${name} ${JSON.stringify(changes)} by ${way}, ${symmetries} ways: ${end}, ${distinct} states, come to ${seen} times, depth ${depth}, ` +
        `${tried} tried on a node, ${seconds.toFixed(1)} s, ${Math.round(distinct / seconds)} states/s ${wrong ?? ''}`,
    );
    if (way !== 'history') expect(end).toBe(wanted);
  },
  600_000,
);
