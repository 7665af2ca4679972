/** What all modes do alike with what clients ask: conditions and their refusals, and what a mode does not have. */
import { describe, expect, test } from 'vitest';
import { type Key, keyFromText } from '../core/key.js';
import { valueBytesMax } from '../core/limits.js';
import type { ClientResult, KeyOperation, Level, Operation } from '../core/operation.js';
import { modeHas, modeNames, profileOf } from './catalog.js';
import { parseModeOptions } from './options.js';
import { modeNamed } from './registry.js';
import { pass, TestCluster } from './testing/test-cluster.js';

const nodes = ['n1', 'n2', 'n3'];
const key = keyFromText('k');
const bytes = (text: string) => new TextEncoder().encode(text);
const orNull = (text: string | null) => (text === null ? null : bytes(text));

const put = (value: string): KeyOperation => ({ type: 'put', key, value: bytes(value) });
const remove: KeyOperation = { type: 'delete', key };
const insert: KeyOperation = { type: 'insert', key, value: bytes('v') };
const update: KeyOperation = { type: 'update', key, value: bytes('v') };
const cas = (expected: string | null, value: string | null): KeyOperation => {
  return { type: 'cas', key, expected: orNull(expected), value: orNull(value) };
};

const large = { type: 'put', key, value: new Uint8Array(valueBytesMax) } as const;
const transactions = [
  [{ type: 'txn', steps: [large, large] }, 'the transaction is 2097218 bytes, at most 2097152'],
  [
    { type: 'txn', steps: new Array(4097).fill(remove) },
    'the transaction has 4097 steps, at most 4096',
  ],
] as const;

function clusterOf(name: string) {
  const options = parseModeOptions(name, {}, nodes.length);
  const { protocol } = modeNamed(name);
  const cluster = TestCluster.started({ protocol, options, nodes, fate: () => pass });
  const leads = () =>
    name !== 'paxos' || nodes.some((node) => cluster.view(node).role === 'leader');
  cluster.waitUntil(leads);
  return cluster;
}

function shown(result: ClientResult | null): string {
  if (result?.type === 'refused') return result.reason;
  return result?.type === 'error' ? `${result.code}: ${result.message}` : `${result?.type}`;
}

describe.each(modeNames)('mode %s', (name) => {
  const cluster = clusterOf(name);
  const ask = (operation: Operation, level: Level | null = null) =>
    shown(cluster.ask('n2', operation, { level }));

  test.each([
    [null, insert, 'done'],
    ['a', insert, 'exists'],
    [null, update, 'absent'],
    ['a', update, 'done'],
    [null, cas(null, 'v'), 'done'],
    ['a', cas(null, 'v'), 'exists'],
    ['', cas(null, 'v'), 'exists'],
    [null, cas('a', 'v'), 'absent'],
    ['a', cas('a', 'v'), 'done'],
    ['ab', cas('a', 'v'), 'different'],
    ['a', cas('a', null), 'done'],
  ])('over %j: %j is %s', (held, operation, expected) => {
    expect(ask(held === null ? remove : put(held))).toBe('done');
    const result = cluster.ask('n2', operation);
    expect(shown(result)).toBe(expected);
    if (result?.type === 'refused') expect(result.actual).toEqual(orNull(held));
  });

  const get: Operation = { type: 'get', key };
  test.each([
    [{ type: 'txn', steps: [get] }, 'transactions'],
    [{ type: 'stabilize' }, 'stabilize'],
    [{ type: 'reconfigure', change: 'add', node: 'n2' }, 'changes of membership'],
  ] as const)('%j is refused by name, unless the mode has it', (operation, feature) => {
    const refused = ask(operation).startsWith(`bad-request: mode ${name} has no ${feature}; mode`);
    expect(refused).toBe(!modeHas(name, feature));
  });

  test('a level that it does not have is refused by name, for reads and for writes', () => {
    const { levels, numberLevels } = profileOf(name);
    const named = (['one', 'local', 'leader', 'linearizable'] as const).filter((level) => {
      return !levels.includes(level);
    });
    // A key has three replicas here.
    const lacks = [...named, ...(numberLevels ? [0, 1.5, 4] : [2])];
    expect(lacks.length).toBeGreaterThan(0);
    for (const level of lacks) {
      for (const operation of [get, put('a'), { type: 'txn', steps: [get] } as const]) {
        if (operation.type === 'txn' && !modeHas(name, 'transactions')) continue;
        expect(ask(operation, level)).toMatch(
          new RegExp(`^bad-request: mode ${name} has no level "?${level}"?; it has `),
        );
      }
    }
  });

  test('what is too large, or names no key, is refused before anybody hears of it', () => {
    const before = cluster.sent.length;
    for (const [operation, problem] of [
      [{ type: 'get', key: '' as Key }, 'a key may not be empty'],
      [{ type: 'get', key: keyFromText('k'.repeat(1025)) }, 'the key is 1025 bytes, at most 1024'],
      [put('v'.repeat(valueBytesMax + 1)), 'the value is 1048577 bytes, at most 1048576'],
      ...(modeHas(name, 'transactions') ? transactions : []),
    ] as const) {
      expect(ask(operation)).toBe(`bad-request: ${problem}`);
    }
    expect(cluster.sent.length).toBe(before);
  });
});
