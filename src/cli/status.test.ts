import { describe, expect, it } from 'vitest';
import { statusRow, transactionRows } from './status.js';

const report = (node: string, ...facts: (readonly [string, string | number])[]) => ({
  ...({ node, state: 'running', pid: 1, since: 0, why: null, faults: [] } as const),
  status: {
    ...{ node, pid: 1, role: 'worker', keyCount: 5, unsettledCount: 2, suspects: ['n1'] },
    ...{ journalAppended: 9, journalDurable: 8, journalBytes: 700, uptimeMs: 60_000 },
    facts,
  },
});

const n2 = report(
  'n2',
  ['pool', 'in'],
  ['in doubt', 2],
  ['in doubt 10', 'for 2.0 s, b'],
  ['in doubt 9', 'for 2.1 s, a'],
);
const n3 = report(
  'n3',
  ['in doubt', 1],
  ['in doubt 9', 'for 2.2 s, a'],
  ['log bytes', 77],
  ['forwarded', 0],
);
const dead = {
  ...({ node: 'n1', state: 'dead', pid: null, since: 0 } as const),
  ...{ why: null, faults: [], status: null },
} as const;

describe('status', () => {
  it('has a line a node, with what is worth a note', () => {
    const notes = [n2, n3, dead].map((each) => statusRow(each).at(-1));
    expect(notes).toEqual(['pool in, in doubt 2', 'in doubt 1', '']);
  });

  it('has lines of their own for transactions, the oldest first, once for all nodes that agree', () => {
    expect(transactionRows([dead, n2, n3])).toEqual({
      rows: [
        ['9', 'n2 n3', 'in doubt for 2.1 s, a'],
        ['10', 'n2', 'in doubt for 2.0 s, b'],
      ],
      moreCount: 0,
    });
  });

  it('shows the oldest of many, and says how many more there are', () => {
    const facts = Array.from({ length: 40 }, (_, at) => [`in doubt ${at + 1}`, ''] as const);
    const { rows, moreCount } = transactionRows([report('n2', ...facts)]);
    expect(rows.map(([id]) => Number(id))).toEqual(Array.from({ length: 16 }, (_, at) => at + 1));
    expect(moreCount).toBe(24);
  });
});
