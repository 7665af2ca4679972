/**
 * The commands that a history can tell of: what each asks, and what its reply says of the keys it names.
 *
 * Nothing is guessed. What a reply leaves open is not said, so that a history allows all that can have been.
 */

import type { Key } from '../../core/key.js';
import { decodeUtf8, encodeUtf8 } from '../../core/utf8.js';
import type { Words } from '../../resp/parser.js';
import type { ReadReply } from '../../resp/reply-reader.js';
import type { KeyEffect, SingleOperation } from './effects.js';

export type Settled =
  | { readonly type: 'done'; readonly effects: readonly KeyEffect[] }
  /** It did nothing, because of what it `found`. */
  | { readonly type: 'refused'; readonly found: KeyEffect | null }
  /** From now on nobody can tell what its keys hold. */
  | { readonly type: 'spoiled'; readonly why: string };

export interface JudgedCommand {
  readonly keys: readonly Key[];
  /** What it does if all goes well, as far as its words say; `null`: they do not say what it writes. */
  readonly asked: readonly KeyEffect[] | null;
  /** The operation that it is, whatever the reply; `null`: the reply tells. */
  readonly operation: SingleOperation | null;
  /** It may leave a number below what it found. */
  readonly lowers?: boolean;
  /** Of a reply that is no error. */
  settle(reply: ReadReply, firstNumber: FirstNumber): Settled;
}

/** What a number that was counted up from nothing or from zero was counted up from; `undefined`: that is not known. */
export type FirstNumber = (key: Key) => KeyEffect['found'];

type Make = (words: Words, keyOf: (word: Uint8Array) => Key) => JudgedCommand | null;

const done = (...effects: KeyEffect[]): Settled => ({ type: 'done', effects });
const refused = (found: KeyEffect | null = null): Settled => ({ type: 'refused', found });
const unclear: Settled = { type: 'spoiled', why: 'its reply was not understood' };

const isOk = (reply: ReadReply): boolean => reply.type === 'simple';
const isInteger = (reply: ReadReply, value: bigint): boolean =>
  reply.type === 'integer' && reply.value === value;
const textOf = (word: Uint8Array | undefined): string =>
  (word !== undefined && word.length <= 64 ? (decodeUtf8(word) ?? '') : '').toUpperCase();

/** Of a reply that is a value, or none; `undefined`: it is neither. */
function heldIn(reply: ReadReply | undefined): Uint8Array | null | undefined {
  if (reply?.type === 'null') return null;
  return reply?.type === 'bulk' ? reply.value : undefined;
}

const get: Make = ([, word, ...rest], keyOf) => {
  if (word === undefined || rest.length > 0) return null;
  const key = keyOf(word);
  return {
    ...{ keys: [key], asked: [], operation: { type: 'get', key } },
    settle(reply) {
      const found = heldIn(reply);
      return found === undefined ? unclear : done({ key, found });
    },
  };
};

const getOfMany: Make = ([, ...names], keyOf) => {
  if (names.length === 0) return null;
  const keys = names.map(keyOf);
  const [only] = keys;
  return {
    ...{ keys, asked: [] },
    operation: keys.length === 1 && only !== undefined ? { type: 'get', key: only } : null,
    settle(reply) {
      if (reply.type !== 'array' || reply.items.length !== keys.length) return unclear;
      const found = reply.items.map(heldIn);
      if (found.includes(undefined)) return unclear;
      return done(...keys.map((key, at) => ({ key, found: found[at] ?? null })));
    },
  };
};

