import { expect, test } from 'vitest';
import { compareRuns } from './compare.js';
import { recorded } from './testing/recorded.js';

const scenario = (cut: string) =>
  `cluster up --mode quorum -n 3 --read one --write one\nput x 1 --level all\n${cut}put x 2 --node n1\nwait 20ms\nget x --node n2\nget x --node n2\n`;
const run = (cut: string) => recorded({ scenario: scenario(cut), seed: 1, bug: null });

test('two runs part where the first decision is; who was answered otherwise is named, and what is judged otherwise', async () => {
  const [whole, split] = [await run(''), await run('fault isolate n1\n')];
  const { parting, answers, verdicts, failures } = compareRuns(whole, split);
  // The fault itself is what was decided; n1 goes on a while before it matters.
  const isolated = split.lanes.names.indexOf('faults');
  const begins = split.lanes.events.lane.indexOf(isolated);
  expect(parting?.alike).toBeGreaterThan(begins);
  expect(parting?.a).toMatch(/^n\d: delivered/);
  expect(parting?.b).not.toMatch(/^faults/);
  expect(answers).toEqual([
    { operation: 'get x (1)', a: '2', b: '1' },
    { operation: 'get x (2)', a: '2', b: '1' },
  ]);
  expect(verdicts).toContainEqual({ model: 'linearizable', a: 'holds', b: 'violated' });
  expect(failures).toEqual({ a: null, b: null });
});

test('a run is the same as itself, and one that goes on parts at the end of the other', async () => {
  const whole = await run('');
  expect(compareRuns(whole, await run(''))).toMatchObject({
    parting: null,
    answers: [],
    verdicts: [],
  });
  const longer = await recorded({ ...whole.key, scenario: `${scenario('')}get y\n` });
  const { parting, answers } = compareRuns(whole, longer);
  expect(parting).toMatchObject({ alike: whole.lanes.events.count, a: null });
  expect(answers).toEqual([{ operation: 'get y', a: null, b: 'nothing' }]);
});
