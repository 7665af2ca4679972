/** Commands about the keys that there are: `key-pages.ts` says who tells of them. */
import { type Key, keyToBytes } from '../../core/key.js';
import { positionsEnd } from '../../core/replica.js';
import { pageKeysMax } from '../../runtime/links/client-frames.js';
import { keyAt } from '../arguments.js';
import { type Command, CommandError, type RespClient } from '../command.js';
import { globMatcher } from '../glob.js';
import { countKeys, eachKeys, keysFrom } from '../key-pages.js';
import { respLimits } from '../limits.js';
import type { Words } from '../parser.js';
import { array, bulk, integer, nothing, type RespReply, textReply } from '../replies.js';
import { integerWord, syntaxError, textOfWord, upperWord } from '../words.js';

const head = { kind: 'plain', keys: [0, 0, 0], group: 'generic', isAlone: true } as const;

export const keyspaceCommands: readonly Command[] = [
  {
    ...{ ...head, name: 'DBSIZE', arity: 1, flags: ['readonly', 'fast'], group: 'server' },
    summary: 'How many keys there are.',
    run: async (_, client) => integer(await countKeys(client)),
  },
  {
    ...{ ...head, name: 'KEYS', arity: 2, flags: ['readonly'] },
    summary: 'All keys that match a pattern.',
    run: allKeys,
  },
  {
    ...{ ...head, name: 'SCAN', arity: -2, flags: ['readonly'] },
    summary: 'Some keys, and a cursor with which to go on.',
    run: scan,
  },
  {
    ...{ ...head, name: 'RANDOMKEY', arity: 1, flags: ['readonly'] },
    summary: 'Any key.',
    run: anyKey,
  },
  {
    ...{ kind: 'data', name: 'TYPE', arity: 2, flags: ['readonly', 'fast'], keys: [1, 1, 1] },
    ...{ group: 'generic', summary: 'What a key holds: a string, or none.' },
    single: (words) => ({ type: 'get', key: keyAt(words, 1) }),
    answer: (result) => typeOf(result.type === 'value' ? result.value : null),
    apply: (words, values) => typeOf(values.get(keyAt(words, 1))),
  },
];

const typeOf = (value: Uint8Array | null): RespReply => ({
  ...{ type: 'simple', text: value === null ? 'none' : 'string' },
});

const toReply = (keys: readonly Key[]): RespReply =>
  array(keys.map((key) => bulk(keyToBytes(key))));

async function allKeys([, pattern]: Words, client: RespClient): Promise<RespReply> {
  const matches = globMatcher(textOfWord(pattern as Uint8Array));
  const found: Key[] = [];
  let bytes = 0;
  await eachKeys(client, (keys) => {
    for (const key of keys) {
      if (!matches(key)) continue;
      found.push(key);
      bytes += key.length + 16;
    }
    if (bytes > respLimits.keysBytesMax) {
      throw new CommandError('ERR too many keys for one reply; SCAN has them a few at a time');
    }
  });
  return toReply(found);
}

/** Slices that one SCAN may take before it answers with what it has: as many as Redis' steps. */
const slicesMax = 10;

async function scan([, cursor, ...options]: Words, client: RespClient): Promise<RespReply> {
  const { count, isWanted } = scanOptions(options);
  let position = cursorWord(cursor as Uint8Array);
  const found: Key[] = [];
  let seen = 0;
  for (let slices = 0; seen < count && slices < slicesMax && position < positionsEnd; slices++) {
    if (slices > 0) await client.node.timing.sleep(0);
    const slice = keysFrom(client, position, Math.min(count - seen, pageKeysMax));
    const { keys, next } = slice instanceof Promise ? await slice : slice;
    seen += keys.length;
    for (const key of keys) if (isWanted(key)) found.push(key);
    position = next;
  }
  const next = position < positionsEnd ? String(position) : '0';
  return array([textReply(next), toReply(found)]);
}

function scanOptions(words: Words): { count: number; isWanted: (key: Key) => boolean } {
  let count = 10;
  let matches: (key: Key) => boolean = () => true;
  let isString = true;
  for (let at = 0; at < words.length; at += 2) {
    const [option, value] = words.slice(at) as [Uint8Array, Uint8Array | undefined];
    if (value === undefined) throw syntaxError();
    const said = upperWord(option);
    if (said === 'COUNT') count = integerWord(value);
    else if (said === 'MATCH') matches = globMatcher(textOfWord(value));
    else if (said === 'TYPE') isString = upperWord(value) === 'STRING';
    else throw syntaxError();
    if (count < 1) throw syntaxError();
  }
  return { count, isWanted: isString ? matches : () => false };
}

function cursorWord(word: Uint8Array): number {
  const text = textOfWord(word.subarray(0, 32));
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 2n ** 64n) {
    throw new CommandError('ERR invalid cursor');
  }
  // One that nobody was given: there is nothing after it.
  return Math.min(Number(text), positionsEnd);
}

/** Of a few in a row it is any, so that keys that lie far apart are no likelier. */
const fewKeys = 16;

async function anyKey(_: Words, client: RespClient): Promise<RespReply> {
  const { timing } = client.node;
  const start = Math.floor(timing.random() * positionsEnd);
  // From there to the end, then from the beginning.
  for (const from of [start, 0]) {
    for (let position = from; position < positionsEnd; ) {
      const { keys, next } = await keysFrom(client, position, fewKeys);
      const key = keys[Math.floor(timing.random() * keys.length)];
      if (key !== undefined) return bulk(keyToBytes(key));
      if (position > from) await timing.sleep(0);
      position = next;
    }
  }
  return nothing;
}
