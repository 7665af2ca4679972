import { expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import { encodeUtf8 } from '../core/utf8.js';
import type { HistoryEntry } from '../explore/history.js';
import { programOf } from './attempt.js';
import { sketchText } from './sketch.js';
import { type FailedRun, sketchOf } from './translate.js';

const key = keyFromText('k0');
const put = (
  client: number,
  value: string,
  invokedAt: number,
  returnedAt: number,
): HistoryEntry => ({
  ...{ client, node: 'n1', level: 'one', invokedAt, returnedAt, result: null },
  operation: { type: 'put', key, value: encodeUtf8(value) },
});

const drawn = {
  nodes: 3,
  modeOptions: { graceMs: 300, priority: [] },
  conditions: { latencyMsMin: 1, latencyMsMean: 4, latencyMsMax: 100, reorder: false },
  workload: { clientTimeoutMs: 450, sessions: null },
} as unknown as FailedRun['drawn'];

const run: FailedRun = {
  mode: 'quorum',
  drawn,
  history: [
    put(0, 'a long value', 0, 5),
    put(1, 'another', 20, 40),
    put(0, 'a long value', 30, Number.POSITIVE_INFINITY),
  ],
  disturbed: [
    {
      ...{ atMs: 10, change: 'begin' },
      fault: { type: 'crash', node: 'n2', how: 'power', isMidway: true, atMs: 0, forMs: 5 },
    },
    { atMs: 35, change: 'end', fault: { type: 'isolate', node: 'n3', atMs: 0, forMs: 5 } },
  ],
};

it('says a mode of a path with blanks in quotes', () => {
  const text = sketchText(sketchOf({ ...run, mode: '/my modes/mine.js', history: [] }, []));
  expect(text).toMatch(/^cluster up --mode "\/my modes\/mine.js" -n 3 /);
});

it('says a run in order of time, at once where operations overlap', () => {
  const sketch = sketchOf(run, ['expect history linearizable']);
  const text = sketchText(sketch);
  expect(text).toBe(`cluster up --mode quorum -n 3 --delay 5ms -o graceMs=300
try put k0 1 --level one --node n1 --timeout 450ms
wait 5ms
try node kill n2 --power --when sending
wait 10ms
at once
  client c1
    try put k0 2 --level one --node n1 --timeout 450ms
  client c0
    wait 10ms
    try put k0 1 --level one --node n1 --timeout 450ms
  client faults
    wait 15ms
    try fault heal isolate
end
expect history linearizable
`);
  expect(programOf(text)).not.toBeNull();
});

it('can say it more plainly: in turn, without waiting', () => {
  const sketch = {
    ...sketchOf(run, ['expect history linearizable']),
    isInTurn: true,
    waits: false,
  };
  expect(
    sketchText(sketch)
      .split('\n')
      .map((line) => line.split(' --')[0]),
  ).toEqual([
    ...['cluster up', 'try put k0 1', 'try node kill n2', 'try put k0 2', 'try put k0 1'],
    ...['try fault heal isolate', 'expect history linearizable', ''],
  ]);
});

it('says partitions, clocks and disks in the words of scenarios', () => {
  const cuts = ['n1>n3', 'n2>n3', 'n3>n1', 'n3>n2'].map((name) => {
    const [from = '', to = ''] = name.split('>');
    return { from, to };
  });
  const times = { atMs: 0, forMs: 5 };
  const text = sketchText(
    sketchOf(
      {
        ...run,
        history: [],
        disturbed: [
          { type: 'links' as const, rules: { cuts }, ...times },
          { type: 'links' as const, rules: { cuts: cuts.slice(1, 2) }, ...times },
          {
            type: 'node' as const,
            node: 'n1',
            faults: { clock: { skewMs: -99.6, drift: 0, sinceMs: 0 } },
            ...times,
          },
          { type: 'node' as const, node: 'n2', faults: { disk: { roomBytes: 512 } }, ...times },
          { type: 'stall' as const, node: 'n1', to: ['n2'], ...times },
        ].map((fault, at) => ({ atMs: at, change: 'begin', fault })),
      },
      ['verify'],
    ),
  );
  expect(text.split('\n').slice(1)).toEqual([
    'try fault partition n1,n2/n3',
    'try fault cut n2>n3',
    'try fault clock n1 -100ms',
    'try fault disk n2 full 512B',
    'try fault delay n1>n2 5ms --jitter 1ms',
    ...['verify', ''],
  ]);
  expect(programOf(text)).not.toBeNull();
});

it('restarts those that are down when all is mended', () => {
  const disturbed: FailedRun['disturbed'] = [
    { atMs: 1, change: 'break', node: 'n3', how: 'dead' },
    { atMs: 2, change: 'break', node: 'n1', how: 'isolated' },
    { atMs: 3, change: 'heal' },
    { atMs: 4, change: 'heal' },
  ];
  const { steps } = sketchOf({ ...run, history: [], disturbed }, []);
  expect(steps.map(({ words }) => words.join(' '))).toEqual([
    ...['node kill n3', 'fault isolate n1', 'fault heal', 'node restart n3', 'fault heal'],
  ]);
});
