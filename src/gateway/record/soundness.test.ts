/**
 * Whatever clients of a correct server do, and whatever gets lost on the way, what is recorded of them never violates
 * strict serializability; of a server with a mistake it does.
 */
import { expect, test } from 'vitest';
import { judgeModels } from '../../check/check.js';
import type { Random } from '../../core/random.js';
import { kindCode } from '../../history/event.js';
import type { History } from '../../history/history.js';
import type { ReadReply } from '../../resp/reply-reader.js';
import { RecordedWorld, type WorldSetup } from './testing/recorded-world.js';

type Commands = WorldSetup['commands'];

const keys = ['a', 'b', 'n'];

const single: Commands = (random, unique) => {
  const key = random.pick(keys);
  const value = random.chance(0.3) ? random.pick(['0', '1', '-1']) : unique();
  return random.pick([
    ...[
      ['GET', key],
      ['GET', key],
      ['GET', key],
      ['SET', key, value],
      ['SET', key, value],
    ],
    ...[
      ['SET', key, value, 'NX'],
      ['SET', key, value, 'XX'],
      ['SET', key, value, 'GET'],
    ],
    ...[
      ['SET', key, value, 'NX', 'GET'],
      ['SETNX', key, value],
      ['GETSET', key, value],
    ],
    ...[
      ['GETDEL', key],
      ['DEL', key],
      ['EXISTS', key],
      ['STRLEN', key],
    ],
    ...[
      ['INCR', 'n'],
      ['INCR', 'n'],
      ['INCR', 'n'],
      ['DECR', 'n'],
      ['INCRBY', 'n', '5'],
    ],
  ]);
};

/** What nothing can be told of, and what ends the record of keys, now and then. */
const rare: Commands = (random, unique) => {
  const key = random.pick(keys);
  return random.pick([
    ...[
      ['EXPIRE', key, '1'],
      ['SET', key, unique(), 'EX', '1'],
      ['RENAME', key, random.pick(keys)],
    ],
    ...[['LPUSH', key, 'x'], ['FLUSHALL'], ['FLUSHALL'], ['EVAL', 'x', '0'], ['NOSUCH', key]],
    ...[
      ['SELECT', '1'],
      ['SELECT', '0'],
      ['SELECT', '7'],
    ],
  ]);
};

/** What leaves the fewest questions open. */
const plain: Commands = (random, unique) =>
  random.pick([
    ['GET', 'a'],
    ['GET', 'n'],
    ['SET', 'a', unique()],
    ['INCR', 'n'],
    ['INCR', 'n'],
  ]);

const several: Commands = (random, unique) => {
  const [first, second] = [random.pick(keys), random.pick(keys)];
  return random.pick([
    ...[
      ['MGET', first, second],
      ['MSET', first, unique(), second, unique()],
    ],
    ...[
      ['MSETNX', first, unique(), second, unique()],
      ['DEL', first, second],
    ],
    ...[['MULTI'], ['EXEC'], ['EXEC'], ['DISCARD']],
  ]);
};

/** One in so many. */
const mixed =
  (often: Commands, seldom: Commands, count: number): Commands =>
  (random, unique) =>
    random.below(count) === 0 ? seldom(random, unique) : often(random, unique);

const append: Commands = (random) => ['APPEND', random.pick(['t', 'n']), random.pick(['x', '1'])];

const recipes: readonly (readonly [string, Commands])[] = [
  ['one key', single],
  ['one key, and what ends its record', mixed(single, rare, 12)],
  ['transactions', mixed(single, several, 3)],
  ['transactions, and what ends their record', mixed(mixed(single, several, 3), rare, 12)],
  ['texts that grow', mixed(single, append, 4)],
  ['all of it', mixed(mixed(mixed(single, several, 4), append, 8), rare, 15)],
];

function verdictOn(history: History): string {
  const model = history.kind.includes(kindCode.txn) ? 'strict-serializable' : 'linearizable';
  return judgeModels(history, [model])[0]?.verdict ?? '';
}

const seeds = Number(process.env['KVX_SEEDS'] ?? 25);

function verdicts(commands: Commands, bug?: WorldSetup['bug']): Map<string, number> {
  const found = new Map<string, number>();
  for (let seed = 1; seed <= seeds; seed++) {
    const setup = { seed, steps: 160, commands, ...(bug === undefined ? {} : { bug }) };
    const verdict = verdictOn(new RecordedWorld(setup).run());
    if (bug === undefined) expect({ seed, verdict }).not.toEqual({ seed, verdict: 'violated' });
    found.set(verdict, (found.get(verdict) ?? 0) + 1);
  }
  return found;
}

test.each(recipes)('a server that does right is never found wrong: %s', (_, commands) => {
  expect(verdicts(commands).get('holds')).toBeGreaterThan(seeds / 2);
});

/** Now and then a number is counted up from where it was before. */
const losesUpdates = (random: Random, [name = '']: readonly string[], reply: ReadReply) =>
  reply.type === 'integer' && /^INCR$|^INCRBY$/.test(name) && random.chance(0.2)
    ? { ...reply, value: reply.value - 1n }
    : reply;

const readsNothing = (random: Random, [name = '']: readonly string[], reply: ReadReply) =>
  name === 'GET' && reply.type === 'bulk' && random.chance(0.2)
    ? ({ type: 'null' } as const)
    : reply;

test.each([
  ['whose INCR counts twice from the same number', plain, losesUpdates],
  ['that finds nothing where something is', plain, readsNothing],
  ['that does so among transactions', mixed(plain, several, 5), readsNothing],
] as const)('a server is found wrong %s', (_, commands, bug) => {
  expect(verdicts(commands, bug).get('violated')).toBeGreaterThan(seeds / 4);
});
