import { expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { RunDecisions } from '../explore/decisions.js';
import { madeSurer } from './surer.js';

const operation = { type: 'get', key: keyFromText('a') } as const;
const decisions: RunDecisions = {
  operations: [{ client: 0, atMs: 50, operation, level: null, node: 'n1' }],
  faults: [{ type: 'pause', node: 'n1', atMs: 10, forMs: 20 }],
};
const near = (value: number, wanted: number): number => Math.max(0, 4 - Math.abs(value - wanted));

it('moves what was decided until it fails under most seeds', async () => {
  const hits = async ({ operations, faults }: RunDecisions): Promise<number> =>
    near(operations[0]?.atMs ?? 0, 52) +
    near(faults[0]?.atMs ?? 0, 7) +
    Number(operations[0]?.node === 'n2');
  const surer = await madeSurer(decisions, 3, hits, 9);
  expect(surer.operations[0]).toMatchObject({ atMs: 52, node: 'n2' });
  expect(surer.faults[0]).toMatchObject({ atMs: 7 });
});

it('is content with enough, and leaves what nothing makes surer', async () => {
  let counted = 0;
  const hits = (found: number) => async (): Promise<number> => {
    counted++;
    return found;
  };
  expect(await madeSurer(decisions, 3, hits(8), 8)).toBe(decisions);
  expect(counted).toBe(1);
  expect(await madeSurer(decisions, 3, hits(2), 8)).toBe(decisions);
});