/** `SET key value` with its options. */
const set: Make = ([, word, value, ...rest], keyOf) => {
  if (word === undefined || value === undefined) return null;
  const options = setOptions(rest);
  if (options === null) return null;
  const key = keyOf(word);
  const { condition, getsOld, expires } = options;
  const found = condition === 'NX' ? null : condition === 'XX' ? ('something' as const) : undefined;
  const asked: KeyEffect = { key, ...(found === undefined ? {} : { found }), left: value };
  const type = condition === 'NX' ? 'insert' : condition === 'XX' ? 'update' : 'put';
  const isSet = (effect: KeyEffect): Settled =>
    expires ? { type: 'spoiled', why: 'it expires by itself' } : done(effect);
  return {
    // What may vanish by itself is not only written.
    ...{ keys: [key], asked: expires ? null : [asked] },
    operation: getsOld || expires ? null : { type, key, value },
    settle(reply) {
      if (!getsOld) {
        if (isOk(reply)) return isSet(asked);
        if (reply.type !== 'null' || condition === null) return unclear;
        return refused({ key, found: condition === 'NX' ? 'something' : null });
      }
      const old = heldIn(reply);
      if (old === undefined) return unclear;
      const isRefused = condition === 'NX' ? old !== null : condition === 'XX' && old === null;
      return isRefused ? refused({ key, found: old }) : isSet({ key, found: old, left: value });
    },
  };
};

interface SetOptions {
  readonly condition: 'NX' | 'XX' | null;
  readonly getsOld: boolean;
  readonly expires: boolean;
}

function setOptions(words: Words): SetOptions | null {
  let [condition, getsOld, expires] = [null as SetOptions['condition'], false, false];
  for (let at = 0; at < words.length; at++) {
    const option = textOf(words[at]);
    if (option === 'NX' || option === 'XX') condition = option;
    else if (option === 'GET') getsOld = true;
    else if (['EX', 'PX', 'EXAT', 'PXAT'].includes(option)) {
      expires = true;
      at++;
    } else if (option !== 'KEEPTTL') return null;
  }
  return { condition, getsOld, expires };
}

const setIfAbsent: Make = ([, word, value, ...rest], keyOf) => {
  if (word === undefined || value === undefined || rest.length > 0) return null;
  const key = keyOf(word);
  const effect: KeyEffect = { key, found: null, left: value };
  return {
    ...{ keys: [key], asked: [effect], operation: { type: 'insert', key, value } },
    settle(reply) {
      if (isInteger(reply, 1n)) return done(effect);
      return isInteger(reply, 0n) ? refused({ key, found: 'something' }) : unclear;
    },
  };
};

/** `MSET` and `MSETNX`. */
const setMany =
  (onlyIfAbsent: boolean): Make =>
  ([, ...words], keyOf) => {
    if (words.length === 0 || words.length % 2 === 1) return null;
    const found = onlyIfAbsent ? { found: null } : {};
    const effects = new Map<Key, KeyEffect>();
    for (let at = 0; at < words.length; at += 2) {
      const key = keyOf(words[at] as Uint8Array);
      // Of a key that is named twice, the last counts.
      effects.set(key, { key, ...found, left: words[at + 1] as Uint8Array });
    }
    const asked = [...effects.values()];
    return {
      ...{ keys: [...effects.keys()], asked, operation: null },
      settle(reply) {
        if (onlyIfAbsent && isInteger(reply, 0n)) return refused();
        return isOk(reply) || isInteger(reply, 1n) ? done(...asked) : unclear;
      },
    };
  };

const getAndSet: Make = ([, word, value, ...rest], keyOf) => {
  if (word === undefined || value === undefined || rest.length > 0) return null;
  const key = keyOf(word);
  return {
    ...{ keys: [key], asked: [{ key, left: value }], operation: null },
    settle(reply) {
      const found = heldIn(reply);
      return found === undefined ? unclear : done({ key, found, left: value });
    },
  };
};

const getAndDelete: Make = ([, word, ...rest], keyOf) => {
  if (word === undefined || rest.length > 0) return null;
  const key = keyOf(word);
  return {
    ...{ keys: [key], asked: [{ key, left: null }], operation: null },
    settle(reply) {
      const found = heldIn(reply);
      return found === undefined ? unclear : done({ key, found, left: null });
    },
  };
};

