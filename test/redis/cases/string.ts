/** tests/unit/type/string.tcl */
import type { RedisCase, RedisCaseFile, Step } from './redis-case.js';

const integers = Array.from({ length: 250 }, (_, at) => `${at}`);
const payloads = Array.from({ length: 20 }, (_, at) => `pl-${at}`.repeat(1 + ((at * 7919) % 9000)));
const aligned = 'x x x x x x x\n\n\r\n';
const wrongNumber = (name: string) => `-ERR wrong number of arguments for '${name}' command`;

const plain: readonly RedisCase[] = [
  {
    name: 'SET and GET an item',
    steps: [
      ['set x foobar', '+OK'],
      ['get x', 'foobar'],
    ],
  },
  {
    name: 'SET and GET an empty item',
    steps: [
      [['set', 'x', ''], '+OK'],
      ['get x', ''],
    ],
  },
  {
    // With a fifth of the values.
    name: 'Very big payload random access',
    steps: [
      ...payloads.map((value, at): Step => [['set', `bigpayload_${at}`, value], '+OK']),
      ...[3, 17, 0, 3, 19, 8].map((at): Step => [`get bigpayload_${at}`, payloads[at] as string]),
      [['del', ...payloads.map((_, at) => `bigpayload_${at}`)], payloads.length],
      ['del x', 1],
    ],
  },
  {
    // With 250 keys.
    name: 'SET 10000 numeric keys and access all them in reverse order',
    steps: [
      ...integers.map((each): Step => [`set ${each} ${each}`, '+OK']),
      ...integers.toReversed().map((each): Step => [`get ${each}`, each]),
    ],
  },
  { name: 'DBSIZE should be 10000 now', steps: [['dbsize', integers.length]] },
  {
    name: 'SETNX target key missing',
    steps: [
      ['del novar', 0],
      ['setnx novar foobared', 1],
      ['get novar', 'foobared'],
    ],
  },
  {
    name: 'SETNX target key exists',
    steps: [
      ['set novar foobared', '+OK'],
      ['setnx novar blabla', 0],
      ['get novar', 'foobared'],
    ],
  },
  {
    name: 'GETDEL command',
    steps: [
      ['del foo', 0],
      ['set foo bar', '+OK'],
      ['getdel foo', 'bar'],
      ['getdel foo', null],
    ],
  },
  {
    name: 'MGET',
    steps: [
      ['set foo{t} BAR', '+OK'],
      ['set bar{t} FOO', '+OK'],
      ['mget foo{t} bar{t}', ['BAR', 'FOO']],
    ],
  },
  {
    name: 'MGET against non existing key',
    steps: [['mget foo{t} baazz{t} bar{t}', ['BAR', null, 'FOO']]],
  },
  {
    name: 'GETSET (set new value)',
    steps: [
      ['del foo', 0],
      ['getset foo xyz', null],
      ['get foo', 'xyz'],
    ],
  },
  {
    name: 'GETSET (replace old value)',
    steps: [
      ['set foo bar', '+OK'],
      ['getset foo xyz', 'bar'],
      ['get foo', 'xyz'],
    ],
  },
  {
    name: 'MSET base case',
    steps: [
      [['mset', 'x{t}', '10', 'y{t}', 'foo bar', 'z{t}', aligned], '+OK'],
      ['mget x{t} y{t} z{t}', ['10', 'foo bar', aligned]],
    ],
  },
  {
    name: 'MSET/MSETNX wrong number of args',
    steps: [
      [['mset', 'x{t}', '10', 'y{t}', 'foo bar', 'z{t}'], wrongNumber('mset')],
      [['msetnx', 'x{t}', '20', 'y{t}', 'foo bar', 'z{t}'], wrongNumber('msetnx')],
    ],
  },
  {
    name: 'MSETNX with already existent key',
    steps: [
      ['msetnx x1{t} xxx y2{t} yyy x{t} 20', 0],
      ['exists x1{t}', 0],
      ['exists y2{t}', 0],
    ],
  },
  {
    name: 'MSETNX with not existing keys',
    steps: [
      ['msetnx x1{t} xxx y2{t} yyy', 1],
      ['get x1{t}', 'xxx'],
      ['get y2{t}', 'yyy'],
    ],
  },
  {
    name: 'MSETNX with not existing keys - same key twice',
    steps: [
      ['del x1{t}', 1],
      ['msetnx x1{t} xxx x1{t} yyy', 1],
      ['get x1{t}', 'yyy'],
    ],
  },
  {
    name: 'MSETNX with already existing keys - same key twice',
    steps: [
      ['msetnx x1{t} xxx x1{t} zzz', 0],
      ['get x1{t}', 'yyy'],
    ],
  },
  { name: 'STRLEN against non-existing key', steps: [['strlen notakey', 0]] },
  {
    name: 'STRLEN against integer-encoded value',
    steps: [
      ['set myinteger -555', '+OK'],
      ['strlen myinteger', 4],
    ],
  },
  {
    name: 'STRLEN against plain string',
    steps: [
      [['set', 'mystring', 'foozzz0123456789 baz'], '+OK'],
      ['strlen mystring', 20],
    ],
  },
];

