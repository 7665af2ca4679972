import { describe, expect, it } from 'vitest';
import { parseHistory } from '../../history/read.js';
import { check } from '../check.js';
import type { Evidence } from '../report.js';
import { meanwhile, shownFault } from './meanwhile.js';

const ms = 1e6;
const operation = (process: number, f: string, value: string, from: number, to: number) => [
  { process, type: 'invoke', f, key: 'x', value: f === 'get' ? null : value, time: from * ms },
  { process, type: 'ok', f, key: 'x', value, time: to * ms },
];
const stale = [
  ...[operation(1, 'put', '7', 3000, 3010), operation(1, 'put', '9', 3020, 3030)],
  operation(2, 'get', '7', 3040, 3050),
].flat();

const nemesis = (f: string, fault: number, value: string, at: number, by?: string) => {
  return { process: 'nemesis', type: 'info', f, value, time: at * ms, fault, by };
};

async function evidenceOf(...faults: readonly ReturnType<typeof nemesis>[]): Promise<Evidence> {
  const lines = [...faults, ...stale].sort((a, b) => a.time - b.time);
  const report = await check(parseHistory(lines.map((line) => JSON.stringify(line)).join('\n')));
  return report.evidence as Evidence;
}

describe('what was broken meanwhile', () => {
  it('is all that was on between the first beginning and the last end', async () => {
    const evidence = await evidenceOf(
      nemesis('start', 1, 'fault cut n1-n2', 0),
      nemesis('stop', 1, 'fault cut n1-n2', 2999),
      nemesis('start', 2, 'fault partition n1/n2,n3', 900, 'nemesis halves'),
      nemesis('start', 3, 'node pause n2', 3005, 'user'),
      nemesis('stop', 3, 'node pause n2', 3045),
      nemesis('start', 4, 'fault delay 20ms', 3020),
      nemesis('start', 5, 'fault cut n3', 3051),
    );
    expect(evidence.faults?.map(({ words, endedAt, line }) => [words, endedAt, line])).toEqual([
      ['fault partition n1/n2,n3', null, 2],
      ['node pause n2', 3045 * ms, 5],
      ['fault delay 20ms', null, 7],
    ]);
    expect(meanwhile(evidence, true)).toBe(
      'Meanwhile: partition n1/n2,n3 (nemesis halves, since 2.1 s before), n2 paused (since +5 ms, until +45 ms), delay 20ms (since +20 ms).',
    );
    expect(meanwhile(evidence, false)).toBe(
      'Meanwhile: partition n1/n2,n3 (nemesis halves), n2 paused, delay 20ms.',
    );
  });

  it('began with what came a moment later, where only the order tells them apart', async () => {
    const evidence = await evidenceOf(nemesis('start', 1, 'fault cut n1', 3000 - 2 / ms));
    expect(meanwhile(evidence, true)).toBe('Meanwhile: cut n1 (since 0).');
  });

  it('is nothing, or is not known', async () => {
    const before = [nemesis('start', 1, 'fault cut n1', 1), nemesis('stop', 1, 'fault cut n1', 2)];
    const evidence = await evidenceOf(...before);
    expect(evidence.faults).toEqual([]);
    expect(meanwhile(evidence, true)).toBe('Meanwhile nothing was broken on purpose.');
    const untold = await evidenceOf();
    expect(untold).not.toHaveProperty('faults');
    expect(meanwhile(untold, true)).toBe(null);
  });

  it('is told of some, of the others how many', async () => {
    const many = Array.from({ length: 1008 }, (_, at) =>
      nemesis('start', at, `fault cut n${at}`, at),
    );
    expect(meanwhile(await evidenceOf(...many), false)).toBe(
      'Meanwhile: cut n0, cut n1, cut n2, cut n3, cut n4, cut n5 and 1,002 more.',
    );
  });

  it('is called as people call it, on one line', () => {
    const titles = ['fault loss 5%', 'node kill n1 n2', 'kill n1', `a\n${'b'.repeat(99)}`].map(
      shownFault,
    );
    expect(titles).toEqual(['loss 5%', 'n1 n2 killed', 'kill n1', `a·${'b'.repeat(57)}…`]);
  });
});
