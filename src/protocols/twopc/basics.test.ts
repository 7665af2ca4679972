import { describe, expect, it } from 'vitest';
import { Harness } from './testing/harness.js';
import {
  bytes,
  check,
  contentsOf,
  get,
  key,
  put,
  remove,
  said,
  txn,
} from './testing/operations.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];

function settled(): Harness {
  const harness = new Harness({ nodes });
  harness.run(50);
  return harness;
}

function ask(harness: Harness, node: string, operation: Parameters<Harness['request']>[1]): string {
  const asked = harness.request(node, operation);
  harness.runUntil(() => asked.result !== null);
  return said(asked.result);
}

describe('operations', () => {
  it('are taken by any node and done on every worker', () => {
    const harness = settled();
    expect(ask(harness, 'n1', put('a', '1'))).toBe('done');
    expect(ask(harness, 'n3', put('b', '2'))).toBe('done');
    for (const node of nodes) expect(ask(harness, node, get('a'))).toBe('value 1');
    harness.run(50);
    for (const node of ['n2', 'n3', 'n4']) expect(contentsOf(harness, node)).toBe('a=1 b=2');
    expect(contentsOf(harness, 'n1')).toBe('');
    expect(harness.view('n1').ownersOf(key('a'))).toEqual(['n2', 'n3', 'n4']);
  });

  it('respect their preconditions', () => {
    const harness = settled();
    const value = bytes('v');
    expect(ask(harness, 'n2', { type: 'update', key: key('a'), value })).toBe(
      'refused absent null',
    );
    expect(ask(harness, 'n2', { type: 'insert', key: key('a'), value })).toBe('done');
    expect(ask(harness, 'n2', { type: 'insert', key: key('a'), value })).toBe('refused exists v');
    expect(ask(harness, 'n2', { type: 'update', key: key('a'), value: bytes('w') })).toBe('done');
    const cas = (expected: string | null, to: string | null) =>
      ask(harness, 'n3', {
        type: 'cas',
        key: key('a'),
        expected: expected === null ? null : bytes(expected),
        value: to === null ? null : bytes(to),
      });
    expect(cas('v', 'x')).toBe('refused different w');
    expect(cas(null, 'x')).toBe('refused exists w');
    expect(cas('w', null)).toBe('done');
    expect(cas('w', 'x')).toBe('refused absent null');
    expect(cas(null, 'y')).toBe('done');
    expect(ask(harness, 'n4', remove('a'))).toBe('done');
    expect(ask(harness, 'n4', get('a'))).toBe('value null');
  });

  it('are atomic lists of steps in `txn`, whose gets see earlier steps', () => {
    const harness = settled();
    ask(harness, 'n1', put('a', '1'));
    const swap = txn(get('a'), check('b', null), put('b', '2'), get('b'), remove('a'), get('a'));
    expect(ask(harness, 'n3', swap)).toBe('committed 1 2');
    expect(ask(harness, 'n3', swap)).toBe('refused exists 2');
    expect(ask(harness, 'n2', txn(get('a'), get('b')))).toBe('committed  2');
    expect(ask(harness, 'n2', txn(check('b', '3'), get('b')))).toBe('refused different 2');
  });

  it('refuse what this mode does not have, by name', () => {
    const harness = settled();
    const asked = harness.request('n2', get('a'), { level: 'one' });
    expect(asked.result).toMatchObject({ code: 'bad-request', definite: true });
    expect(ask(harness, 'n1', { type: 'tune', setting: 'fail-rate', value: 1 })).toBe(
      'definite bad-request',
    );
  });

  it('conflict at once, definitely, when they overlap', () => {
    const harness = settled();
    const first = harness.request('n1', put('a', '1'));
    const second = harness.request('n1', put('a', '2'));
    const reader = harness.request('n1', txn(get('a'), put('b', '1')));
    const elsewhere = harness.request('n1', put('c', '1'));
    harness.runUntil(() => [first, elsewhere].every((asked) => asked.result !== null));
    expect(said(second.result)).toBe('definite conflict');
    expect(said(reader.result)).toBe('definite conflict');
    expect([said(first.result), said(elsewhere.result)]).toEqual(['done', 'done']);
  });

  it('share what they only read', () => {
    const harness = settled();
    ask(harness, 'n1', put('a', '1'));
    const left = harness.request('n1', txn(get('a'), put('b', '1')));
    const right = harness.request('n1', txn(get('a'), put('c', '1')));
    harness.runUntil(() => left.result !== null && right.result !== null);
    expect([said(left.result), said(right.result)]).toEqual(['committed 1', 'committed 1']);
  });

  it('are refused when the pool has no workers at all', () => {
    const harness = new Harness({ nodes: ['n1'] });
    expect(ask(harness, 'n1', put('a', '1'))).toBe('definite unavailable');
    expect(ask(harness, 'n1', get('a'))).toBe('definite unavailable');
  });
});
