import { expect, it } from 'vitest';
import { simulate } from '../explore/simulate.js';
import { attempt, programOf } from './attempt.js';
import { mayBeRight, shrinkFailure } from './shrink.js';

/** A clock that counts how often it is asked: no machine is too slow. */
function ticking(): () => number {
  let ticks = 0;
  return () => ticks++;
}

const afterPromises = setImmediate;
const planted = { mode: 'gossip', bug: 'gossip-clock-not-persisted' };
const report = simulate({ ...planted, seed: 3 });

it('makes a failure a scenario of a few lines that fails alike, and not without the bug', async () => {
  const told: (number | null)[] = [];
  const shrunk = await shrinkFailure(planted, report, {
    ...{ forMs: 400, now: ticking(), afterPromises },
    says: (lines) => told.push(lines),
  });
  const { scenario = '', seed = 0, sentence = '', lines } = shrunk ?? {};
  expect(lines).toBeLessThanOrEqual(12);
  expect(scenario.split('\n')[0]).toBe(`# ${sentence}`);
  expect(scenario).toContain(`--runtime sim --seed ${seed} --bug ${planted.bug}`);
  expect(told.at(-1)).toBe(lines);
  const program = programOf(scenario);
  if (program === null) throw new Error(scenario);
  const how = { seed, afterPromises };
  expect(await attempt(program, { ...how, bug: planted.bug })).toMatchObject({ sentence });
  expect(await attempt(program, { ...how, bug: undefined })).toBeNull();
});

it('finds nothing where nothing fails', async () => {
  const budget = { forMs: 4, now: ticking(), afterPromises };
  expect(await shrinkFailure({ mode: 'gossip' }, report, budget)).toBeNull();
});

it('takes it for no failure that copies differ while a node is cut off', () => {
  const differ = { sentence: 'differ (k: n1=absent n2=2@n2)' };
  const violated = { sentence: 'violated: as promised: …' };
  const cut = 'try fault isolate n1\nput k 1\n';
  expect(mayBeRight(cut, differ)).toBe(true);
  expect(mayBeRight(cut, violated)).toBe(false);
  expect(mayBeRight(`fault heal\n${cut}`, differ)).toBe(true);
  expect(mayBeRight(`${cut}fault heal\nput k 2\n`, differ)).toBe(false);
  expect(mayBeRight(`${cut}fault heal disk\n`, differ)).toBe(true);
  expect(mayBeRight('put k 1\nnode restart n1\n', differ)).toBe(false);
});
