/** tests/unit/type/incr.tcl */
import type { RedisCase, RedisCaseFile } from './redis-case.js';

const noInteger = '-ERR value is not an integer or out of range';

const againstSpaces = (where: string, value: string): RedisCase => ({
  name: `INCR fails against key with spaces (${where})`,
  steps: [
    [['set', 'novar', value], '+OK'],
    ['incr novar', noInteger],
  ],
});

const floats = 'INCRBYFLOAT fails against key with spaces';

export const incrCases: RedisCaseFile = {
  file: 'type/incr.tcl',
  count: 25,
  holding: [
    {
      name: 'INCR against non existing key',
      steps: [
        ['incr novar', 1],
        ['get novar', '1'],
      ],
    },
    { name: 'INCR against key created by incr itself', steps: [['incr novar', 2]] },
    {
      name: 'INCR against key originally set with SET',
      steps: [
        ['set novar 100', '+OK'],
        ['incr novar', 101],
      ],
    },
    {
      name: 'INCR over 32bit value',
      steps: [
        ['set novar 17179869184', '+OK'],
        ['incr novar', 17179869185],
      ],
    },
    {
      name: 'INCRBY over 32bit value with over 32bit increment',
      steps: [
        ['set novar 17179869184', '+OK'],
        ['incrby novar 17179869184', 34359738368],
      ],
    },
    againstSpaces('left', '    11'),
    againstSpaces('right', '11    '),
    againstSpaces('both', '    11    '),
    {
      name: 'DECRBY negation overflow',
      steps: [
        ['set x 0', '+OK'],
        ['decrby x -9223372036854775808', '-ERR decrement would overflow'],
      ],
    },
    {
      name: 'DECRBY over 32bit value with over 32bit increment, negative res',
      steps: [
        ['set novar 17179869184', '+OK'],
        ['decrby novar 17179869185', -1],
      ],
    },
  ],
  different: [],
  beside: [
    { names: ['INCR fails against a key holding a list'], why: 'other types than strings' },
    {
      names: ['INCR uses shared objects in the 0-9999 range', 'INCR can modify objects in-place'],
      why: 'how Redis encodes values',
    },
    {
      names: [
        'INCRBYFLOAT against non existing key',
        'INCRBYFLOAT against key originally set with SET',
        'INCRBYFLOAT over 32bit value',
        'INCRBYFLOAT over 32bit value with over 32bit increment',
        `${floats} (left)`,
        `${floats} (right)`,
        `${floats} (both)`,
        'INCRBYFLOAT fails against a key holding a list',
        'INCRBYFLOAT does not allow NaN or Infinity',
        'INCRBYFLOAT decrement',
        'string to double with null terminator',
        'No negative zero',
      ],
      why: 'INCRBYFLOAT',
    },
  ],
};
