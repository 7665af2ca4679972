import { greatestStamp } from '../shared/number-guard.js';
import type { KnowledgeReport, Message } from './messages.js';

/** Of all numbers in a message that this node's own may have to exceed. */
export function greatestNumber(message: Message): number {
  switch (message.type) {
    case 'rumour':
      return greatestStamp(message.entries);
    case 'digest':
    case 'equal':
    case 'segments':
      return ofKnowledge(message.knowledge);
    case 'versions':
      return Math.max(0, ...message.leaves.map(({ versions }) => greatestStamp(versions)));
    case 'exchange':
    case 'entries':
      return Math.max(greatestStamp(message.entries), greatestStamp(message.obsolete));
    case 'members':
      return greatestStamp(message.changes);
    case 'welcome':
      return Math.max(message.stamp, message.serial);
    case 'wave':
    case 'decline':
      return message.wave.number;
    case 'echo':
      // Those of many subtrees are added up.
      return Math.max(message.wave.number, message.messages * 2 ** 10);
    case 'leaves':
    case 'rejoin':
      return 0;
  }
}

function ofKnowledge(knowledge: KnowledgeReport | null): number {
  if (knowledge === null) return 0;
  let greatest = knowledge.horizon?.stamp ?? 0;
  for (const [, stamp] of knowledge.vector) greatest = Math.max(greatest, stamp);
  for (const [, stamp] of knowledge.floors) greatest = Math.max(greatest, stamp);
  return greatest;
}
