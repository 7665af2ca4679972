/** A Redis of one copy, in memory: one command after the other, each at once. */
import type { ReadReply } from '../../../resp/reply-reader.js';

const ok: ReadReply = { type: 'simple', text: 'OK' };
const nothing: ReadReply = { type: 'null' };
const error = (text: string): ReadReply => ({ type: 'error', text });
const integer = (value: bigint | number): ReadReply => ({ type: 'integer', value: BigInt(value) });
const value = (text: string | undefined): ReadReply =>
  text === undefined ? nothing : { type: 'bulk', value: Buffer.from(text) };
const wrongType = error('WRONGTYPE Operation against a key holding the wrong kind of value');

/** What holds no string. */
const list = '\0list';

export class ModelSession {
  database = 0;
  queued: string[][] | null = null;
}

export class ModelRedis {
  readonly #databases: Map<string, string>[] = [new Map(), new Map()];
  /** By database. */
  readonly #expiring = new Map<Map<string, string>, string[]>();

  /** Something that was given an end comes to it. */
  expire(): void {
    for (const [keys, names] of this.#expiring) for (const name of names) keys.delete(name);
    this.#expiring.clear();
  }

  held(database: number, key: string): ReadReply {
    const text = this.#databases[database]?.get(key);
    return text === list ? wrongType : value(text);
  }

  isExpiring(database: number, key: string): boolean {
    const keys = this.#databases[database];
    return keys !== undefined && (this.#expiring.get(keys) ?? []).includes(key);
  }

  #willExpire(keys: Map<string, string>, key: string): void {
    this.#expiring.set(keys, [...(this.#expiring.get(keys) ?? []), key]);
  }

  do(session: ModelSession, words: readonly string[]): ReadReply {
    const name = (words[0] ?? '').toUpperCase();
    const { queued } = session;
    if (queued !== null && !['EXEC', 'DISCARD', 'MULTI', 'RESET'].includes(name)) {
      queued.push([...words]);
      return { type: 'simple', text: 'QUEUED' };
    }
    switch (name) {
      case 'MULTI':
        if (queued !== null) return error('ERR MULTI calls can not be nested');
        session.queued = [];
        return ok;
      case 'DISCARD':
        session.queued = null;
        return queued === null ? error('ERR DISCARD without MULTI') : ok;
      case 'EXEC':
        session.queued = null;
        if (queued === null) return error('ERR EXEC without MULTI');
        return { type: 'array', items: queued.map((each) => this.do(session, each)) };
      case 'SELECT': {
        const database = Number(words[1]);
        if (this.#databases[database] === undefined) return error('ERR DB index is out of range');
        session.database = database;
        return ok;
      }
      case 'FLUSHALL':
        for (const keys of this.#databases) keys.clear();
        return ok;
      default:
        return this.#onKeys(this.#databases[session.database] as Map<string, string>, name, words);
    }
  }

  #onKeys(keys: Map<string, string>, name: string, words: readonly string[]): ReadReply {
    const [, key = '', second = ''] = words;
    const old = keys.get(key);
    const reading = ['GET', 'GETSET', 'GETDEL', 'APPEND', 'INCRBY', 'INCR', 'DECR'];
    if (old === list && reading.includes(name)) return wrongType;
    switch (name) {
      case 'GET':
        return value(old);
      case 'MGET':
        return {
          type: 'array',
          items: words.slice(1).map((each) => {
            const held = keys.get(each);
            return held === list ? nothing : value(held);
          }),
        };
      case 'SET':
        return this.#set(keys, words, old);
      case 'SETNX':
        if (old !== undefined) return integer(0);
        keys.set(key, second);
        return integer(1);
      case 'MSET':
      case 'MSETNX': {
        const given = words.slice(1).filter((_, at) => at % 2 === 0);
        if (name === 'MSETNX' && given.some((each) => keys.has(each))) return integer(0);
        for (const [at, each] of given.entries()) keys.set(each, words[2 + 2 * at] ?? '');
        return name === 'MSET' ? ok : integer(1);
      }
      case 'GETSET':
        keys.set(key, second);
        return value(old);
      case 'GETDEL':
        keys.delete(key);
        return value(old);
      case 'DEL':
        return integer(words.slice(1).filter((each) => keys.delete(each)).length);
      case 'EXISTS':
        return integer(keys.has(key) ? 1 : 0);
      case 'INCR':
        return addTo(keys, key, old, 1n);
      case 'DECR':
        return addTo(keys, key, old, -1n);
      case 'INCRBY':
        return addTo(keys, key, old, BigInt(second));
      case 'APPEND':
        keys.set(key, (old ?? '') + second);
        return integer((old ?? '').length + second.length);
      case 'EXPIRE':
        if (old === undefined) return integer(0);
        this.#willExpire(keys, key);
        return integer(1);
      case 'RENAME':
        if (old === undefined) return error('ERR no such key');
        keys.delete(key);
        keys.set(second, old);
        return ok;
      case 'LPUSH':
        if (old !== undefined && old !== list) return wrongType;
        keys.set(key, list);
        return integer(1);
      // A script that does to the key what it was not asked to.
      case 'EVAL':
        keys.set('a', 'script');
        return integer(1);
      default:
        return error(`ERR unknown command '${name}'`);
    }
  }

  #set(keys: Map<string, string>, words: readonly string[], old: string | undefined): ReadReply {
    const [, key = '', text = '', ...options] = words;
    if (options.includes('GET') && old === list) return wrongType;
    const isRefused =
      (options.includes('NX') && old !== undefined) ||
      (options.includes('XX') && old === undefined);
    if (!isRefused) keys.set(key, text);
    if (!isRefused && options.includes('EX')) this.#willExpire(keys, key);
    if (options.includes('GET')) return value(old);
    return isRefused ? nothing : ok;
  }
}

function addTo(
  keys: Map<string, string>,
  key: string,
  old: string | undefined,
  by: bigint,
): ReadReply {
  if (!/^(0|-?[1-9]\d*)$/.test(old ?? '0')) {
    return error('ERR value is not an integer or out of range');
  }
  const sum = BigInt(old ?? 0) + by;
  keys.set(key, String(sum));
  return integer(sum);
}
