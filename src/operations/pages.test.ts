/** What commands that look at nodes print, from what they found. */
import { describe, expect, it } from 'vitest';
import type { Agreement } from '../client/agreement.js';
import { resolveSpec } from '../config/resolve.js';
import { keyFromText } from '../core/key.js';
import { dump, searchKey, verify } from './looks.js';
import { clusterStatus, nodeStatus } from './status.js';
import { operations } from './table.js';
import { printed } from './testing/printed.js';
import { unknownCommand } from './unknown-command.js';

const version = { stamp: 1, node: 'n2' };

function entry(key: string, value: string, owners = ['n2', 'n3']) {
  const bytes = Buffer.from(value);
  return { key: keyFromText(key), version, digest: 0, deleted: false, value: bytes, owners };
}

describe('a store', () => {
  const store = {
    node: 'n1',
    entries: [entry('a b', 'x "y" z'), entry('e', ''), entry('#', '#'), entry('w', 'y'.repeat(61))],
  };

  it('quotes what would be ambiguous, and shortens what is long', () => {
    const { out, notes } = printed(dump.outcomeOf(store));
    const shortened = `w ${'y'.repeat(60)}… (61 bytes)`;
    expect(out).toBe(`"a b" "x \\"y\\" z"\ne ""\n"#" "#"\n${shortened}\n`);
    expect(notes).toBe('');
  });

  it('is whole with --raw', () => {
    const { out, notes } = printed(dump.outcomeOf(store), 80, ['raw']);
    expect(out).toContain(`w ${'y'.repeat(61)}\n`);
    expect(notes).toBe('');
  });
});

it('a node that should keep no copy has not lost one', () => {
  const nothing = { entry: null, problem: null };
  const found = [
    { node: 'n1', ...nothing },
    { node: 'n2', entry: entry('k', 'v'), problem: null },
    { node: 'n3', ...nothing },
  ];
  const { out } = printed(searchKey.outcomeOf({ key: keyFromText('k'), found }));
  expect(out).toMatch(/^n1 +\(keeps no copy\)$/m);
  expect(out).toMatch(/^n3 +\(absent\)$/m);
});

it('a long value is shortened so that the table fits, and an empty one is seen', () => {
  const found = ['v'.repeat(300), ''].map((value, at) => {
    return { node: `n${at}`, entry: entry('k', value), problem: null };
  });
  const { out } = printed(searchKey.outcomeOf({ key: keyFromText('k'), found }));
  const [, long = '', empty] = out.split('\n');
  expect(long).toMatch(/^n0 {4}v{40,}… \(300 bytes\) +1@n2$/);
  expect(long.length).toBeLessThanOrEqual(80);
  expect(empty).toMatch(/^n1 {4}"" +1@n2$/);
});

it('of many differences the first ten are told, and how many more there are', () => {
  const differences = Array.from({ length: 15 }, (_, at) => ({
    key: keyFromText(`k${at}`),
    held: ['n10', 'n2'].map((node) => ({ node, version })),
  }));
  const counts = { keyCount: 20, copyCount: 40, unreachable: [], unsettled: [] };
  const agreement: Agreement = { agrees: false, differences, ...counts };
  const { out, notes } = printed(verify.outcomeOf(agreement));
  expect(out.match(/^differ /gm)).toHaveLength(10);
  expect(out).toContain('differ k0 n2=1@n2 n10=1@n2\n');
  expect(out).toContain('and 5 keys more; --json has them all\n');
  expect(notes).toBe('15 of 20 keys differ\n');
  const one = { ...agreement, keyCount: 1, differences: differences.slice(0, 1) };
  expect(printed(verify.outcomeOf(one)).notes).toBe('1 of 1 key differs\n');
});

it.each([
  ['set', 'put'],
  ['LS', 'dump'],
  ['info', 'cluster status'],
  ['cluster start', 'cluster up'],
  ['set a b', 'put'],
  ['statu', 'cluster status'],
  ['cluster upp', 'cluster up'],
  ['pt key', 'put'],
  ['constructor', null],
  ['', null],
])('%j means %j', (typed, command) => {
  const names = operations.map(({ name }) => name);
  const guess = / did you mean "(.*)"\?$/.exec(unknownCommand(typed.split(' '), names))?.[1];
  expect(guess ?? null).toBe(command);
});

it('of a topic, all commands are named', () => {
  const said = unknownCommand(['node', 'foo'], ['node add', 'put', 'node kill']);
  expect(said).toBe('there is no command "node foo"; there are node add, node kill');
});

it.each([80, 60])('sentences of status are wrapped at the width of the output: %d', (columns) => {
  const why = `n2 has lost its data: data/n2 holds no journal. Put data/n2 back, or \`kvx node rejoin n2\`.`;
  const n2 = { node: 'n2', state: 'failed', pid: null, since: 0, why } as const;
  const nodes = [{ ...n2, status: null, faults: [], resp: null, metrics: null }];
  const spec = { ...resolveSpec([]), mode: 'paxos' };
  const status = { spec, runtime: 'threads', nodes, faults: [], now: 0 };
  for (const { outcomeOf } of [clusterStatus, nodeStatus]) {
    const { out } = printed(outcomeOf(status), columns);
    expect(out).toMatch(/rejoin n2`\.$/m);
    expect(out.split('\n').filter((line) => line.length > columns)).toEqual([]);
  }
});
