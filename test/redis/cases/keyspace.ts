/** tests/unit/keyspace.tcl */
import type { AskFirst, RedisCaseFile, Said } from './redis-case.js';
import { empty } from './scan.js';

const sorted = async (ask: AskFirst, pattern: string): Promise<string> =>
  [...((await ask(['keys', pattern])) as readonly string[])].sort().join(' ');

/** The keys that a pattern finds, in order and apart by blanks. */
const finds = (pattern: string, wanted: string) => async (ask: AskFirst) => {
  const found = await sorted(ask, pattern);
  return found === wanted ? null : `keys ${pattern} found ${found}`;
};

const is = (said: Said, wanted: Said): string | null =>
  said === wanted ? null : `${said} instead of ${wanted}`;

const ofRename = [
  ...['basic usage', 'source key should no longer exist', 'against already existing key'],
  ...['against non existing source key', 'where source and dest key are the same (existing)'],
  ...['where source and dest key are the same (non existing)'],
  ...['with volatile key, should move the TTL as well'],
  ...['with volatile key, should not inherit TTL of target key'],
];
const ofRenameNx = [
  ...['basic usage', 'against already existing key', 'against already existing key (2)'],
  ...['where source and dest key are the same (existing)'],
];
const ofCopy = [
  ...[
    'basic usage for string',
    'for string does not replace an existing key without REPLACE option',
  ],
  ...['for string can replace an existing key with REPLACE option'],
  ...['for string ensures that copied data is independent of copying data'],
  ...['for string does not copy data to no-integer DB', 'can copy key expire metadata as well'],
  ...['does not create an expire if it does not exist', 'basic usage for list'],
  ...['intset set', 'hashtable set', 'listpack sorted set', 'skiplist sorted set'].map(
    (type) => `basic usage for ${type}`,
  ),
  ...['listpack hash', 'hashtable hash', 'stream', 'stream-cgroups'].map(
    (type) => `basic usage for ${type}`,
  ),
];
const ofMove = [
  ...['basic usage', 'against key existing in the target DB', 'against non-integer DB (#1428)'],
  ...['can move key expire metadata as well', 'does not create an expire if it does not exist'],
];

export const keyspaceCases: RedisCaseFile = {
  file: 'keyspace.tcl',
  count: 53,
  holding: [
    {
      name: 'DEL against a single item',
      steps: [
        ['set x foo', '+OK'],
        ['get x', 'foo'],
        ['del x', 1],
        ['get x', null],
      ],
    },
    {
      name: 'Vararg DEL',
      steps: [
        ['set foo1{t} a', '+OK'],
        ['set foo2{t} b', '+OK'],
        ['set foo3{t} c', '+OK'],
        ['del foo1{t} foo2{t} foo3{t} foo4{t}', 3],
        ['mget foo1{t} foo2{t} foo3{t}', [null, null, null]],
      ],
    },
    {
      name: 'Untagged multi-key commands',
      steps: [
        ['mset foo1 a foo2 b foo3 c', '+OK'],
        ['mget foo1 foo2 foo3 foo4', ['a', 'b', 'c', null]],
        ['del foo1 foo2 foo3 foo4', 3],
      ],
    },
    {
      name: 'KEYS with pattern',
      steps: [],
      async check(ask) {
        await empty(ask);
        for (const key of ['key_x', 'key_y', 'key_z', 'foo_a', 'foo_b', 'foo_c']) {
          await ask(`set ${key} hello`);
        }
        return finds('foo*', 'foo_a foo_b foo_c')(ask);
      },
    },
    {
      name: 'KEYS to get all keys',
      steps: [],
      check: finds('*', 'foo_a foo_b foo_c key_x key_y key_z'),
    },
    { name: 'DBSIZE', steps: [['dbsize', 6]] },
    {
      name: 'DEL all keys',
      steps: [],
      async check(ask) {
        await empty(ask);
        return is(await ask('dbsize'), 0);
      },
    },
    {
      name: 'EXISTS',
      steps: [
        ['set newkey test', '+OK'],
        ['exists newkey', 1],
        ['del newkey', 1],
        ['exists newkey', 0],
      ],
    },
    {
      name: 'Zero length value in key. SET/GET/EXISTS',
      steps: [
        [['set', 'emptykey', ''], '+OK'],
        ['get emptykey', ''],
        ['exists emptykey', 1],
        ['del emptykey', 1],
        ['exists emptykey', 0],
      ],
    },
    {
      name: 'Commands pipelining',
      steps: [],
      async check(ask) {
        const said = await Promise.all([ask('SET k1 xyzk'), ask('GET k1'), ask('PING')]);
        return is(said.join(), '+OK,xyzk,+PONG');
      },
    },
    {
      name: 'Non existing command',
      steps: [
        ['foobaredcommand', "-ERR unknown command 'foobaredcommand', with args beginning with: "],
      ],
    },
    {
      name: 'DEL all keys again (DB 0)',
      steps: [],
      async check(ask) {
        await empty(ask);
        return is(await ask('dbsize'), 0);
      },
    },
    {
      name: 'RANDOMKEY',
      steps: [
        ['set foo x', '+OK'],
        ['set bar y', '+OK'],
      ],
      async check(ask) {
        const seen = new Set<Said>();
        for (let round = 0; round < 100; round++) seen.add(await ask('randomkey'));
        return is([...seen].sort().join(), 'bar,foo');
      },
    },
    {
      name: 'RANDOMKEY against empty DB',
      steps: [
        ['del foo bar', 2],
        ['randomkey', null],
      ],
    },
    {
      name: 'RANDOMKEY regression 1',
      steps: [
        ['set x 10', '+OK'],
        ['del x', 1],
        ['randomkey', null],
      ],
    },
    {
      name: 'KEYS * two times with long key, Github issue #1208',
      steps: [
        ['set dlskeriewrioeuwqoirueioqwrueoqwrueqw test', '+OK'],
        ['keys *', ['dlskeriewrioeuwqoirueioqwrueoqwrueqw']],
        ['keys *', ['dlskeriewrioeuwqoirueioqwrueoqwrueqw']],
      ],
    },
    {
      name: 'Regression for pattern matching long nested loops',
      steps: [
        [`SET ${'a'.repeat(40)} 1`, '+OK'],
        [`KEYS ${'a*'.repeat(20)}b`, []],
      ],
    },
  ],
  beside: [
    { names: ['DEL against expired key'], why: 'no key expires' },
    { names: ofRename.map((what) => `RENAME ${what}`), why: 'there is no RENAME' },
    { names: ofRenameNx.map((what) => `RENAMENX ${what}`), why: 'there is no RENAMENX' },
    { names: ofCopy.map((what) => `COPY ${what}`), why: 'there is no COPY' },
    { names: ofMove.map((what) => `MOVE ${what}`), why: 'there is no MOVE: there is one database' },
    {
      names: ['DEL all keys again (DB 1)', 'SET/GET keys in different DBs'],
      why: 'there is one database',
    },
  ],
  different: [],
};