/** How many were there is no reading: a store need not know it to delete. */
const remove: Make = ([, ...names], keyOf) => {
  if (names.length === 0) return null;
  const keys = [...new Set(names.map(keyOf))];
  const asked = keys.map((key): KeyEffect => ({ key, left: null }));
  const [only] = keys;
  return {
    ...{ keys, asked },
    operation: keys.length === 1 && only !== undefined ? { type: 'delete', key: only } : null,
    settle: (reply) => (reply.type === 'integer' ? done(...asked) : unclear),
  };
};

/** Who counts up by so much, and is told so much, has found the difference. */
const addNumber =
  (sign: bigint, hasAmount: boolean): Make =>
  ([, word, amount, ...rest], keyOf) => {
    const by = hasAmount ? textOf(amount) : '1';
    const isWhole = hasAmount === (amount !== undefined) && rest.length === 0;
    if (word === undefined || !isWhole || !/^-?\d{1,19}$/.test(by)) return null;
    const key = keyOf(word);
    const added = sign * BigInt(by);
    return {
      ...{ keys: [key], asked: null, operation: null, lowers: added < 0n },
      settle(reply, firstNumber) {
        if (reply.type !== 'integer') return unclear;
        const before = reply.value - added;
        const found = before === 0n ? firstNumber(key) : encodeUtf8(String(before));
        const left = encodeUtf8(String(reply.value));
        return done({ key, ...(found === undefined ? {} : { found }), left });
      },
    };
  };

/** What it found can't be told from what it left: fractions are rounded. */
const addFraction: Make = ([, word, amount, ...rest], keyOf) => {
  if (word === undefined || amount === undefined || rest.length > 0) return null;
  const key = keyOf(word);
  return {
    ...{ keys: [key], asked: null, operation: null, lowers: true },
    settle: (reply) => (reply.type === 'bulk' ? done({ key, left: reply.value }) : unclear),
  };
};

const append: Make = ([, word, value, ...rest], keyOf) => {
  if (word === undefined || value === undefined || rest.length > 0) return null;
  const key = keyOf(word);
  const effect: KeyEffect = { key, appended: value };
  return {
    ...{ keys: [key], asked: [effect], operation: { type: 'append', key, value } },
    settle: (reply) => (reply.type === 'integer' ? done(effect) : unclear),
  };
};

/** That a key is there says nothing of its value; that it is not, all. */
const exists: Make = ([, word, ...rest], keyOf) => {
  if (word === undefined || rest.length > 0) return null;
  const key = keyOf(word);
  return {
    ...{ keys: [key], asked: [], operation: null },
    settle: (reply) => done(isInteger(reply, 0n) ? { key, found: null } : { key }),
  };
};

const makers: ReadonlyMap<string, Make> = new Map([
  ...([
    ['GET', get],
    ['MGET', getOfMany],
    ['SET', set],
    ['SETNX', setIfAbsent],
  ] as const),
  ...([
    ['MSET', setMany(false)],
    ['MSETNX', setMany(true)],
    ['GETSET', getAndSet],
  ] as const),
  ...([
    ['GETDEL', getAndDelete],
    ['DEL', remove],
    ['UNLINK', remove],
  ] as const),
  ...([
    ['INCR', addNumber(1n, false)],
    ['DECR', addNumber(-1n, false)],
  ] as const),
  ...([
    ['INCRBY', addNumber(1n, true)],
    ['DECRBY', addNumber(-1n, true)],
  ] as const),
  ...([
    ['INCRBYFLOAT', addFraction],
    ['APPEND', append],
    ['EXISTS', exists],
  ] as const),
  // With an option it gives the key an end.
  ['GETEX', get],
]);

/** `null`: no history tells of it, or its words are wrong. */
export function judgedCommand(
  name: string,
  words: Words,
  keyOf: (word: Uint8Array) => Key,
): JudgedCommand | null {
  return makers.get(name)?.(words, keyOf) ?? null;
}
