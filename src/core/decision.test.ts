import { expect, test } from 'vitest';
import { DecisionLedger, decideWrite } from './decision.js';
import { keyFromText } from './key.js';

test('what only a node has held that lost its data may be said anew, and what others have held may not', () => {
  const ledger = new DecisionLedger();
  const [alone, shared] = ['write 1 of n1', 'write 2 of n1'];
  for (const subject of [alone, shared]) ledger.add('n1', { subject, value: 'a' });
  ledger.add('n2', { subject: shared, value: 'a' });
  ledger.forget('n1');
  expect(ledger.add('n1', { subject: alone, value: 'b' })).toBeNull();
  expect(ledger.add('n1', { subject: shared, value: 'b' })).not.toBeNull();
});

test('a subject has one value, whoever holds it and however often it says so', () => {
  const ledger = new DecisionLedger();
  expect(ledger.add('n1', { subject: 'slot 1', value: 'a' })).toBe(null);
  expect(ledger.add('n2', { subject: 'slot 1', value: 'a' })).toBe(null);
  expect(ledger.add('n2', { subject: 'slot 2', value: 'b' })).toBe(null);
  expect(ledger.add('n1', { subject: 'slot 2', value: 'a' })).toBe(
    'slot 2: n2 holds b, and n1 holds a',
  );
  const show = (value: { readonly name: string }): string => value.name;
  expect(ledger.add('n1', { subject: 'slot 3', value: { name: 'a' }, show })).toBe(null);
  expect(ledger.add('n2', { subject: 'slot 3', value: { name: 'a' }, show })).toBe(null);
  expect(ledger.add('n3', { subject: 'slot 3', value: { name: 'b' }, show })).toContain('holds b');
  // Once is enough to know it.
  expect(ledger.add('n3', { subject: 'slot 2', value: 'a' })).toBe(null);
});

test('a version belongs to one write: its key, and its value or delete', () => {
  const told = (key: string, value: Uint8Array | null) => {
    const ledger = new DecisionLedger();
    const found: (string | null)[] = [];
    const decide = (subject: string, value: unknown) =>
      found.push(ledger.add('n1', { subject, value }));
    const version = { stamp: 7, node: 'n1' };
    decideWrite({ key: keyFromText('k'), version, value: Uint8Array.of(1) }, { decide });
    decideWrite({ key: keyFromText(key), version, value }, { decide });
    return found;
  };
  expect(told('k', Uint8Array.of(1))).toEqual([null, null]);
  for (const [key, value] of [
    ['k', Uint8Array.of(2)],
    ['k', null],
    ['l', Uint8Array.of(1)],
  ] as const) {
    const contradiction = expect.stringContaining('write 7 of n1: n1 holds');
    expect(told(key, value)).toEqual([null, contradiction]);
  }
});
