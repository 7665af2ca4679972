/** Commands that count: a value is the decimal text of an integer of 64 bits. */
import { encodeUtf8 } from '../../core/utf8.js';
import { integerOf, isInt64, keyAt } from '../arguments.js';
import { CommandError, type DataCommand, type Values } from '../command.js';
import type { Words } from '../parser.js';
import { integer, type RespReply } from '../replies.js';

function add(words: Words, by: bigint, values: Values): RespReply {
  const key = keyAt(words, 1);
  const before = values.get(key);
  const sum = (before === null ? 0n : integerOf(before)) + by;
  if (!isInt64(sum)) throw new CommandError('ERR increment or decrement would overflow');
  values.set(key, encodeUtf8(String(sum)));
  return integer(sum);
}

function negative(by: bigint): bigint {
  if (isInt64(-by)) return -by;
  throw new CommandError('ERR decrement would overflow');
}

export const numberCommands: readonly DataCommand[] = [
  {
    ...{ kind: 'data', name: 'INCR', arity: 2, flags: ['write', 'denyoom', 'fast'] },
    ...{ keys: [1, 1, 1], group: 'string', summary: 'Adds 1 to the number that a key holds.' },
    apply: (words, values) => add(words, 1n, values),
  },
  {
    ...{ kind: 'data', name: 'DECR', arity: 2, flags: ['write', 'denyoom', 'fast'] },
    ...{ keys: [1, 1, 1], group: 'string', summary: 'Takes 1 from the number that a key holds.' },
    apply: (words, values) => add(words, -1n, values),
  },
  {
    ...{ kind: 'data', name: 'INCRBY', arity: 3, flags: ['write', 'denyoom', 'fast'] },
    ...{ keys: [1, 1, 1], group: 'string', summary: 'Adds to the number that a key holds.' },
    apply: (words, values) => add(words, integerOf(words[2] as Uint8Array), values),
  },
  {
    ...{ kind: 'data', name: 'DECRBY', arity: 3, flags: ['write', 'denyoom', 'fast'] },
    ...{ keys: [1, 1, 1], group: 'string', summary: 'Takes from the number that a key holds.' },
    apply: (words, values) => add(words, negative(integerOf(words[2] as Uint8Array)), values),
  },
];
