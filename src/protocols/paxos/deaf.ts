/**
 * How a node takes part again that has lost what it had promised and accepted.
 *
 * Its earlier self may have been one of the majority that chose a value, or that promised a ballot; voting again it could
 * help to choose another value, or a lower ballot. So the earlier self is taken out of the membership first, in some slot
 * s, and the node comes back as if it were another one, added in a later slot s'. Slots below s + α have the earlier self
 * among their members, slots from s' + α on the new one, and the new one must vote in the latter only.
 *
 * 1. **It is deaf to whoever does not know all slots below s + α.** Whoever knows them has nothing to propose there any
 *    more: they are chosen. So no vote of the new self counts where the old one's did.
 * 2. **It does not stand for election before it knows these slots itself**, for the same reason.
 * 3. **A promise of the earlier self is void for who has executed the removal** (`scout.ts`), also one that arrives late:
 *    for slots from s' + α on the new self is asked, which has promised nothing that it does not know.
 * 4. **Its commands bear a new incarnation**: under the old one the state machine would take them for commands of before,
 *    executed already, and answer with old results.
 */
import type { Slot } from './command.js';
import type { Message } from './messages.js';

/** Whether this is a question or an order of somebody who has not executed all slots up to `below`. */
export function isDeafTo(message: Message, below: Slot): boolean {
  switch (message.type) {
    case 'canvass':
    case 'prepare':
    case 'accept':
    case 'heartbeat':
      return message.decided < below;
    default:
      return false;
  }
}
