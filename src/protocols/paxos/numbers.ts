/**
 * Numbers in messages that go on counting here, and those that must fit others of the same message. A slot that nobody can
 * have come to would have every slot before it filled with no-ops.
 */
import type { NodeId } from '../../core/ids.js';
import { NumberGuard } from '../shared/number-guard.js';
import { type Batch, commandsPerBatchMax, type Slot, stampLimit } from './command.js';
import { type Ctx, type Message, messageShape } from './messages.js';
import { bounds } from './options.js';
import type { StateItem } from './records.js';

/**
 * What an incarnation of a node begins to number its questions and transfers from: no old answer fits a new one. Incarnations that
 * were forged may be large.
 */
export function firstNumber(incarnation: number): number {
  return (incarnation % 2 ** 20) * 2 ** 32;
}

export class Numbers {
  readonly #guard = new NumberGuard(messageShape);

  /** False: what this message says can't be, and it is to be dropped. */
  admits(message: Message, from: NodeId, ctx: Ctx): boolean {
    if (!this.#guard.admits(message, from, ctx)) return false;
    if (isConsistent(message) && isOwnBallot(message, from)) return true;
    this.#guard.refuse(from, ctx);
    return false;
  }
}

/** For a ballot speaks only the node that leads it. */
function isOwnBallot(message: Message, from: NodeId): boolean {
  switch (message.type) {
    case 'prepare':
    case 'accept':
    case 'heartbeat':
    case 'abdicate':
      return message.ballot.node === from;
    default:
      return true;
  }
}

/** Whether what a message says of several numbers can be true. */
function isConsistent(message: Message): boolean {
  switch (message.type) {
    case 'promise': {
      // An acceptor holds no more than so many slots above what it knows to be chosen.
      const last = message.decided + bounds.undecidedMax;
      const isKnown = ({ slot, ballot, batch }: (typeof message.accepted)[number]): boolean =>
        slot <= last && ballot.round <= message.ballot.round && isSound(batch);
      return message.accepted.every(isKnown);
    }
    case 'accept':
    case 'learn':
      return message.batches.every(isSound);
    case 'chunk':
      return message.items.every((item) => isOfStateAfter(message.slot, item));
    default:
      return true;
  }
}

/** Versions are made of slots and of places in a batch. */
function isSound({ commands }: Batch): boolean {
  return commands.length <= commandsPerBatchMax;
}

function isOfStateAfter(slot: Slot, item: StateItem): boolean {
  if (item.type === 'entry') return item.version.stamp < stampLimit(slot);
  if (item.type !== 'members') return true;
  return item.configurations.every(({ from }) => from <= slot + bounds.alpha);
}
