import { expect, test } from 'vitest';
import { DecisionLedger, decideWrite } from './decision.js';
import { keyFromText } from './key.js';

test('a subject has one value, whoever holds it and however often it says so', () => {
  const ledger = new DecisionLedger();
  expect(ledger.add('n1', { subject: 'slot 1', value: 'a' })).toBe(null);
  expect(ledger.add('n2', { subject: 'slot 1', value: 'a' })).toBe(null);
  expect(ledger.add('n2', { subject: 'slot 2', value: 'b' })).toBe(null);
  expect(ledger.add('n1', { subject: 'slot 2', value: 'a' })).toBe(
    'slot 2: n2 holds b, and n1 holds a',
  );
});

test('a version belongs to one write: its key, and its value or delete', () => {
  const ledger = new DecisionLedger();
  const add = (key: string, value: Uint8Array | null) => {
    const found: (string | null)[] = [];
    const decide = (subject: string, text: string) =>
      found.push(ledger.add('n1', { subject, value: text }));
    decideWrite({ key: keyFromText(key), version: { stamp: 7, node: 'n1' }, value }, { decide });
    return found;
  };
  expect(add('k', Uint8Array.of(1))).toEqual([null]);
  expect(add('k', Uint8Array.of(1))).toEqual([null]);
  for (const [key, value] of [
    ['k', Uint8Array.of(2)],
    ['k', null],
    ['l', Uint8Array.of(1)],
  ] as const) {
    expect(add(key, value)).toEqual([expect.stringContaining('write 7 of n1: n1 holds')]);
  }
});
