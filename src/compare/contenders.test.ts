import { expect, test } from 'vitest';
import { flagSetting } from '../config/problem.js';
import { contendersOf, isContender } from './contenders.js';
import { nemesesFor } from './faults.js';

const shared = [flagSetting('nodes', 5, '--nodes')];

test('a mode may have flags of its own, and the rest is the same for all', () => {
  const [plain, one] = contendersOf(['quorum', 'quorum --read one -o graceMs=2s'], shared);
  expect(plain?.spec).toMatchObject({ mode: 'quorum', options: { read: 'quorum' } });
  expect(one?.spec).toMatchObject({ mode: 'quorum', options: { read: 'one', graceMs: 2000 } });
  expect(one?.spec.nodes).toHaveLength(5);
  expect(contendersOf([], shared).map(({ label }) => label)).toHaveLength(4);
});

test('what is no mode is a scenario', () => {
  expect(['paxos', 'paxos --read local', 'paxos.kvx', '-'].map(isContender)).toEqual([
    ...[true, true],
    ...[false, false],
  ]);
});

test.each([
  [['quorum --raed one'], '"--raed" is no flag of a mode, did you mean read?'],
  [['quorum --nodes 3'], 'is no flag of a mode'],
  [['quorum --read'], '--read takes a value'],
  [['paxos --read one'], 'mode paxos has no level "one"'],
  [['paxos', 'paxos'], '"paxos" is named twice'],
])('%j is refused', (words, says) => {
  expect(() => contendersOf(words, shared)).toThrow(says);
});

test('nemeses are those that all modes can have', () => {
  const all = contendersOf([], shared);
  const leading = contendersOf(['2pc', 'paxos'], shared);
  expect(nemesesFor(['everything'], all)).not.toContain('leader');
  expect(nemesesFor(['everything'], leading)).toContain('leader');
  expect(nemesesFor(['kills', 'halves'], all)).toEqual(['halves', 'kills']);
  expect(() => nemesesFor(['leader'], all)).toThrow('mode quorum has no leader');
  expect(() => nemesesFor(['kils'], all)).toThrow('did you mean kills');
});
