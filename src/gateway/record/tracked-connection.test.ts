/** Which operations a command and its reply are. */
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../core/utf8.js';
import { MemoryHistory } from '../../history/recorder/memory-history.js';
import { writtenLines } from '../../history/written.js';
import { ReplyReader } from '../../resp/reply-reader.js';
import { CallLog } from './call-log.js';
import { keyIn, TrackedConnection } from './tracked-connection.js';

/** Of keys that hold this at first; others are absent. */
const held: Readonly<Record<string, string>> = { one: '1', zero: '0', minus: '-1' };

class Conversation {
  readonly #memory = new MemoryHistory();
  #time = 0;
  readonly log = new CallLog(this.#memory, () => ++this.#time);
  readonly leftOut = new Map<string, number>();

  client(): TrackedConnection {
    const caller = { session: null, node: null, idle: [] };
    return new TrackedConnection({ log: this.log, leftOut: this.leftOut }, caller);
  }

  send(client: TrackedConnection, line: string): void {
    const words = line.split(' ').map(encodeUtf8);
    for (const { database, word } of client.newKeys([words])) {
      const name = Buffer.from(word).toString();
      const value = held[name];
      this.log.keys.add(keyIn(database, word), value === undefined ? null : encodeUtf8(value));
    }
    client.sent(words);
  }

  /** Each operation and its outcome, `get a null` and so on. */
  told(): string[] {
    this.log.close();
    const lines = [...writtenLines(this.#memory.history())];
    return lines.flatMap((line) => {
      if (line.process === 'nemesis' || line.type === 'invoke') return [];
      const actual = 'actual' in line && line.actual !== undefined ? ` (${line.actual})` : '';
      const key = 'key' in line && line.key !== undefined ? ` ${line.key}` : '';
      return [`${line.type} ${line.f}${key} ${JSON.stringify(line.value)}${actual}`];
    });
  }
}

/** Blanks end lines, but of errors, which are one. */
function replied(client: TrackedConnection, text: string): void {
  const bytes = text.startsWith('-') ? `${text.trimEnd()}\r\n` : text.replaceAll(' ', '\r\n');
  new ReplyReader().push(encodeUtf8(bytes), (reply) => client.replied(reply));
}

/** Commands and their replies, one after the other. */
function toldOf(...said: readonly (readonly [string, string])[]): string[] {
  const conversation = new Conversation();
  const client = conversation.client();
  for (const [line, reply] of said) {
    conversation.send(client, line);
    replied(client, reply);
  }
  return conversation.told();
}

describe('one command', () => {
  it.each([
    ['GET a', '$1 x ', 'ok get a "x"'],
    ['GET a', '$-1 ', 'ok get a null'],
    ['get a', '_ ', 'ok get a null'],
    ['GET a', '-UNKNOWN ', 'info get a null'],
    ['SET a x', '+OK ', 'ok put a "x"'],
    ['SET a x', '-OOM ', 'fail put a "x"'],
    ['SET a x', '-UNAVAIL ', 'fail put a "x"'],
    ['SET a x', '-UNKNOWN ', 'info put a "x"'],
    ['SET a x', '-NEWCODE ', 'info put a "x"'],
    ['SET a x NX', '+OK ', 'ok insert a "x"'],
    ['SET a x NX', '$-1 ', 'fail insert a "x"'],
    ['SET a x XX', '+OK ', 'ok update a "x"'],
    ['SET a x XX', '$-1 ', 'fail update a "x" (null)'],
    ['SET a x GET', '$-1 ', 'ok insert a "x"'],
    ['SET a x GET', '$1 y ', 'ok cas a ["y","x"]'],
    ['SET a x NX GET', '$1 y ', 'ok get a "y"'],
    ['SET a x XX GET', '$-1 ', 'ok get a null'],
    ['SETNX a x', ':1 ', 'ok insert a "x"'],
    ['SETNX a x', ':0 ', 'fail insert a "x"'],
    ['GETSET a x', '$1 y ', 'ok cas a ["y","x"]'],
    ['GETDEL a', '$1 y ', 'ok cas a ["y",null]'],
    ['GETDEL a', '$-1 ', 'ok get a null'],
    ['DEL a', ':1 ', 'ok delete a null'],
    ['DEL a', ':0 ', 'ok delete a null'],
    ['UNLINK a', ':0 ', 'ok delete a null'],
    ['EXISTS a', ':0 ', 'ok get a null'],
    ['APPEND a x', ':5 ', 'ok append a "x"'],
    ['INCR one', ':2 ', 'ok cas one ["1","2"]'],
    ['INCRBY one -3', ':-2 ', 'ok cas one ["1","-2"]'],
    ['DECR a', ':-1 ', 'ok put a "-1"'],
    ['INCR a', ':1 ', 'ok insert a "1"'],
    // From 0, or from nothing: that the key held 0 at first is known.
    ['INCR zero', ':1 ', 'ok cas zero ["0","1"]'],
    ['INCRBYFLOAT a 0.5', '$3 2.5 ', 'ok put a "2.5"'],
    ['MGET a b', '*2 $1 x $-1 ', 'ok txn [["r","a","x"],["r","b",null]]'],
    ['MGET a', '*1 $1 x ', 'ok get a "x"'],
    ['MSET a x b y', '+OK ', 'ok txn [["w","a","x"],["w","b","y"]]'],
    ['MSETNX a x', ':1 ', 'ok insert a "x"'],
    ['DEL a b', ':1 ', 'ok txn [["w","a",null],["w","b",null]]'],
  ])('%s → %s', (line, reply, told) => {
    expect(toldOf([line, reply])).toEqual([told]);
  });

  it.each([
    ['EXISTS a', ':1 '],
    ['STRLEN a', ':0 '],
    ['LRANGE a 0 1', '*0 '],
    ['PING', '+PONG '],
    ['AUTH secret', '+OK '],
    ['SET a x EX 10', '+OK '],
    ['SET a x FOO', '-ERR '],
  ])('%s → %s says nothing', (line, reply) => {
    expect(toldOf([line, reply])).toEqual([]);
  });
});

describe('what was counted up to by as much as was added', () => {
  it('may have been 0 or nothing, once somebody has written 0 or deleted it', () => {
    expect(toldOf(['SET a 0', '+OK '], ['INCR a', ':1 '])[1]).toBe('ok put a "1"');
    expect(toldOf(['DECR a', ':-1 '], ['INCRBY a 7', ':7 '])[1]).toBe('ok put a "7"');
    expect(toldOf(['DEL zero', ':1 '], ['INCR zero', ':1 '])[1]).toBe('ok put zero "1"');
    expect(toldOf(['FLUSHALL', '+OK '], ['INCR zero', ':1 '])).toEqual(['ok put zero "1"']);
  });
});

describe('a transaction', () => {
  const multi = ['MULTI', '+OK '] as const;

  it('is one operation with what its commands did', () => {
    const said = toldOf(
      ...[multi, ['GET a', '+QUEUED '] as const, ['SET b y', '+QUEUED '] as const],
      ['EXEC', '*2 $1 x +OK '],
    );
    expect(said).toEqual(['ok txn [["r","a","x"],["w","b","y"]]']);
  });

  it('of one key is an operation on that key', () => {
    const said = toldOf(
      ...[multi, ['GET one', '+QUEUED '] as const, ['INCR one', '+QUEUED '] as const],
      ['EXEC', '*2 $1 1 :2 '],
    );
    expect(said).toEqual(['ok cas one ["1","2"]']);
  });

  it('that was refused has written nothing', () => {
    const queued = ['SET a x', '+QUEUED '] as const;
    expect(toldOf(multi, queued, ['EXEC', '*-1 '])).toEqual(['fail put a "x"']);
    expect(toldOf(multi, queued, ['EXEC', '-EXECABORT '])).toEqual(['fail put a "x"']);
    expect(toldOf(multi, queued, ['DISCARD', '+OK '])).toEqual([]);
  });

  it('whose end nobody knows may have written each', () => {
    const queued = [multi, ['SET a x', '+QUEUED '], ['SET b y NX', '+QUEUED ']] as const;
    expect(toldOf(...queued, ['EXEC', '-UNKNOWN '])).toEqual([
      'info put a "x"',
      'info insert b "y"',
    ]);
  });

  it('where the server knows none, commands are what they are', () => {
    expect(toldOf(['MULTI', '-ERR '], ['SET a x', '+OK '], ['EXEC', '-ERR '])).toEqual([
      'ok put a "x"',
    ]);
  });
});

describe('where the record of a key ends', () => {
  it('what ended before stays, what was under way is unknown, what comes later is left out', () => {
    const world = new Conversation();
    const [first, second, third] = [world.client(), world.client(), world.client()];
    world.send(first, 'SET a x');
    replied(first, '+OK ');
    world.send(first, 'GET a');
    world.send(second, 'INCR a');
    world.send(third, 'GET a');
    replied(third, '$1 y ');
    replied(first, '$1 x ');
    second.lost();
    world.send(first, 'GET b');
    replied(first, '$-1 ');
    expect(world.told()).toEqual(['ok put a "x"', 'ok get b null', 'info get a null']);
    expect(world.log.keys.remarks).toMatchObject([
      { key: 'a', why: 'it is not known what was written' },
    ]);
  });

  it.each([
    ['EXPIRE a 10', ':1 '],
    ['LPUSH a x', ':1 '],
    ['RENAME b a', '+OK '],
    ['EVAL x 0', ':1 '],
    ['EVAL x 0', '-ERR in the middle '],
    ['NOBODY.KNOWS a', '+OK '],
    ['FLUSHALL', '-UNKNOWN '],
  ])('%s → %s ends it', (line, reply) => {
    expect(toldOf(['SET a x', '+OK '], [line, reply], ['GET a', '$1 z '])).toEqual([
      'ok put a "x"',
    ]);
  });

  it.each([
    ['EXPIRE a 10', '-ERR unknown command '],
    ['NOBODY.KNOWS a', '-ERR unknown command '],
    ['EVAL x 0', '-NOSCRIPT '],
    ['TTL a', ':-1 '],
    ['SELECT 0', '+OK '],
    ['KVX.LEVEL one', '+OK '],
  ])('%s → %s does not', (line, reply) => {
    expect(toldOf(['SET a x', '+OK '], [line, reply], ['GET a', '$1 x '])).toEqual([
      'ok put a "x"',
      'ok get a "x"',
    ]);
  });

  it('a connection that is told what others publish is not followed any further', () => {
    const said = toldOf(
      ...[['SET a x', '+OK '] as const, ['SUBSCRIBE c', '*3 +subscribe +c :1 '] as const],
      ...[['GET b', '-ERR '] as const, ['SET a y', '-ERR '] as const, ['GET a', '-ERR '] as const],
    );
    expect(said).toEqual(['ok put a "x"']);
  });
});

it('other databases have keys of their own', () => {
  const said = toldOf(
    ...[
      ['SET @3:a z', '+OK '] as const,
      ['SELECT 3', '+OK '] as const,
      ['SET a x', '+OK '] as const,
    ],
    ...[['SELECT 99', '-ERR '] as const, ['FLUSHDB', '+OK '] as const],
  );
  expect(said).toEqual(['ok put @0:@3:a "z"', 'ok put @3:a "x"', 'ok delete @3:a null']);
});

it('a history has transactions or texts that grow, whichever comes first', () => {
  expect(toldOf(['APPEND a x', ':1 '], ['MGET a b', '*2 $1 x $-1 '])).toEqual([
    'ok append a "x"',
    'ok get a "x"',
    'ok get b null',
  ]);
  expect(toldOf(['MSET a x b y', '+OK '], ['APPEND a z', ':2 '], ['GET a', '$2 xz '])).toEqual([
    'ok txn [["w","a","x"],["w","b","y"]]',
  ]);
});

it('flushing deletes all that was used', () => {
  const said = toldOf(['SET a x', '+OK '], ['GET b', '$-1 '], ['FLUSHALL', '+OK ']);
  expect(said).toEqual(['ok put a "x"', 'ok get b null', 'ok delete a null', 'ok delete b null']);
});
