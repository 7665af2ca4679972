/** What failed operations are to a RESP client. */
import { KvxError } from '../core/errors.js';
import type { ErrorResult } from '../core/results.js';
import { CommandError } from './command.js';
import { errorReply, type RespReply } from './replies.js';

/** `UNAVAIL`: it surely did not happen. `UNKNOWN`: it may have, or happen yet. */
export function replyToResult({ code, definite, message }: ErrorResult): RespReply {
  if (code === 'bad-request') return errorReply(`ERR ${message}`);
  return errorReply(`${definite ? 'UNAVAIL' : 'UNKNOWN'} ${message}`);
}

/** A read that brought nothing changed nothing either. */
export function replyToFailedRead(result: ErrorResult): RespReply {
  return replyToResult({ ...result, definite: true });
}

/** Whatever else was thrown is a bug, and thrown again. */
export function replyToError(error: unknown): RespReply {
  if (error instanceof CommandError) return errorReply(error.message);
  if (error instanceof KvxError) {
    const { code, definite, message } = error;
    return replyToResult({ type: 'error', code, definite, message });
  }
  throw error;
}