const extendedSet: readonly RedisCase[] = [
  {
    name: 'Extended SET can detect syntax errors',
    steps: [['set foo bar non-existing-option', '-ERR syntax error']],
  },
  {
    name: 'Extended SET NX option',
    steps: [
      ['del foo', 1],
      ['set foo 1 nx', '+OK'],
      ['set foo 2 nx', null],
      ['get foo', '1'],
    ],
  },
  {
    name: 'Extended SET XX option',
    steps: [
      ['del foo', 1],
      ['set foo 1 xx', null],
      ['set foo bar', '+OK'],
      ['set foo 2 xx', '+OK'],
      ['get foo', '2'],
    ],
  },
  {
    name: 'Extended SET GET option',
    steps: [
      ['del foo', 1],
      ['set foo bar', '+OK'],
      ['set foo bar2 GET', 'bar'],
      ['get foo', 'bar2'],
    ],
  },
  {
    name: 'Extended SET GET option with no previous value',
    steps: [
      ['del foo', 1],
      ['set foo bar GET', null],
      ['get foo', 'bar'],
    ],
  },
  {
    name: 'Extended SET GET option with XX',
    steps: [
      ['del foo', 1],
      ['set foo bar', '+OK'],
      ['set foo baz GET XX', 'bar'],
      ['get foo', 'baz'],
    ],
  },
  {
    name: 'Extended SET GET option with XX and no previous value',
    steps: [
      ['del foo', 1],
      ['set foo bar GET XX', null],
      ['get foo', null],
    ],
  },
  {
    name: 'Extended SET GET option with NX',
    steps: [
      ['del foo', 0],
      ['set foo bar GET NX', null],
      ['get foo', 'bar'],
    ],
  },
  {
    name: 'Extended SET GET option with NX and previous value',
    steps: [
      ['del foo', 1],
      ['set foo bar', '+OK'],
      ['set foo baz GET NX', 'bar'],
      ['get foo', 'bar'],
    ],
  },
];

export const stringCases: RedisCaseFile = {
  file: 'type/string.tcl',
  count: 77,
  holding: [...plain, ...extendedSet],
  different: [
    {
      names: ['Very big payload in GET/SET'],
      why: 'it has 4 MB; a value of kvx has at most 1 MiB, and more is a clear error',
    },
    {
      names: [
        ...['EX', 'PX', 'EXAT', 'PXAT'].map((option) => `Extended SET ${option} option`),
        'Extended SET using multiple options at once',
      ],
      why: 'no key of kvx expires: who asks for it is refused',
    },
  ],
  beside: [
    {
      names: [
        'SETNX against not-expired volatile key',
        'SETNX against expired volatile key',
        ...['EX', 'PX', 'EXAT', 'PXAT', 'PERSIST', 'no'].map((option) => `GETEX ${option} option`),
        'GETEX syntax errors',
        'GETEX no arguments',
      ],
      why: 'expiry',
    },
    {
      names: [
        'GETDEL propagate as DEL command to replica',
        'GETEX without argument does not propagate to replica',
      ],
      why: "Redis' stream to its replicas",
    },
    {
      names: [
        'MGET against non-string key',
        'Extended SET GET with incorrect type should result in wrong type error',
      ],
      why: 'other types than strings',
    },
    {
      names: [
        'SETBIT against non-existing key',
        'SETBIT against string-encoded key',
        'SETBIT against integer-encoded key',
        'SETBIT against key with wrong type',
        'SETBIT with out of range bit offset',
        'SETBIT with non-bit argument',
        'SETBIT fuzzing',
        'GETBIT against non-existing key',
        'GETBIT against string-encoded key',
        'GETBIT against integer-encoded key',
        'SETRANGE against non-existing key',
        'SETRANGE against string-encoded key',
        'SETRANGE against integer-encoded key',
        'SETRANGE against key with wrong type',
        'SETRANGE with out of range offset',
        'SETRANGE with huge offset',
        'GETRANGE against non-existing key',
        'GETRANGE against string value',
        'GETRANGE against integer-encoded value',
        'GETRANGE fuzzing',
        'GETRANGE with huge ranges, Github issue #1844',
        'LCS basic',
        'LCS len',
        'LCS indexes',
        'LCS indexes with match len',
        'LCS indexes with match len and minimum match len',
      ],
      why: 'SETBIT, GETBIT, SETRANGE, GETRANGE and LCS',
    },
    { names: ['trim on SET with big value'], why: 'MEMORY USAGE' },
  ],
};
