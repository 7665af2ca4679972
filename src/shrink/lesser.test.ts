import { describe, expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import { encodeUtf8 } from '../core/utf8.js';
import type { AskedOperation } from '../explore/decisions.js';
import type { Fault } from '../faults/fault.js';
import { inOnePhase, onFewerNodes, quickened, simplerFaults, simplerOperations } from './lesser.js';

const [a, b] = [keyFromText('a'), keyFromText('b')];
const asked = (node: string): AskedOperation => {
  return { client: 0, atMs: 10, operation: { type: 'get', key: a }, level: null, node };
};
const span = { atMs: 10, forMs: 100 };
const cut = (from: string, to: string): Fault => {
  return { ...span, type: 'links', rules: { cuts: [{ from, to }] } };
};

it('happens sooner after the first operation, in the same order', () => {
  const at = (atMs: number) => ({ ...asked('n1'), atMs });
  const operations = [at(10), at(40)];
  const faults: Fault[] = [5, 70].map((atMs) => ({ ...cut('n1', 'n2'), atMs }));
  const quick = quickened({ operations, faults }, 0.1);
  expect(quick.operations).toEqual([at(10), at(13)]);
  expect(quick.faults.map(({ atMs, forMs }) => [atMs, forMs])).toEqual([
    [5, 100],
    [16, 100],
  ]);
});

describe('a node less', () => {
  it('renames those after it, and leaves out what was broken of it alone', () => {
    const faults: Fault[] = [
      { ...span, type: 'pause', node: 'n2' },
      { ...span, type: 'pause', node: 'n3' },
      { ...span, type: 'stall', node: 'n1', to: ['n2', 'n3'] },
      { ...span, type: 'stall', node: 'n1', to: ['n2'] },
      { ...span, type: 'add node' },
      cut('n1', 'n2'),
    ];
    const operations = ['n1', 'n2', 'n3'].map(asked);
    const less = onFewerNodes({ operations, faults }, 'n2', 3);
    expect(less.operations.map(({ node }) => node)).toEqual(['n1', 'n2', 'n2']);
    expect(less.faults).toEqual([
      { ...span, type: 'pause', node: 'n2' },
      { ...span, type: 'stall', node: 'n1', to: ['n2'] },
      { ...span, type: 'add node' },
    ]);
  });

  it('keeps rules about others', () => {
    const { faults } = onFewerNodes({ operations: [], faults: [cut('n3', 'n1')] }, 'n2', 3);
    expect(faults).toMatchObject([{ rules: { cuts: [{ from: 'n2', to: 'n1' }] } }]);
  });

  it('asks the first of what was asked of the last', () => {
    const { operations } = onFewerNodes({ operations: [asked('n3')], faults: [] }, 'n3', 3);
    expect(operations.map(({ node }) => node)).toEqual(['n1']);
  });
});

it('makes one phase of faults that were healed, and of nodes left broken', () => {
  const fault: Fault = { ...span, type: 'isolate', node: 'n1', atLeader: true, whenBusy: true };
  const { decisions, phases } = inOnePhase({
    decisions: { operations: [asked('n1')], faults: [fault] },
    disturbed: [
      { atMs: 20, change: 'begin', fault },
      { atMs: 50, change: 'heal' },
      { atMs: 60, change: 'break', node: 'n2', how: 'without power' },
      { atMs: 61, change: 'break', node: 'n1', how: 'mute' },
    ],
    drawn: { nodes: 2, workload: { clientTimeoutMs: 40 } } as never,
    virtualMs: 100,
  });
  expect(decisions.faults).toEqual([
    { type: 'isolate', node: 'n1', atMs: 20, forMs: 30 },
    { type: 'crash', node: 'n2', how: 'power', atMs: 60, forMs: 40 },
    { type: 'links', rules: { cuts: [{ from: 'n1', to: 'n2' }] }, atMs: 61, forMs: 39 },
  ]);
  expect(phases).toMatchObject({ durationMs: 50, goOn: false, restart: false });
});

describe('a simpler fault', () => {
  it('loses all instead of some', () => {
    const losses = [{ from: 'n1', to: 'n2', chance: 0.5 }];
    const [first] = simplerFaults({ ...span, type: 'links', rules: { losses } });
    expect(first).toEqual(cut('n1', 'n2'));
  });

  it('is on fewer links, or a plain kill', () => {
    const both = { ...cut('n1', 'n2'), rules: { cuts: [...pair('n1', 'n2')] } } as Fault;
    const counts = simplerFaults(both).flatMap((fault) =>
      fault.type === 'links' ? [fault.rules.cuts?.length] : [],
    );
    expect(counts).toEqual([1, 1, 2, 2]);
    const crash: Fault = { ...span, type: 'crash', node: 'n1', how: 'power', isMidway: true };
    expect(simplerFaults(crash).slice(0, 2)).toEqual([
      { ...crash, isMidway: false },
      { ...crash, how: 'kill' },
    ]);
  });

  it('is briefer, down to a few milliseconds', () => {
    const pause: Fault = { type: 'pause', node: 'n1', atMs: 10, forMs: 40 };
    expect(simplerFaults(pause)).toEqual([
      { ...pause, forMs: 20 },
      { ...pause, forMs: 20, atMs: 30 },
    ]);
    expect(simplerFaults({ ...pause, forMs: 5 })).toEqual([]);
  });
});

const pair = (one: string, other: string) => [
  { from: one, to: other },
  { from: other, to: one },
];

it('finds simpler operations', () => {
  const value = encodeUtf8('1');
  const types = (operation: AskedOperation['operation']) =>
    simplerOperations({ ...asked('n1'), operation }).map((one) => one.operation.type);
  expect(types({ type: 'cas', key: a, expected: null, value })).toEqual(['put']);
  expect(types({ type: 'cas', key: a, expected: value, value: null })).toEqual(['delete']);
  expect(types({ type: 'insert', key: a, value })).toEqual(['put']);
  expect(types({ type: 'get', key: a })).toEqual([]);
  const steps = [
    { type: 'get', key: a },
    { type: 'put', key: b, value },
  ] as const;
  expect(types({ type: 'txn', steps: [...steps] })).toEqual(['get', 'put', 'txn', 'txn']);
});
