/** Bounds of what RESP clients may send; past each comes a protocol error or a refusal, never memory. */
import { valueBytesMax } from '../core/limits.js';

export const respLimits = {
  /** One line: an inline command, or a length. As in Redis. */
  lineBytesMax: 64 * 1024,
  /** Arguments of one command, its name among them. */
  argumentsMax: 64 * 1024,
  /** One argument: a value, with room to say that it is too large. */
  argumentBytesMax: valueBytesMax + 64 * 1024,
  /** All arguments of one command. */
  commandBytesMax: 4 * 1024 * 1024,
  /** Before a client has given the password that is asked for. */
  strangerArgumentsMax: 10,
  strangerArgumentBytesMax: 16 * 1024,
  /** Commands of one client that have come and are not answered; past it nothing is read from it. */
  waitingMax: 512,
  bytesWaitingMax: 1024 * 1024,
  /** Keys in one reply of KEYS. */
  keysBytesMax: 64 * 1024 * 1024,
  /** Commands queued between MULTI and EXEC, and their bytes. */
  queuedMax: 4096,
  queuedBytesMax: 2 * 1024 * 1024,
} as const;
