/**
 * Commands that no history tells of, by what they may do to keys that one is about. Of a command that is not known here
 * everything must be feared.
 */
import type { Key } from '../../core/key.js';
import type { Words } from '../../resp/parser.js';

const names = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** About no key: not even counted. */
const aboutNoKey = names(`
  PING ECHO QUIT HELLO AUTH SELECT RESET CLIENT COMMAND INFO CONFIG CLUSTER TIME LASTSAVE SAVE BGSAVE BGREWRITEAOF
  SLOWLOG LATENCY ACL PUBLISH SPUBLISH PUBSUB WAIT WAITAOF READONLY READWRITE ASKING ROLE LOLWUT SCRIPT FUNCTION
  MULTI EXEC DISCARD WATCH UNWATCH`);

/** They read, or change nothing that a history of strings without an end would notice. */
const harmless = names(`
  EXISTS STRLEN GETRANGE SUBSTR GETBIT BITCOUNT BITPOS BITFIELD_RO LCS KEYS SCAN DBSIZE RANDOMKEY TYPE OBJECT MEMORY
  DUMP TOUCH TTL PTTL EXPIRETIME PEXPIRETIME PERSIST SORT_RO EVAL_RO EVALSHA_RO FCALL_RO
  XREADGROUP LRANGE LLEN LINDEX LPOS HGET HMGET HGETALL HKEYS HVALS HLEN HEXISTS HSTRLEN HSCAN HRANDFIELD
  SMEMBERS SISMEMBER SMISMEMBER SCARD SRANDMEMBER SSCAN SINTER SUNION SDIFF SINTERCARD
  ZRANGE ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZRANGEBYLEX ZREVRANGEBYLEX ZSCORE ZMSCORE ZCARD ZCOUNT ZLEXCOUNT
  ZRANK ZREVRANK ZSCAN ZRANDMEMBER ZDIFF ZINTER ZUNION ZINTERCARD XRANGE XREVRANGE XLEN XREAD XINFO XPENDING
  GEOPOS GEODIST GEOHASH GEOSEARCH GEORADIUS_RO GEORADIUSBYMEMBER_RO PFCOUNT`);

/** They change the key that is their first word, and no other. */
const ofFirstWord = names(`
  SET SETNX GETSET GETDEL GETEX APPEND INCR DECR INCRBY DECRBY INCRBYFLOAT SETEX PSETEX SETRANGE SETBIT BITFIELD
  EXPIRE PEXPIRE EXPIREAT PEXPIREAT RESTORE
  LPUSH RPUSH LPUSHX RPUSHX LINSERT LSET LTRIM LREM LPOP RPOP HSET HSETNX HMSET HDEL HINCRBY HINCRBYFLOAT
  SADD SREM SPOP ZADD ZINCRBY ZREM ZPOPMIN ZPOPMAX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREMRANGEBYLEX
  XADD XDEL XTRIM XSETID XACK XCLAIM XAUTOCLAIM PFADD GEOADD ZRANGESTORE GEOSEARCHSTORE
  SDIFFSTORE SINTERSTORE SUNIONSTORE ZDIFFSTORE ZINTERSTORE ZUNIONSTORE`);
const ofFirstTwoWords = names('RENAME RENAMENX COPY SMOVE LMOVE RPOPLPUSH BRPOPLPUSH BLMOVE');
/** The last word is a time. */
const ofAllWordsButOne = names('BLPOP BRPOP BZPOPMIN BZPOPMAX');
const ofAllWords = names('DEL UNLINK PFMERGE');
const ofEverySecondWord = names('MSET MSETNX');
const scripts = names('EVAL EVALSHA FCALL');
/** They answer late, or only when somebody else does something. */
const blocking = names('BLPOP BRPOP BZPOPMIN BZPOPMAX BRPOPLPUSH BLMOVE BLMPOP BZMPOP');

export interface OtherCommand {
  /** Whether it is counted as not recorded. */
  readonly isAboutKeys: boolean;
  /** What it may change. */
  readonly touches: readonly Key[] | 'everything';
  /** It may have changed that although it says that it failed. */
  readonly isScript: boolean;
  readonly isBlocking: boolean;
}

const harmlessOne = { touches: [], isScript: false, isBlocking: false };

export function otherCommand(
  name: string,
  words: Words,
  keyOf: (word: Uint8Array) => Key,
): OtherCommand {
  if (aboutNoKey.has(name) || name.startsWith('KVX.')) {
    return { ...harmlessOne, isAboutKeys: false };
  }
  if (harmless.has(name)) return { ...harmlessOne, isAboutKeys: true };
  const touched = touchedWords(name, words);
  return {
    isAboutKeys: true,
    touches: touched === null ? 'everything' : touched.map(keyOf),
    isScript: scripts.has(name),
    isBlocking: blocking.has(name),
  };
}

function touchedWords(name: string, [, ...words]: Words): Words | null {
  if (ofFirstWord.has(name)) return words.slice(0, 1);
  // A third word may name another database.
  if (ofFirstTwoWords.has(name))
    return name === 'COPY' && words.length > 2 ? null : words.slice(0, 2);
  if (ofAllWords.has(name)) return words;
  if (ofAllWordsButOne.has(name)) return words.slice(0, -1);
  if (ofEverySecondWord.has(name)) return words.filter((_, at) => at % 2 === 0);
  // Its destination comes second.
  if (name === 'BITOP' || name === 'XGROUP') return words.slice(1, 2);
  return null;
}
