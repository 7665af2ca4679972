import { describe, expect, test } from 'vitest';
import { keyFromText } from '../../core/key.js';
import { transactionLimits } from '../../core/limits.js';
import type { KeyOperation, TransactionStep } from '../../core/operation.js';
import { evaluate, type Held, refusedBy } from './evaluate.js';

const key = keyFromText('k');
const bytes = (text: string) => new TextEncoder().encode(text);
const orNull = (text: string | null) => (text === null ? null : bytes(text));
const old = { stamp: 1, node: 'n1' };
const own = { stamp: 2, node: 'n1' };
const holding = (text: string): Held => ({ version: old, value: bytes(text) });
const tombstone: Held = { version: old, value: null };

const insert: KeyOperation = { type: 'insert', key, value: bytes('v') };
const update: KeyOperation = { type: 'update', key, value: bytes('v') };
const cas = (expected: string | null, value: string | null): KeyOperation => {
  return { type: 'cas', key, expected: orNull(expected), value: orNull(value) };
};

describe('a condition', () => {
  test.each([
    [insert, undefined, null],
    [insert, tombstone, null],
    [insert, holding('a'), 'exists'],
    [update, undefined, 'absent'],
    [update, tombstone, 'absent'],
    [update, holding('a'), null],
    [cas(null, 'v'), undefined, null],
    [cas(null, 'v'), holding('a'), 'exists'],
    [cas(null, 'v'), holding(''), 'exists'],
    [cas('a', 'v'), undefined, 'absent'],
    [cas('a', 'v'), tombstone, 'absent'],
    [cas('a', 'v'), holding('a'), null],
    [cas('a', 'v'), holding('ab'), 'different'],
    [cas('', 'v'), holding(''), null],
    [cas('ab', null), holding('ab'), null],
  ])('%#', (operation, held, reason) => {
    const refused = refusedBy(operation, held);
    expect(refused?.reason ?? null).toBe(reason);
    const { writes, result } = evaluate(operation, own, () => held);
    expect(writes === null).toBe(reason !== null);
    if (reason === null) expect(result).toMatchObject({ type: 'done', version: own });
    else expect(result).toEqual(refused);
    if (refused === null) return;
    expect(refused.actual).toEqual(held?.value ?? null);
    expect(refused.version).toEqual(held?.version ?? null);
  });
});

describe('a transaction', () => {
  const run = (...steps: TransactionStep[]) => {
    return evaluate({ type: 'txn', steps }, own, () => holding('a'));
  };
  const check = (expected: string | null): TransactionStep => {
    return { type: 'check', key, expected: orNull(expected) };
  };

  test('sees what it wrote itself, and writes the last of it', () => {
    const { writes, result } = run(
      { type: 'get', key },
      { type: 'put', key, value: bytes('b') },
      { type: 'get', key },
      { type: 'delete', key },
      check(null),
      { type: 'get', key },
    );
    expect(writes).toEqual([{ key, value: null }]);
    const values = [bytes('a'), bytes('b'), null];
    expect(result).toEqual({ type: 'committed', version: own, values });
  });

  test.each([
    [check('b'), 'different', old],
    [check(null), 'exists', old],
  ])('is refused as a whole by one check: %#', (step, reason, version) => {
    const { writes, result } = run({ type: 'put', key: keyFromText('l'), value: bytes('b') }, step);
    expect(writes).toBe(null);
    expect(result).toMatchObject({ type: 'refused', reason, version });
  });

  test('returns no more than fits an answer', () => {
    const large = { version: old, value: new Uint8Array(transactionLimits.readBytesMax / 2) };
    const get: TransactionStep = { type: 'get', key };
    const reads = (count: number) =>
      evaluate({ type: 'txn', steps: new Array(count).fill(get) }, own, () => large);
    expect(reads(2).result.type).toBe('committed');
    expect(reads(3)).toMatchObject({ writes: null, result: { code: 'bad-request' } });
  });
});
