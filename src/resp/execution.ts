/**
 * How commands become operations of the one client, and results become replies.
 *
 * A command that is one operation is asked as such. One that reads before it writes is done optimistically: read, apply,
 * and write only if what was read is still there; otherwise once more. That is atomic where conditional writes are (2PC, Paxos);
 * elsewhere it is refused.
 */
import type { OperationSink } from '../client/pending-operation.js';
import { KvxError } from '../core/errors.js';
import { type Key, keyFromBytes } from '../core/key.js';
import type { ClientResult } from '../core/operation.js';
import { type Command, CommandError, type DataCommand, type RespClient } from './command.js';
import type { Words } from './parser.js';
import { errorReply, type RespReply } from './replies.js';

/** The keys that a command's words name. */
export function keysOfWords({ keys: [first, last, step] }: Command, words: Words): Key[] {
  if (first === 0) return [];
  const end = last < 0 ? words.length + last : Math.min(last, words.length - 1);
  const found: Key[] = [];
  for (let at = first; at <= end; at += step) found.push(keyFromBytes(words[at] as Uint8Array));
  return found;
}

/** What a failed operation is to a client. `UNAVAIL`: it surely did not happen. `UNKNOWN`: it may have, or happen yet. */
export function replyToResult(result: Extract<ClientResult, { type: 'error' }>): RespReply {
  if (result.code === 'bad-request') return errorReply(`ERR ${result.message}`);
  return errorReply(`${result.definite ? 'UNAVAIL' : 'UNKNOWN'} ${result.message}`);
}

export function replyToError(error: unknown): RespReply {
  if (error instanceof CommandError) return errorReply(error.message);
  if (error instanceof KvxError) {
    const { code, definite, message } = error;
    return replyToResult({ type: 'error', code, definite, message });
  }
  throw error;
}

/** A single operation under way. */
interface Asked<T> {
  readonly command: DataCommand;
  readonly words: Words;
  readonly token: T;
  readonly done: (token: T, reply: RespReply) => void;
}

const toReply: OperationSink<Asked<unknown>> = {
  settled({ command, words, token, done }, result) {
    if (result.type === 'error') return done(token, replyToResult(result));
    done(token, command.answer?.(result, words) ?? errorReply('ERR no answer'));
  },
};

/** Throws {@link CommandError} for what is wrong with the words; otherwise calls `done` once, with `token`. */
export function execute<T>(
  { client, level, session }: RespClient,
  command: DataCommand,
  words: Words,
  token: T,
  done: (token: T, reply: RespReply) => void,
): void {
  const operation = command.single?.(words) ?? null;
  if (operation === null) throw new CommandError('ERR not built yet');
  client.submit(operation, { level, session }, toReply as never, { command, words, token, done });
}
