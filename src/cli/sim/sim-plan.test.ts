import { expect, test } from 'vitest';
import { jobsOf, planSim, type SimFlags, seedReplayOf } from './sim-plan.js';

const flagsWith = (flags: Partial<SimFlags>): SimFlags => ({
  ...{ coverage: false, zoo: false, json: false },
  ...flags,
});

test('each seed is run in every mode, or in that of a bug', async () => {
  const jobsWith = async (flags: Partial<SimFlags>) =>
    [...jobsOf(await planSim(flagsWith(flags)))].map(({ mode, seed }) => `${mode} ${seed}`);
  expect(await jobsWith({ mode: ['paxos', '2pc', 'paxos'], seeds: '4..5' })).toEqual([
    ...['paxos 4', '2pc 4', 'paxos 5', '2pc 5'],
  ]);
  expect(await jobsWith({ bug: 'paxos-own-value', seeds: '1' })).toEqual(['paxos 1']);
  expect(await jobsWith({})).toHaveLength(400);
});

test('with --for seeds follow one another until the time is over', async () => {
  const plan = await planSim(flagsWith({ mode: ['gossip'], for: '1h' }));
  const jobs = jobsOf(plan);
  const seeds = [1, 2, 3].map(() => (jobs.next().value as { seed: number }).seed);
  expect(seeds.map((seed) => seed - plan.firstSeed)).toEqual([0, 1, 2]);
  expect([...jobsOf({ ...plan, forMs: -1 })]).toEqual([]);
});

test('options are parsed as those of a cluster; what is not said is drawn', async () => {
  const flags = flagsWith({
    ...{ mode: ['quorum'], nodes: 5, faults: ['power-cut', 'one-way cut'] },
    option: ['graceMs=2s', 'replicas=2'],
  });
  const { modes } = await planSim(flags);
  expect(modes[0]?.options).toEqual({
    ...{ mode: 'quorum', nodes: 5, faults: ['power cut', 'one-way cut'] },
    modeOptions: { graceMs: 2000, replicas: 2 },
  });
  expect(seedReplayOf('quorum', 7, flags)).toBe(
    'kvx sim --mode quorum --seed 7 -n 5 --faults power-cut,one-way-cut -o graceMs=2s -o replicas=2',
  );
  expect((await planSim(flagsWith({ faults: ['none'] }))).modes[0]?.options.faults).toEqual([]);
});

test.each<[Partial<SimFlags>, string]>([
  [{ mode: ['raft'] }, 'there is no mode "raft"'],
  [{ faults: ['kil'] }, 'did you mean kill?'],
  [{ bug: 'nothing' }, 'there is no bug "nothing"'],
  [{ bug: 'paxos-own-value', mode: ['2pc'] }, 'is a bug of mode paxos'],
  [{ seeds: '9..3' }, '--seeds must be like 1..100'],
  [{ seed: 1, for: '5s' }, 'one of them is enough'],
  [{ for: '5' }, '--for must be a time'],
  [{ mode: ['quorum'], option: ['graceMs=x'] }, 'grace'],
  [{ mode: ['quorum'], option: ['grice=1s'] }, 'mode quorum has no option "grice"'],
  [{ option: ['replicas=2'] }, 'mode 2pc has no option "replicas"'],
  [{ mode: ['2pc'], nodes: 1 }, '2 nodes at least'],
])('%j is refused', async (flags, message) => {
  await expect(planSim(flagsWith(flags))).rejects.toThrow(message);
});
