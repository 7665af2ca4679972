import { describe, expect, it } from 'vitest';
import { catalog, profileOf } from '../protocols/catalog.js';
import type { Cell } from '../render/page.js';
import { formatTable } from '../render/table.js';
import { glanceTable, nodeTable, remarkTable, transactionRows, wideTable } from './status.js';

const textsIn = (row: readonly Cell[]) =>
  row.map((cell) => (typeof cell === 'string' ? cell : cell.text));

const report = (node: string, ...facts: (readonly [string, string | number])[]) => ({
  ...({
    node,
    state: 'running',
    pid: 1,
    since: 0,
    why: null,
    faults: [],
    resp: null,
    metrics: null,
  } as const),
  status: {
    ...{ node, pid: 1, role: 'worker', keyCount: 5, unsettledCount: 2, suspects: ['n1'] },
    ...{
      journalAppended: 9,
      journalDurable: 8,
      journalBytes: 700,
      sentCount: 5,
      syncCount: 4,
      uptimeMs: 60_000,
    },
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
  ...{ why: null, faults: [], resp: null, metrics: null, status: null },
} as const;

describe('status', () => {
  const { glance } = profileOf('2pc');

  const resp = { host: '127.0.0.1', port: 7381, socket: '/run/n3.resp', password: true };

  it('has a line a node, with what matters in the mode; wide, with all that is worth a note', () => {
    const metrics = 'http://127.0.0.1:9465/metrics';
    expect(glanceTable([n2, { ...n3, resp, metrics }, dead], glance).rows.map(textsIn)).toEqual([
      ['n2', 'worker', 'running', '5', '1', '2', 'in', '2', '', ''],
      ['n3', 'worker', 'running', '5', '1', '2', '', '1', '7381', '9465'],
      ['n1', '', 'dead', '', '', '', '', '', '', ''],
    ]);
    const notes = wideTable([n2, n3, dead], glance).rows.map((row) => row.at(-1));
    expect(notes).toEqual(['pool in, in doubt 2', 'in doubt 1', '']);
  });

  it('says what is the matter, once for all of which it is to be said', () => {
    const slow = { ...n2, faults: ['cut from n1 n3 n4 n5 n6'] };
    const why = 'the disk is full';
    const failed = { ...dead, state: 'failed', why } as const;
    expect(remarkTable([slow, n3, failed, { ...failed, node: 'n4' }], glance).rows).toEqual([
      ['n2 n3', 'suspects n1'],
      ['n2', 'cut from n1 n3 … (5)'],
      ['n1 n4', 'failed: the disk is full'],
    ]);
  });

  it('names suspects in the order of nodes', () => {
    const many = { ...n2, status: { ...n2.status, suspects: ['n10', 'n3', 'n1'] } };
    expect(remarkTable([many], glance).rows).toEqual([['n2', 'suspects n1 n3 n10']]);
  });

  it('shows no count of keys where none are kept', () => {
    const coordinator = { ...n2, status: { ...n2.status, role: 'coordinator', keyCount: 0 } };
    expect(glanceTable([coordinator], glance).rows[0]?.[3]).toBe('-');
  });

  it.each(Object.values(catalog).map((mode) => [mode.name, mode.glance] as const))(
    'of mode %s fits 80 columns, and 60 as a table',
    (_, shown) => {
      const facts = shown.columns.map((name) => [name, 'n1 n2 n3 n4 n5 n6'] as const);
      const { status } = report('n64', ...facts);
      const busy = {
        ...n2,
        node: 'n64',
        status: { ...status, role: 'coordinator', keyCount: 100_000 },
      };
      const { columns, rows } = glanceTable([busy, busy], shown);
      for (const width of [80, 60]) {
        const lines = formatTable(columns, rows.map(textsIn), { width }).trimEnd().split('\n');
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
        expect(lines).toHaveLength(3);
      }
    },
  );

  it('of one node has all it says', () => {
    const lines = nodeTable(n2, glance).rows.map(([name]) => name);
    expect(lines).toEqual(
      expect.arrayContaining(['state', 'journal bytes', 'in doubt 9', 'up for']),
    );
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
