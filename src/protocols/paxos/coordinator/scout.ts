/**
 * Phase 1 of one ballot (a *scout* of PMMC, section 2.4), for all slots from a first one on at once.
 *
 * Gathers promises. A promise says what its acceptor has accepted; of all values reported for a slot, the one of the
 * highest ballot must be proposed there (Lamport 2001, P2c: "v is the value of the highest-numbered proposal among all
 * proposals numbered less than n accepted by the acceptors in S"), and where none was reported the choice is free. A
 * promise also says up to where its acceptor knows everything (`decided`): nothing is reported up to there, so it must
 * be learned before anything may be proposed.
 *
 * Which acceptors are needed depends on the slot (see `state/membership.ts`): `covers` asks for a majority of given members.
 *
 * The ballot is promised by this node's own acceptor, durably, before any Prepare leaves: so a node that crashes never
 * leads the same ballot again, for it starts above all it has promised.
 */
import type { NodeId } from '../../../core/ids.js';
import { compareBallots } from '../ballot.js';
import type { Batch, Slot } from '../command.js';
import type { AcceptedValue, Of } from '../messages.js';
import { hasMajority } from '../state/membership.js';

interface Gathering {
  /** How many parts of this acceptor's promise are here. */
  parts: number;
  complete: boolean;
}

export class Scout {
  readonly #promises = new Map<NodeId, Gathering>();
  /** Nodes that were removed, and in which slot. */
  readonly #removed = new Map<NodeId, Slot>();
  readonly #adopted = new Map<Slot, AcceptedValue>();
  #adoptedUpTo: Slot = 0;
  #learnUpTo: Slot = 0;
  #learnFrom: NodeId;

  constructor(self: NodeId) {
    this.#learnFrom = self;
  }

  /** The newest slot for which somebody reported a value. */
  get adoptedUpTo(): Slot {
    return this.#adoptedUpTo;
  }

  /** Up to here an acceptor knows what was chosen, and `learnFrom` is that acceptor. */
  get learnUpTo(): Slot {
    return this.#learnUpTo;
  }

  get learnFrom(): NodeId {
    return this.#learnFrom;
  }

  /** True when `from` has now promised, and had not before. */
  onPromise(from: NodeId, message: Of<'promise'>): boolean {
    // Said by whoever bore this name before: it may be another one by now, which has promised nothing.
    if (message.decided < (this.#removed.get(from) ?? 0)) return false;
    const gathering = this.#promises.get(from) ?? { parts: 0, complete: false };
    // A part was lost: the acceptor will be asked again, and begins anew.
    if (gathering.complete || message.part > gathering.parts) return false;
    gathering.parts = message.part + 1;
    gathering.complete = message.last;
    this.#promises.set(from, gathering);
    for (const value of message.accepted) this.#adopt(value);
    if (message.decided > this.#learnUpTo) {
      this.#learnUpTo = message.decided;
      this.#learnFrom = from;
    }
    return gathering.complete;
  }

  hasPromised(node: NodeId): boolean {
    return this.#promises.get(node)?.complete ?? false;
  }

  /** The node was removed in `slot`: its promise counts no more, nor does any that it made before it knew. */
  forgetPromise(node: NodeId, slot: Slot): void {
    this.#promises.delete(node);
    this.#removed.set(node, slot);
  }

  covers(members: readonly NodeId[]): boolean {
    return hasMajority(members, (node) => this.hasPromised(node));
  }

  /** What must be proposed in this slot; `null` when nobody reported anything. */
  valueFor(slot: Slot): Batch | null {
    return this.#adopted.get(slot)?.batch ?? null;
  }

  /** Slots up to here have been proposed, or are chosen. */
  forget(slot: Slot): void {
    this.#adopted.delete(slot);
  }

  #adopt(value: AcceptedValue): void {
    const { slot, ballot } = value;
    const before = this.#adopted.get(slot);
    if (before !== undefined && compareBallots(before.ballot, ballot) >= 0) return;
    this.#adopted.set(slot, value);
    if (slot > this.#adoptedUpTo) this.#adoptedUpTo = slot;
  }
}
