import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../core/wire.js';
import { fromTuple, tupleOf } from '../cbor-tuples.js';
import { clientFrame, hello } from './client-frames.js';

const request = (operation: unknown[], more: Record<number, unknown> = {}): unknown[] =>
  Object.assign(['request', 1, operation, null, null, null, 1000], more);
const [level, session, floor, timeout] = [3, 4, 5, 6];
const get = ['get', 'k'];
type Listed = 'cuts' | 'delays' | 'losses' | 'reorderings' | 'bandwidths' | 'singles';
const rules = (given: { readonly [K in Listed]?: unknown[] }) => {
  const {
    cuts = [],
    delays = [],
    losses = [],
    reorderings = [],
    bandwidths = [],
    singles = [],
  } = given;
  return [cuts, delays, losses, [], reorderings, bandwidths, singles];
};
const healthy = [null, null, null, null];
const faults = (rules: unknown, own: unknown = healthy) => ['set-faults', 1, rules, own];
const long = 'x'.repeat(100_000);

describe('what a client may send', () => {
  it.each([
    ['a request', request(get)],
    [
      'one with all its marks',
      request(get, { [level]: 2, [session]: ['c1', 1], [floor]: [[1, 'n1'], 3] }),
    ],
    [
      'rules',
      faults(rules({ cuts: [['n1', 'n2']], delays: [['n1', 'n2', null, 20, 'exponential']] })),
    ],
    ['rules of chance', faults(rules({ losses: [['n1', 'n2', 'accept', 0.5]] }))],
    ['a slow node', faults(rules({}), [5, [1, 0.5, 0], [null, true, 9, null, null], 0.3])],
    ['one message', faults(rules({ singles: [['n1', 'n2', 'accept', 3, 'held', 20, 7]] }))],
    ['overtaking', faults(rules({ reorderings: [['n1', 'n2', null, 0.5, 2000]] }))],
  ])('is %s', (_, raw) => {
    expect(tupleOf(clientFrame, fromTuple(clientFrame, raw))).toEqual(raw);
  });

  it.each([
    ['a key without end', request(['get', long])],
    ['a value without end', request(['put', 'k', new Uint8Array(2 ** 21)])],
    ['a level without end', request(get, { [level]: long })],
    ["a client's name without end", request(get, { [session]: [long, 1] })],
    ["a client's name that a terminal obeys", request(get, { [session]: ['\u001b[2J', 1] })],
    ["a node's name without end", request(get, { [floor]: [[1, long], 3] })],
    ['a number of a command that is none', request(get, { [session]: ['c1', Number.NaN] })],
    ['a time-out that no timer holds', request(get, { [timeout]: 2 ** 31 })],
    ['a time-out in the past', request(get, { [timeout]: -1 })],
    ['a node to add without end', request(['reconfigure', 'add', long])],
    ['rules without end', faults(rules({ cuts: Array(20_000).fill(['n1', 'n2']) }))],
    ['a delay that no timer holds', faults(rules({ delays: [['n1', 'n2', null, 1e300, null]] }))],
    ['holding without end', faults(rules({ reorderings: [['n1', 'n2', null, 1, 2 ** 31]] }))],
    ['a spread that is none', faults(rules({ delays: [['n1', 'n2', null, 1, 'gaussian']] }))],
    ['a fate that is none', faults(rules({ singles: [['n1', 'n2', null, 3, 'read', 0, 7]] }))],
    ['a link that carries nothing', faults(rules({ bandwidths: [['n1', 'n2', null, 0, 9]] }))],
    [
      'a disk of less than nothing',
      faults(rules({}), [5, null, [null, null, -1, null, null], null]),
    ],
    ['a chance that is none', faults(rules({ losses: [['n1', 'n2', null, 1.5]] }))],
    ['a type that every object has', ['constructor', 1]],
    ['more than its fields', ['status', 1, 1]],
  ])('is not %s', (_, raw) => {
    expect(() => fromTuple(clientFrame, raw)).toThrow(ShapeError);
  });

  it('is a hello with short names', () => {
    expect(fromTuple(hello, ['client', 3, 'c'])).toMatchObject({ type: 'client' });
    for (const raw of [
      ['client', 3, long],
      ['peer', 3, 'c', long],
      ['client', 3.5, 'c'],
    ]) {
      expect(() => fromTuple(hello, raw)).toThrow(ShapeError);
    }
  });
});
