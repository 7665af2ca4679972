/**
 * Numbers in messages that go on counting here, and those that must fit others of the same message. A slot that nobody can
 * have come to would have every slot before it filled with no-ops.
 */
import type { NodeId } from '../../core/ids.js';
import { NumberGuard } from '../shared/number-guard.js';
import { type Batch, commandsPerBatchMax, type Slot, stampLimit } from './command.js';
import type { Ctx, Message } from './messages.js';
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
  readonly #guard = new NumberGuard();

  /** False: what this message says can't be, and it is to be dropped. */
  admits(message: Message, from: NodeId, ctx: Ctx): boolean {
    if (!this.#guard.admits(greatestNumber(message), from, ctx)) return false;
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

/** Slots count for as many as the stamps that they stand for. */
function greatestNumber(message: Message): number {
  switch (message.type) {
    case 'canvass':
      return ofSlot(message.decided);
    case 'endorse':
      return Math.max(message.promised.round, ofSlot(message.decided));
    case 'prepare':
      return Math.max(message.ballot.round, ofSlot(message.decided));
    case 'promise':
      return Math.max(message.ballot.round, ofSlot(message.decided));
    case 'reject':
      return Math.max(message.ballot.round, message.promised.round);
    case 'accept': {
      const { ballot, slot, batches, decided } = message;
      const last = ofSlot(Math.max(decided, slot + batches.length));
      return Math.max(ballot.round, last, ofBatches(batches));
    }
    case 'accepted':
      return Math.max(message.ballot.round, ofSlot(message.upTo));
    case 'heartbeat':
      return Math.max(message.ballot.round, ofSlot(Math.max(message.decided, message.settled)));
    case 'alive':
      return Math.max(message.ballot.round, ofSlot(message.decided));
    case 'abdicate':
      return message.ballot.round;
    case 'forward':
      return ofCommands(message.commands);
    case 'read-at':
    case 'fetch':
      return ofSlot(message.slot);
    case 'learn': {
      const { slot, batches, decided } = message;
      return Math.max(ofSlot(Math.max(decided, slot + batches.length)), ofBatches(batches));
    }
    case 'chunk':
      return ofSlot(message.slot);
    case 'started':
    case 'refuse':
    case 'read-index':
    case 'fetch-chunk':
      return 0;
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

function ofSlot(slot: Slot): number {
  return slot * commandsPerBatchMax;
}

function ofBatches(batches: readonly Batch[]): number {
  let greatest = 0;
  for (const { commands } of batches) greatest = Math.max(greatest, ofCommands(commands));
  return greatest;
}

function ofCommands(commands: Batch['commands']): number {
  let greatest = 0;
  for (const { sequence } of commands) if (sequence > greatest) greatest = sequence;
  return greatest;
}
