import { expect, test } from 'vitest';
import { type Mission, missions } from './missions.js';
import { recorded } from './testing/recorded.js';

test.each(missions.map((each) => [each.id, each] as const))(
  '%s: not done at its start, and it ends well',
  async (_, mission) => {
    const recording = await recorded(mission.start);
    expect(mission.isDone(recording)).toEqual({
      done: false,
      why: expect.stringMatching(/\w.*\.$/),
    });
    expect(recording.failure).toBe(null);
    expect(recording.falls).toEqual([]);
  },
);

/** What is put before the first line that begins so. */
const solutions: Readonly<Record<string, readonly (readonly [before: string, line: string])[]>> = {
  stale: [['put colour red', 'fault cut "n1>n2"']],
  'nobody-writes': [['try put x 1', 'fault partition n1,n2/n3,n4/n5']],
  blocked: [
    ['try put x 2', 'fault cut n1 --type decision'],
    ['try get', 'node kill n1'],
  ],
  'elect-twice': [['wait 2s', 'node kill n3']],
  'lost-write': [
    ['put', 'fault isolate n1'],
    ['wait', 'node kill n1'],
  ],
  session: [['put', 'fault isolate n2']],
  ghost: [
    ['try put', 'fault cut "n2>n1"'],
    ['try put', 'fault cut "n3>n1"'],
  ],
  deposed: [
    ['wait 10ms', 'fault isolate n1'],
    ['wait 10ms', 'node pause n1'],
    ['wait 300ms', 'node resume n1'],
  ],
  resurrected: [
    ['wait 10ms', 'node kill n3'],
    ['get', 'node restart n3'],
    ['get', 'wait 1s'],
  ],
  'wrong-clock': [['put x 2', 'fault clock n2 -1m']],
};

function solved({ id, start }: Mission): string {
  const lines = start.scenario.split('\n');
  for (const [before, line] of solutions[id] ?? []) {
    lines.splice(
      lines.findIndex((each) => each.startsWith(before)),
      0,
      line,
    );
  }
  return lines.join('\n');
}

test.each(missions.map((each) => [each.id, each] as const))(
  '%s: there is a way, and it is seen',
  async (_, mission) => {
    const recording = await recorded({ ...mission.start, scenario: solved(mission) });
    expect(mission.isDone(recording)).toEqual({
      done: true,
      why: expect.stringMatching(/\w.*\.$/),
    });
  },
);

test('what looks like it is not it: a dead cluster is no split, a lost read no lost write', async () => {
  const whyOf = async (id: string, ...lines: (readonly [string, string])[]) => {
    const mission = missions.find((each) => each.id === id) as Mission;
    const scenario = lines.reduce(
      (text, [before, line]) => text.replace(before, `${line}\n${before}`),
      mission.start.scenario,
    );
    return mission.isDone(await recorded({ ...mission.start, scenario })).why;
  };
  expect(await whyOf('nobody-writes', ['try put x 1', 'node kill n1 n2 n3'])).toMatch(/is down/);
  expect(await whyOf('lost-write', ['get', 'fault isolate n2'])).toMatch(/still has red/);
  expect(await whyOf('elect-twice', ['try put', 'node kill n1'])).toMatch(/only n3 has led/);
});
