import { expect, test } from 'vitest';
import { attempt, programOf } from '../shrink/attempt.js';
import { type FindProgress, findBug } from './find.js';

const request = {
  ...{ mode: 'quorum', bug: 'quorum-wall-clock', firstSeed: 1, seedsMax: 50, forMs: 400 },
};
/** A clock that only runs: a second is a thousand looks at it. */
const setting = () => {
  let nowMs = 0;
  const said: FindProgress[] = [];
  const says = (progress: FindProgress) => said.push(progress);
  return {
    ...{ now: () => nowMs++, afterPromises: setImmediate, isCancelled: () => false },
    ...{ says, said },
  };
};

test('a planted bug is found; who stops while it is made small has the smallest so far', async () => {
  const how = setting();
  const isCancelled = () => how.said.at(-1)?.lines != null;
  const found = await findBug(request, { ...how, isCancelled });
  if (found.type !== 'found' || found.shrunk === null) throw new Error('nothing was found');
  const { scenario, seed, sentence } = found.shrunk;
  const { bug } = request;
  const program = programOf(scenario) as NonNullable<ReturnType<typeof programOf>>;
  const failed = await attempt(program, { seed, bug, afterPromises: setImmediate });
  expect(failed?.sentence).toBe(sentence);
  expect(how.said.at(-1)).toMatchObject({ doing: 'shrinking', seeds: found.seeds });
});

test('nothing is found where nothing is wrong', async () => {
  const asked = { ...request, bug: null, seedsMax: 3 };
  expect(await findBug(asked, setting())).toEqual({ type: 'nothing', seeds: 3 });
});

test('who cancels is heard between two runs', async () => {
  const how = setting();
  const isCancelled = () => how.said.length === 2;
  const asked = { ...request, bug: null };
  expect(await findBug(asked, { ...how, isCancelled })).toEqual({ type: 'cancelled', seeds: 2 });
});
