/**
 * One client's connection as who looks on sees it: which reply belongs to which command, and what that says.
 *
 * A call begins before the server gets the last byte of its command, and ends when its reply has come, before the client
 * gets it. So what is recorded of its time is shorter than what the client saw, and yet the server did it in that time:
 * whatever a server must keep to it must keep to here, and an order that explains these times explains the client's, too.
 */
import { type Key, keyFromBytes } from '../../core/key.js';
import type { Words } from '../../resp/parser.js';
import type { ReadReply } from '../../resp/reply-reader.js';
import { Fifo } from '../../runtime/fifo.js';
import type { Caller, CallLog, LoggedCall } from './call-log.js';
import { asOneOperation, type KeyEffect } from './effects.js';
import { isDefinite, wasNotBegun } from './error-replies.js';
import { type JudgedCommand, judgedCommand } from './judged-commands.js';
import { otherCommand } from './other-commands.js';

type Role = 'MULTI' | 'EXEC' | 'DISCARD' | 'RESET' | 'SELECT' | 'FLUSHALL' | 'FLUSHDB' | 'data';

interface Expected {
  readonly name: string;
  readonly role: Role;
  readonly call: LoggedCall | null;
  /** `null`: the history tells of no such command. */
  readonly command: JudgedCommand | null;
  readonly isScript: boolean;
  /** The database before it. */
  readonly database: number;
}

/** What all connections of a record share. */
export interface RecordTally {
  readonly log: CallLog;
  /** By command, how often it was passed on and left out. */
  readonly leftOut: Map<string, number>;
}

/** After them replies are no answers to commands any more. */
const streams = [
  ...['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE', 'UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE'],
  ...['MONITOR', 'SYNC', 'PSYNC'],
];
const roles: readonly string[] = [
  ...['MULTI', 'EXEC', 'DISCARD', 'RESET', 'SELECT', 'FLUSHALL', 'FLUSHDB'],
];
const nameBytesMax = 64;
const otherDatabase = /^@[1-9]/;

export const commandName = ([word]: Words): string =>
  word === undefined || word.length > nameBytesMax
    ? ''
    : String.fromCharCode(...word).toUpperCase();

export class TrackedConnection {
  readonly #tally: RecordTally;
  readonly #caller: Caller;
  readonly #expected = new Fifo<Expected>();
  /** Commands that the server has queued since MULTI; `null`: it has not said that it does. */
  #queued: Expected[] | null = null;
  /** Whether MULTI was sent; and the keys of what came after it. */
  #keysSinceMulti: Key[] | null = null;
  #database = 0;
  #isOpaque = false;

  constructor(tally: RecordTally, caller: Caller) {
    this.#tally = tally;
    this.#caller = caller;
  }

  get expectedCount(): number {
    return this.#expected.length;
  }

  get database(): number {
    return this.#database;
  }

