/**
 * How commands become operations of the one client, and results become replies.
 *
 * - A command that is one operation is asked as such.
 * - One that reads before it writes, or is about several keys, is done optimistically (optimistic.ts). That is atomic where
 *   conditional writes are (2PC, Paxos).
 * - Elsewhere several keys are read one by one, and what would have to be atomic is refused before anything is sent.
 */
import type { OperationSink } from '../client/pending-operation.js';
import { type Key, keyFromBytes } from '../core/key.js';
import { keyBytesMax } from '../core/limits.js';
import type { ClientResult, DataOperation } from '../core/operation.js';
import { type ModeProfile, modesWith } from '../protocols/catalog.js';
import { keyAt } from './arguments.js';
import {
  type Command,
  CommandError,
  type DataCommand,
  type RespClient,
  type Values,
} from './command.js';
import { replyToFailedRead, replyToResult } from './failures.js';
import { type KeyTask, KeyTurns } from './key-turns.js';
import { atLinearizable, OptimisticRun } from './optimistic.js';
import { Overlay } from './overlay.js';
import type { Words } from './parser.js';
import { errorReply, type RespReply } from './replies.js';
import { SeparateReads } from './separate-reads.js';
import { keyWordsOf } from './words.js';

/** The keys that a command's words name; of those that are too long, the beginning. */
const keysOf = (command: Command, words: Words): Set<Key> =>
  new Set(
    keyWordsOf(command, words).map((word) => keyFromBytes(word.subarray(0, keyBytesMax + 1))),
  );

/** One command, and who is told. */
class CommandRun implements KeyTask {
  readonly name: string;
  readonly operation: DataOperation | null;
  readonly #token: unknown;
  readonly #done: (token: unknown, reply: RespReply) => void;

  constructor(
    readonly client: RespClient,
    readonly command: DataCommand,
    readonly words: Words,
    token: unknown,
    done: (token: unknown, reply: RespReply) => void,
  ) {
    this.name = command.name;
    this.operation = command.single?.(words) ?? null;
    this.#token = token;
    this.#done = done;
  }

  apply(values: Values): RespReply {
    return this.command.apply(this.words, values);
  }

  settled(result: ClientResult): void {
    const { command, words } = this;
    if (result.type !== 'error') {
      this.end(command.answer?.(result, words) ?? errorReply('ERR no answer'));
    } else if (isReadOnly(command)) this.end(replyToFailedRead(result));
    else this.end(replyToResult(result));
  }

  end(reply: RespReply): void {
    this.#done(this.#token, reply);
  }
}

const toReply: OperationSink<CommandRun> = {
  settled: (run, result) => run.settled(result),
};

/** Throws {@link CommandError} for what is wrong with the words; otherwise calls `done` once, with `token`. */
export function execute<T>(
  client: RespClient,
  command: DataCommand,
  words: Words,
  token: T,
  done: (token: T, reply: RespReply) => void,
): void {
  const { mode } = client.node;
  const run = new CommandRun(client, command, words, token, done as never);
  const { operation } = run;
  if (operation !== null && (isUnconditional(operation) || isAtomic(mode))) {
    if (operation.type === 'delete' && mode.deletesBlindly) lookThenDelete(run, operation);
    else if (operation.type !== 'get' && mode.writersCollide) runInTurn(run);
    else ask(run, operation);
  } else if (isAtomic(mode)) runOptimistically(run);
  else if (isReadOnly(command)) readSeparately(run);
  else {
    const { name } = mode;
    throw new CommandError(
      `ERR ${whole(command, words)} is not atomic in mode ${name}; it is in ${able}`,
    );
  }
}

const able = modesWith('transactions').join(' and ');

const isAtomic = (mode: ModeProfile): boolean => mode.features.includes('transactions');

const isReadOnly = ({ flags }: DataCommand): boolean => flags.includes('readonly');

function runOptimistically(run: CommandRun): void {
  const { client, command, words } = run;
  if (isReadOnly(command)) new OptimisticRun(client, run).begin();
  else if (keysOf(command, words).size === 1) runInTurn(run);
  else new OptimisticRun(atLinearizable(client), run).begin();
}

/** Of one key. */
function runInTurn(run: CommandRun): void {
  const { client, words, operation } = run;
  const asker = atLinearizable(client);
  // A session wants to hear of its own writes.
  if (client.session === null) KeyTurns.of(client.node).add(keyAt(words, 1), asker, run);
  else if (operation === null) new OptimisticRun(asker, run).begin();
  else ask(run, operation);
}

/** Any mode can do it as it should be done. */
const isUnconditional = ({ type }: DataOperation): boolean =>
  type === 'get' || type === 'put' || type === 'delete';

/** What is asked for, as it is named to those who ask in vain. */
function whole({ name, keys: [, last] }: DataCommand, words: Words): string {
  if (last < 0) return `${name} of several keys`;
  return name === 'SET' && words.length > 3 ? 'SET with NX, XX or GET' : name;
}

function ask(run: CommandRun, operation: DataOperation): void {
  const { client, level, session } = run.client;
  client.submit(operation, { level, session }, toReply, run);
}

/** Where a delete does not tell whether anything was there, a read just before it does. */
function lookThenDelete(run: CommandRun, operation: DataOperation & { key: Key }): void {
  const { client, level, session } = run.client;
  SeparateReads.begin(run.client, new Set([operation.key]), ({ found, failure }) => {
    const existed = found.get(operation.key) !== null;
    const sink: OperationSink<CommandRun> = {
      settled: (_, result) => run.settled(result.type === 'done' ? { ...result, existed } : result),
    };
    if (failure !== null) run.end(replyToFailedRead(failure));
    else client.submit(operation, { level, session }, sink, run);
  });
}

function readSeparately(run: CommandRun): void {
  const { command, words } = run;
  // What is wrong with the words is said before anything is read.
  run.apply(new Overlay(new Map()));
  SeparateReads.begin(run.client, keysOf(command, words), ({ found, failure }) => {
    run.end(failure === null ? run.apply(new Overlay(found)) : replyToFailedRead(failure));
  });
}
