import { describe, expect, it } from 'vitest';
import { parseHistory } from '../../history/read.js';
import { check } from '../check.js';

const operation = (node: string, f: string, value: string | null, from: number, to: number) => [
  { process: from, type: 'invoke', f, key: 'x', value: f === 'get' ? null : value, time: from },
  { process: from, type: 'ok', f, key: 'x', value, time: to, node },
];
const nemesis = (f: string, time: number) => {
  const fault = { value: 'node add n3 --timeout=5s', fault: 1, by: 'nemesis membership' };
  return { process: 'nemesis', type: 'info', f, time, ...fault };
};

async function verdictOf(...events: readonly object[]) {
  const lines = events.flat().map((line) => JSON.stringify(line));
  const { models } = await check(parseHistory(lines.join('\n')), { models: ['eventual'] });
  return models[0]?.verdict;
}

describe('replicas', () => {
  const written = operation('n1', 'put', '1', 10, 20);
  const early = operation('n3', 'get', null, 30, 40);
  const late = [...operation('n1', 'get', '1', 70, 80), ...operation('n2', 'get', '1', 90, 95)];

  it('may still come to agree with one that has read something else', async () => {
    expect(await verdictOf(written, early, late)).toBe('unknown');
    expect(await verdictOf(nemesis('start', 5), written, early, late)).toBe('unknown');
  });

  it('agree when only a node that was there for a while has read something else', async () => {
    const while3 = [nemesis('start', 5), ...written, ...early, nemesis('stop', 50), ...late];
    expect(await verdictOf(while3)).toBe('holds');
  });
});
