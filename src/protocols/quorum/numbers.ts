import { greatestStamp } from '../shared/number-guard.js';
import type { Message } from './messages.js';

/** Of all numbers in a message that this node's own may have to exceed. */
export function greatestNumber(message: Message): number {
  switch (message.type) {
    case 'write':
      return greatestStamp(message.writes);
    case 'ack': {
      let greatest = 0;
      for (const ack of message.acks) greatest = Math.max(greatest, ack.newerStamp);
      return greatest;
    }
    case 'reply': {
      let greatest = 0;
      for (const { version } of message.replies) greatest = Math.max(greatest, version?.stamp ?? 0);
      return greatest;
    }
    case 'welcome':
      return message.stamp;
    case 'handoff':
    case 'handed':
    case 'exchange':
    case 'entries':
      return greatestStamp(message.entries);
    case 'versions':
      return Math.max(0, ...message.leaves.map(({ versions }) => greatestStamp(versions)));
    case 'propose':
    case 'collect':
      return greatestStamp(message.tombstones);
    case 'read':
    case 'reserved':
    case 'heartbeat':
    case 'rejoin':
    case 'digest':
    case 'equal':
    case 'segments':
    case 'leaves':
    case 'confirm':
      return 0;
  }
}
