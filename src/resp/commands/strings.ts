/** Commands that read and write values. */
import type { ClientResult } from '../../core/operation.js';
import { keyAt, valueAt } from '../arguments.js';
import { CommandError, type DataCommand, type Values } from '../command.js';
import { checkValueBytes } from '../overlay.js';
import type { Words } from '../parser.js';
import { array, bulk, integer, nothing, ok, type RespReply } from '../replies.js';
import { type SetOptions, setOptions } from './set-options.js';

const isDone = (result: ClientResult): boolean => result.type === 'done';
const valueIn = (result: ClientResult): Uint8Array | null =>
  result.type === 'value' ? result.value : null;

/** The pairs of MSET, all of them checked. Throws {@link CommandError}. */
function pairsOf(words: Words, name: string) {
  if (words.length % 2 === 0) {
    throw new CommandError(`ERR wrong number of arguments for '${name}' command`);
  }
  const pairs: [ReturnType<typeof keyAt>, Uint8Array][] = [];
  for (let at = 1; at < words.length; at += 2)
    pairs.push([keyAt(words, at), valueAt(words, at + 1)]);
  return pairs;
}

function applySet(words: Words, values: Values, { when, get }: SetOptions): RespReply {
  const key = keyAt(words, 1);
  const value = valueAt(words, 2);
  const before = when === 'always' && !get ? null : values.get(key);
  const isDue = when === 'always' || (when === 'present') === (before !== null);
  if (isDue) values.set(key, value);
  if (get) return bulk(before);
  return isDue ? ok : nothing;
}

export const stringCommands: readonly DataCommand[] = [
  {
    ...{ kind: 'data', name: 'GET', arity: 2, flags: ['readonly', 'fast'], keys: [1, 1, 1] },
    ...{ group: 'string', summary: 'The value of a key.' },
    single: (words) => ({ type: 'get', key: keyAt(words, 1) }),
    answer: (result) => bulk(valueIn(result)),
    apply: (words, values) => bulk(values.get(keyAt(words, 1))),
  },
  {
    ...{ kind: 'data', name: 'SET', arity: -3, flags: ['write', 'denyoom'], keys: [1, 1, 1] },
    ...{ group: 'string', summary: 'Sets the value of a key.' },
    single(words) {
      const options = setOptions(words);
      const key = keyAt(words, 1);
      const value = valueAt(words, 2);
      if (options.get) return null;
      if (options.when === 'always') return { type: 'put', key, value };
      return { type: options.when === 'absent' ? 'insert' : 'update', key, value };
    },
    answer: (result) => (isDone(result) ? ok : nothing),
    apply: (words, values) => applySet(words, values, setOptions(words)),
  },
  {
    ...{ kind: 'data', name: 'SETNX', arity: 3, flags: ['write', 'denyoom', 'fast'] },
    ...{ keys: [1, 1, 1], group: 'string', summary: 'Sets the value of a key that is absent.' },
    single: (words) => ({ type: 'insert', key: keyAt(words, 1), value: valueAt(words, 2) }),
    answer: (result) => integer(isDone(result) ? 1 : 0),
    apply: (words, values) =>
      integer(applySet(words, values, { when: 'absent', get: false }) === ok ? 1 : 0),
  },
  {
    ...{ kind: 'data', name: 'GETSET', arity: 3, flags: ['write', 'denyoom', 'fast'] },
    ...{ keys: [1, 1, 1], group: 'string', summary: 'Sets the value of a key; says what it was.' },
    apply: (words, values) => applySet(words, values, { when: 'always', get: true }),
  },
  {
    ...{ kind: 'data', name: 'GETDEL', arity: 2, flags: ['write', 'fast'], keys: [1, 1, 1] },
    ...{ group: 'string', summary: 'Deletes a key; says what its value was.' },
    apply(words, values) {
      const key = keyAt(words, 1);
      const value = values.get(key);
      if (value !== null) values.set(key, null);
      return bulk(value);
    },
  },
  {
    ...{ kind: 'data', name: 'MGET', arity: -2, flags: ['readonly', 'fast'], keys: [1, -1, 1] },
    ...{ group: 'string', summary: 'The values of keys.' },
    single: (words) => (words.length === 2 ? { type: 'get', key: keyAt(words, 1) } : null),
    answer: (result) => array([bulk(valueIn(result))]),
    apply: (words, values) =>
      array(words.slice(1).map((_, at) => bulk(values.get(keyAt(words, at + 1))))),
  },
  {
    ...{ kind: 'data', name: 'MSET', arity: -3, flags: ['write', 'denyoom'], keys: [1, -1, 2] },
    ...{ group: 'string', summary: 'Sets the values of keys.' },
    single(words) {
      const [first, ...more] = pairsOf(words, 'mset');
      if (first === undefined || more.length > 0) return null;
      return { type: 'put', key: first[0], value: first[1] };
    },
    answer: () => ok,
    apply(words, values) {
      for (const [key, value] of pairsOf(words, 'mset')) values.set(key, value);
      return ok;
    },
  },
  {
    ...{ kind: 'data', name: 'MSETNX', arity: -3, flags: ['write', 'denyoom'], keys: [1, -1, 2] },
    ...{ group: 'string', summary: 'Sets the values of keys if all of them are absent.' },
    apply(words, values) {
      const pairs = pairsOf(words, 'msetnx');
      // All are looked at, so that none need be read later.
      const present = pairs.filter(([key]) => values.get(key) !== null);
      if (present.length > 0) return integer(0);
      for (const [key, value] of pairs) values.set(key, value);
      return integer(1);
    },
  },
  {
    ...{ kind: 'data', name: 'STRLEN', arity: 2, flags: ['readonly', 'fast'], keys: [1, 1, 1] },
    ...{ group: 'string', summary: 'How many bytes the value of a key has.' },
    single: (words) => ({ type: 'get', key: keyAt(words, 1) }),
    answer: (result) => integer(valueIn(result)?.length ?? 0),
    apply: (words, values) => integer(values.get(keyAt(words, 1))?.length ?? 0),
  },
  {
    ...{ kind: 'data', name: 'APPEND', arity: 3, flags: ['write', 'denyoom', 'fast'] },
    ...{ keys: [1, 1, 1], group: 'string', summary: 'Appends to the value of a key.' },
    apply(words, values) {
      const key = keyAt(words, 1);
      const more = valueAt(words, 2);
      const before = values.get(key);
      const length = (before?.length ?? 0) + more.length;
      if (before !== null && more.length === 0) return integer(length);
      checkValueBytes(length);
      const joined = new Uint8Array(length);
      if (before !== null) joined.set(before);
      joined.set(more, length - more.length);
      values.set(key, joined);
      return integer(length);
    },
  },
];