  /** Keys that commands of the client's use for the first time in this record. */
  newKeys(commands: readonly Words[]): { readonly database: number; readonly word: Uint8Array }[] {
    if (this.#isOpaque || this.#tally.log.keys.isOver) return [];
    const found = new Map<Key, { database: number; word: Uint8Array }>();
    let database = this.#database;
    for (const words of commands) {
      const name = commandName(words);
      if (name === 'SELECT') database = databaseOf(words) ?? database;
      judgedCommand(name, words, (word) => {
        const key = keyIn(database, word);
        if (this.#tally.log.keys.isNew(key)) found.set(key, { database, word });
        return key;
      });
    }
    return [...found.values()];
  }

  /** The command is about to be passed on. */
  sent(words: Words): void {
    const name = commandName(words);
    const keyOf = (word: Uint8Array): Key => keyIn(this.#database, word);
    const isMute = name === 'CLIENT' && commandName(words.slice(1)) === 'REPLY';
    if (!this.#isOpaque && (isMute || streams.includes(name))) this.turnOpaque();
    if (this.#isOpaque) return this.#passUnseen(name, words, keyOf);
    const role = roles.includes(name) ? (name as Role) : 'data';
    const command = role === 'data' ? judgedCommand(name, words, keyOf) : null;
    const [call, isScript] =
      role === 'data' ? this.#beginData(name, words, keyOf, command) : [this.#begin(role), false];
    const database = this.#database;
    this.#expected.push({ name, role, call, command, isScript, database });
    if (role === 'SELECT') this.#database = databaseOf(words) ?? database;
    else if (role === 'RESET') this.#database = 0;
    else if (role === 'MULTI') this.#keysSinceMulti ??= [];
    if (role === 'RESET' || role === 'EXEC' || role === 'DISCARD') this.#keysSinceMulti = null;
  }

  /** A reply has come, and is about to be passed on. */
  replied(reply: ReadReply): void {
    if (this.#isOpaque) return;
    const expected = this.#expected.shift();
    if (expected === undefined) return this.turnOpaque();
    if (this.#queued !== null && reply.type === 'simple' && reply.text === 'QUEUED') {
      this.#queued.push(expected);
      const { call, role } = expected;
      // In which database the server is from now on depends on what becomes of the transaction.
      if (call !== null && role === 'SELECT')
        this.#tally.log.spoil(call, 'SELECT in a transaction');
      else if (call !== null) this.#tally.log.leftOut(call);
      return;
    }
    this.#settle(expected, reply);
  }

  /** What is under way gets no reply here any more. */
  lost(): void {
    const { log } = this.#tally;
    for (let one = this.#expected.shift(); one !== undefined; one = this.#expected.shift()) {
      if (one.call === null) continue;
      if (one.role === 'EXEC') this.#executedPerhaps(one.call);
      else if (one.role === 'SELECT') this.#selected(one, false);
      else log.unknown(one.call);
    }
  }

  /** Which reply belongs to which command can't be told any more. */
  turnOpaque(): void {
    this.lost();
    this.#isOpaque = true;
  }

  #passUnseen(name: string, words: Words, keyOf: (word: Uint8Array) => Key): void {
    const { touches, isAboutKeys } = otherCommand(name, words, keyOf);
    if (isAboutKeys) this.#count(name);
    const isNone = touches !== 'everything' && touches.length === 0;
    if (!isNone) this.#tally.log.spoilNow(touches, `${name} was sent where replies can't be read`);
  }

  #begin(role: Role): LoggedCall | null {
    const { log } = this.#tally;
    const caller = this.#caller;
    if (role === 'EXEC') return log.begin({ caller, touches: this.#keysSinceMulti ?? [] });
    if (isFlush(role)) log.keys.noteFlush();
    else if (role !== 'SELECT') return null;
    return log.begin({ caller, touches: 'everything' });
  }

  #beginData(
    name: string,
    words: Words,
    keyOf: (word: Uint8Array) => Key,
    command: JudgedCommand | null,
  ): [LoggedCall | null, boolean] {
    const { log } = this.#tally;
    const caller = this.#caller;
    if (command === null) {
      const { touches, isAboutKeys, isScript, isBlocking } = otherCommand(name, words, keyOf);
      if (isAboutKeys) this.#count(name);
      if (touches !== 'everything') {
        if (touches.length === 0) return [null, false];
        this.#keysSinceMulti?.push(...touches);
      }
      if (!isBlocking) return [log.begin({ caller, touches }), isScript];
      log.spoilNow(touches, `${name} may change it at any time`);
      return [null, false];
    }
    const { keys, asked, lowers } = command;
    log.keys.noteWrites(asked ?? []);
    if (lowers) log.keys.noteLowering(keys);
    this.#keysSinceMulti?.push(...keys);
    // Between MULTI and EXEC it is not done by itself.
    const operation = this.#keysSinceMulti === null ? command.operation : null;
    return [log.begin({ caller, operation, asked, touches: keys }), false];
  }

  #settle(expected: Expected, reply: ReadReply): void {
    const { log } = this.#tally;
    const { role, call, command } = expected;
    if (role !== 'data') return this.#settleRole(expected, reply);
    if (call === null) return;
    if (command === null) return this.#settleOther(expected, call, reply);
    if (reply.type === 'error') {
      if (isDefinite(reply.text)) log.failed(call);
      else log.unknown(call);
      return;
    }
    const settled = command.settle(reply, log.keys.firstNumber);
    if (settled.type === 'spoiled') {
      // What only reads has changed nothing, however odd the reply.
      if (isReading(command)) log.unknown(call);
      else log.spoil(call, settled.why);
    } else if (settled.type === 'done') {
      if (asOneOperation(settled.effects) === null) this.#count(expected.name);
      log.happened(call, settled.effects);
    } else if (command.operation !== null || settled.found === null) {
      log.failed(call, command.asked ?? [], settled.found);
    } else log.happened(call, [settled.found]);
  }

  #settleOther({ name, isScript }: Expected, call: LoggedCall, reply: ReadReply): void {
    const { log } = this.#tally;
    const isHarmless =
      reply.type === 'error' && (isScript ? wasNotBegun(reply.text) : isDefinite(reply.text));
    if (isHarmless) log.leftOut(call);
    else log.spoil(call, `${name} may have changed it`);
  }

  #settleRole(expected: Expected, reply: ReadReply): void {
    const { log } = this.#tally;
    const { role, call, database } = expected;
    const isError = reply.type === 'error';
    if (role === 'MULTI') {
      if (!isError) this.#queued = [];
    } else if (role === 'DISCARD' || role === 'RESET') {
      if (!isError) this.#queued = null;
    } else if (role === 'SELECT') {
      if (isError) this.#database = database;
      this.#selected(expected, !isError);
    } else if (call !== null) {
      if (role === 'EXEC') this.#settleTransaction(call, reply);
      else if (isError && isDefinite(reply.text)) log.leftOut(call);
      // Keys that are not in use yet may be deleted by it.
      else if (isError) log.unknown(call);
      else log.happenedApart(call, this.#deletions(expected));
    }
  }

  /** What was sent since then, in one breath, was meant for that database, and may have been done in another. */
  #selected({ call }: Expected, isDone: boolean): void {
    const { log } = this.#tally;
    if (call === null) return;
    if (isDone || this.#expected.length === 0) log.leftOut(call);
    else log.spoil(call, 'SELECT failed, and commands followed it');
  }

  /** Of all that was ever used; what was not will be found empty. */
  #deletions({ role, database, call }: Expected): KeyEffect[] {
    const isMeant = (key: Key): boolean =>
      role === 'FLUSHALL' ||
      (database === 0 ? !otherDatabase.test(key) : key.startsWith(`@${database}:`));
    const keys = [...this.#tally.log.keys.judgedAt(call?.place ?? 0)].filter(isMeant);
    return keys.map((key) => ({ key, left: null }));
  }

  #settleTransaction(call: LoggedCall, reply: ReadReply): void {
    const { log } = this.#tally;
    const queued = this.#queued ?? [];
    const isRefused = reply.type === 'null' || (reply.type === 'error' && isDefinite(reply.text));
    if (isRefused) {
      this.#queued = null;
      return log.failed(
        call,
        queued.flatMap(({ command }) => command?.asked ?? []),
      );
    }
    if (reply.type !== 'array' || reply.items.length !== queued.length) {
      return this.#executedPerhaps(call);
    }
    this.#queued = null;
    const effects = queued.flatMap((each, at) =>
      this.#effectsOf(each, call, reply.items[at] as ReadReply),
    );
    const isAlone = effects.length === 1;
    const appended = effects.filter((each) => each.appended !== undefined && !isAlone);
    const keys = appended.map(({ key }) => key);
    // No transaction of a history appends to a text.
    log.keys.spoil(keys, call.place, 'APPEND in a transaction', call.time);
    log.happened(
      call,
      effects.filter(({ key }) => !keys.includes(key)),
    );
  }

  #effectsOf({ name, command, call, isScript }: Expected, exec: LoggedCall, reply: ReadReply) {
    const { log } = this.#tally;
    const spoil = (why: string): KeyEffect[] => {
      if (call !== null) log.keys.spoil(call.touches, exec.place, why, exec.time);
      return [];
    };
    if (command === null) {
      const isHarmless = reply.type === 'error' && (!isScript || wasNotBegun(reply.text));
      return isHarmless ? [] : spoil(`${name} may have changed it`);
    }
    if (reply.type === 'error') return isDefinite(reply.text) ? [] : spoil(`${name} failed`);
    const settled = command.settle(reply, log.keys.firstNumber);
    if (settled.type === 'spoiled') return isReading(command) ? [] : spoil(settled.why);
    if (settled.type === 'done') return settled.effects;
    return settled.found === null ? [] : [settled.found];
  }

  /** A transaction of which nobody knows whether it happened: each of its writes by itself may have. */
  #executedPerhaps(exec: LoggedCall): void {
    const { log } = this.#tally;
    const queued = this.#queued ?? [];
    this.#queued = null;
    for (const { command, call } of queued) {
      if (command !== null && command.asked !== null) continue;
      const touches = command?.keys ?? call?.touches ?? [];
      log.keys.spoil(touches, exec.place, 'it is not known what was written', exec.time);
    }
    log.unknown(
      exec,
      queued.flatMap(({ command }) => command?.asked ?? []),
    );
  }

  #count(name: string): void {
    const { leftOut } = this.#tally;
    const shown = leftOut.has(name) || leftOut.size < 100 ? name : 'others';
    leftOut.set(shown, (leftOut.get(shown) ?? 0) + 1);
  }
}

const isFlush = (role: Role): boolean => role === 'FLUSHALL' || role === 'FLUSHDB';
const isReading = ({ asked }: JudgedCommand): boolean => asked?.length === 0;

/** `null`: it names none. */
function databaseOf([, word]: Words): number | null {
  const text = word === undefined || word.length > 9 ? '' : String.fromCharCode(...word);
  return /^\d+$/.test(text) ? Number(text) : null;
}

/** Of the first database as it is, of others with its number before it; what looks like the one or the other is not. */
export function keyIn(database: number, word: Uint8Array): Key {
  const key = keyFromBytes(word);
  return database === 0 && !key.startsWith('@') ? key : (`@${database}:${key}` as Key);
}
