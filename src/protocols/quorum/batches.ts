/**
 * Folds what a turn has to say into one message a peer.
 *
 * A turn may carry hundreds of clients' operations; each would cost its own encoding, frame and system call. Lists are
 * cut at `batchBytesTarget`, so a message stays well below the largest frame whatever it holds.
 */
import type { NodeId } from '../../core/ids.js';
import { batchesOf } from '../shared/batches.js';
import { bytesOfEntry, bytesOfKey, itemOverheadBytes } from '../shared/leaf-exchange.js';
import type { Ack, Ctx, Message, Read, Reply, Write } from './messages.js';

/** What one turn has to say to one peer. */
interface Bundle {
  readonly writes: Write[];
  readonly acks: Ack[];
  readonly reads: Read[];
  readonly replies: Reply[];
}

export class Batches {
  readonly #bundles = new Map<NodeId, Bundle>();

  /** To be added to. */
  to(node: NodeId): Bundle {
    let bundle = this.#bundles.get(node);
    if (bundle === undefined) {
      bundle = { writes: [], acks: [], reads: [], replies: [] };
      this.#bundles.set(node, bundle);
    }
    return bundle;
  }

  /**
   * Sends all that was gathered. What asks (a write, a read) promises nothing: while the clock `isReserved`, a write is on
   * its way to the other replicas while this node's journal still syncs it: one sync between request and answer instead of
   * two. What answers says what this node holds, and always waits.
   */
  flush(isReserved: boolean, ctx: Ctx): void {
    if (this.#bundles.size === 0) return;
    for (const [to, { writes, acks, reads, replies }] of this.#bundles) {
      const ask = (question: Message) =>
        isReserved ? ctx.sendUnsynced(to, question) : ctx.send(to, question);
      for (const batch of batchesOf(writes, bytesOfEntry)) ask({ type: 'write', writes: batch });
      for (const batch of batchesOf(reads, bytesOfKey)) ask({ type: 'read', reads: batch });
      for (const batch of batchesOf(acks, () => itemOverheadBytes))
        ctx.send(to, { type: 'ack', acks: batch });
      for (const batch of batchesOf(replies, bytesOfReply))
        ctx.send(to, { type: 'reply', replies: batch });
    }
    this.#bundles.clear();
  }
}

function bytesOfReply({ value }: Reply): number {
  return itemOverheadBytes + (value?.length ?? 0);
}
