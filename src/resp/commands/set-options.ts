/** What may follow the value of SET. */
import { integerOf, isInt64, optionAt } from '../arguments.js';
import { CommandError } from '../command.js';
import type { Words } from '../parser.js';

export interface SetOptions {
  readonly when: 'always' | 'absent' | 'present';
  /** Say what was there before. */
  readonly get: boolean;
}

const plain: SetOptions = { when: 'always', get: false };
/** How many milliseconds one of each is. */
const expiryUnits: Readonly<Record<string, bigint>> = { EX: 1000n, PX: 1n, EXAT: 1000n, PXAT: 1n };

/** Parsed as Redis does. Throws {@link CommandError}; also where a key is to expire, which keys of kvx never do. */
export function setOptions(words: Words): SetOptions {
  if (words.length === 3) return plain;
  let when: SetOptions['when'] = 'always';
  let get = false;
  let expiry: string | null = null;
  let time: Uint8Array | null = null;
  for (let at = 3; at < words.length; at++) {
    const option = optionAt(words, at);
    if (option === 'NX' && when !== 'present') when = 'absent';
    else if (option === 'XX' && when !== 'absent') when = 'present';
    else if (option === 'GET') get = true;
    else if (option === 'KEEPTTL' && (expiry ?? option) === option) expiry = option;
    else if (isExpiry(option) && (expiry ?? option) === option && at + 1 < words.length) {
      expiry = option;
      at += 1;
      time = words[at] as Uint8Array;
    } else throw new CommandError('ERR syntax error');
  }
  if (expiry === null) return { when, get };
  if (time !== null) checkTime(time, expiryUnits[expiry] as bigint);
  throw new CommandError(`ERR no ${expiry}: keys of kvx stay until they are deleted`);
}

const isExpiry = (option: string): boolean => Object.hasOwn(expiryUnits, option);

function checkTime(time: Uint8Array, unit: bigint): void {
  const value = integerOf(time);
  if (value > 0n && isInt64(value * unit)) return;
  throw new CommandError("ERR invalid expire time in 'set' command");
}
