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
 * 3. **A promise of the earlier self is void for who has executed the removal** (`coordinator/scout.ts`), also one that arrives late:
 *    for slots from s' + α on the new self is asked, which has promised nothing that it does not know.
 * 4. **Its commands bear a new incarnation**: under the old one the state machine would take them for commands of before,
 *    executed already, and answer with old results.
 */
import { invariant } from '../../core/invariant.js';
import type { Rejoin } from '../../core/replica.js';
import { type Slot, slotOf } from './command.js';
import type { Ctx, Message } from './messages.js';
import { bounds } from './options.js';
import type { DurableRecord } from './records.js';

export class Deafness {
  /** 0: this node has lost nothing. */
  #below: Slot = 0;

  recover(after: Slot): void {
    this.#below = Math.max(this.#below, after);
  }

  begin({ removal }: Rejoin, ctx: Ctx): void {
    invariant(
      removal !== null,
      'who has lost promises comes back only once its earlier self is out',
    );
    this.#below = slotOf(removal.stamp) + (removal.existed ? bounds.alpha - 1 : 0);
    ctx.persist({ type: 'rejoined', after: this.#below });
  }

  /** Whether this is a question or an order of somebody who has not executed enough. */
  isDeafTo(message: Message): boolean {
    switch (message.type) {
      case 'canvass':
      case 'prepare':
      case 'accept':
      case 'heartbeat':
        return message.decided < this.#below;
      default:
        return false;
    }
  }

  /** Having executed so much, this node may stand for election. */
  mayStand(applied: Slot): boolean {
    return applied >= this.#below;
  }

  records(): DurableRecord[] {
    return this.#below === 0 ? [] : [{ type: 'rejoined', after: this.#below }];
  }
}
