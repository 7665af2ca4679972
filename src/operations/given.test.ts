import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../core/utf8.js';
import { ownTarget } from '../targets/local.js';
import { SimTarget } from '../targets/sim.js';
import { checkCapable } from '../targets/target.js';
import { assign, checkArgument } from './given.js';
import { operations } from './table.js';

const scope = { nodes: ['n1', 'n2'], clients: new Set(['ann']), levels: ['one', 'all'] };
const refused = { code: 'bad-request', definite: true };

describe('an argument', () => {
  it.each([
    ...['1', '1.5', 'x', '100%', '-1'].map((rate) => ['rate', rate] as const),
    ...['0', '1.5', 'many', '-1'].map((count) => ['count', count] as const),
    ...['5', '+', '--5s', '1h30m', '25d'].map((offset) => ['offset', offset] as const),
    ...['5', '-5ms', '00'].map((delay) => ['delay', delay] as const),
    ...['5XB', '-1', '0.1kB2', '99999999999MiB'].map((amount) => ['amount', amount] as const),
    ...([
      ['node', 'n3'],
      ['end', 'ben'],
      ['groups', 'n1,n2'],
      ['key', ''],
    ] as const),
    ...([
      ['new node', 'n 1'],
      ['duration', 'soon'],
    ] as const),
  ])('of kind %s can not be %j', (kind, text) => {
    const check = () => checkArgument({ name: 'IT', kind }, encodeUtf8(text), scope);
    expect(check).toThrow(expect.objectContaining(refused));
  });

  it.each([
    ...([
      ['rate', '30%'],
      ['count', '3'],
      ['offset', '+1.5s'],
      ['offset', '-0'],
      ['delay', '0'],
      ['amount', '64KiB'],
      ['amount', '20ms'],
      ['node', 'n2'],
      ['end', 'ann'],
    ] as const),
    ...([
      ['groups', 'n1/n2'],
      ['key', 'k'],
      ['value', ''],
      ['new node', 'n7'],
    ] as const),
    ['duration', '500ms'],
  ] as const)('of kind %s can be %j', (kind, text) => {
    checkArgument({ name: 'IT', kind }, encodeUtf8(text), scope);
  });
});

it('optional arguments take what the required ones leave, from the left', () => {
  const node = { name: 'NODE', kind: 'node', description: '', optional: true } as const;
  const rate = { name: 'RATE', kind: 'rate', description: '' } as const;
  const words = (...given: string[]) => {
    const { assigned, missing, surplus } = assign([node, rate], given);
    const named = [...assigned].map(([{ name }, taken]) => `${name} ${taken.join(' ')}`);
    return { named, missing: missing?.name ?? null, surplus };
  };
  expect(words('0.3')).toEqual({ named: ['RATE 0.3'], missing: null, surplus: [] });
  expect(words('n1', '0.3').named).toEqual(['NODE n1', 'RATE 0.3']);
  expect(words('n1', '0.3', 'x').surplus).toEqual(['x']);
  expect(words().missing).toBe('RATE');
});

it('what a target can not do is refused by name, and real nodes can do all that the table needs', () => {
  const sim = new SimTarget({ afterPromises: setImmediate, seed: 1 });
  const real = ownTarget('threads', new AbortController().signal);
  const lacking = operations.filter(({ name, capabilities = [] }) => {
    checkCapable(real, name, capabilities);
    return capabilities.some((each) => !sim.capabilities.includes(each));
  });
  expect(lacking.map(({ name }) => name).sort()).toEqual([
    ...['bench', 'node metrics', 'node rejoin'],
  ]);
  for (const { name, capabilities = [] } of lacking) {
    expect(() => checkCapable(sim, name, capabilities)).toThrow(
      expect.objectContaining({ ...refused, message: expect.stringContaining(`\`${name}\``) }),
    );
  }
});
