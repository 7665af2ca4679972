import { greatestStamp } from '../shared/number-guard.js';
import type { Message } from './messages.js';

/** Of all numbers in a message that this node's own may have to exceed. */
export function greatestNumber(message: Message): number {
  const ofLine = 'line' in message ? Math.max(message.line.epoch, message.line.start) : 0;
  return Math.max(ofLine, greatestOf(message));
}

function greatestOf(message: Message): number {
  switch (message.type) {
    case 'vote-request':
      return greatest(message.transactions.map(({ id }) => id));
    case 'decision':
    case 'tell':
      return Math.max(greatest(message.commits), greatest(message.aborts));
    case 'ask':
      return greatest(message.ids);
    case 'join-start':
      return message.join;
    case 'copy':
      return greatestStamp(message.entries);
    case 'heartbeat':
      return Math.max(message.epoch, message.last, message.heldByAll);
    case 'alive':
      return Math.max(message.start, message.epoch, message.holds);
    default:
      return 0;
  }
}

/** The greatest transaction that a worker would keep something of; 0: the message names none. */
export function greatestId(message: Message): number {
  switch (message.type) {
    case 'vote-request':
    case 'ask':
    case 'copy':
    case 'join-start':
      return greatestOf(message);
    default:
      return 0;
  }
}

function greatest(numbers: readonly number[]): number {
  let most = 0;
  for (const number of numbers) if (number > most) most = number;
  return most;
}
