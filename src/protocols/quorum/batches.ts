/**
 * Folds what a turn has to say into one message a peer.
 *
 * A turn may carry hundreds of clients' operations; each would cost its own encoding, frame and system call. Lists are
 * cut at `batchBytesTarget`, so a message stays well below the largest frame whatever it holds.
 */
import type { NodeId } from '../../core/ids.js';
import { batchBytesTarget } from '../../core/limits.js';
import { bytesOfEntry, bytesOfKey, itemOverheadBytes } from '../shared/leaf-exchange.js';
import type { Ack, Ctx, Message, Read, Reply, Write } from './messages.js';

/** What one turn has to say to one peer. */
class Bundle {
  /** What asks: a write or a read. It promises nothing. */
  readonly questions: Message[] = [];
  /** What answers: it says what this node holds. */
  readonly answers: Message[] = [];
  writes: Write[] = [];
  acks: Ack[] = [];
  reads: Read[] = [];
  replies: Reply[] = [];
  /** Of what is gathered since the last `close`. */
  bytes = 0;

  grew(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes >= batchBytesTarget) this.close();
  }

  close(): void {
    if (this.writes.length > 0) this.questions.push({ type: 'write', writes: this.writes });
    if (this.acks.length > 0) this.answers.push({ type: 'ack', acks: this.acks });
    if (this.reads.length > 0) this.questions.push({ type: 'read', reads: this.reads });
    if (this.replies.length > 0) this.answers.push({ type: 'reply', replies: this.replies });
    this.writes = [];
    this.acks = [];
    this.reads = [];
    this.replies = [];
    this.bytes = 0;
  }
}

export class Batches {
  readonly #bundles = new Map<NodeId, Bundle>();

  write(to: NodeId, write: Write): void {
    const bundle = this.#bundleFor(to);
    bundle.writes.push(write);
    bundle.grew(bytesOfEntry(write));
  }

  ack(to: NodeId, ack: Ack): void {
    const bundle = this.#bundleFor(to);
    bundle.acks.push(ack);
    bundle.grew(itemOverheadBytes);
  }

  read(to: NodeId, read: Read): void {
    const bundle = this.#bundleFor(to);
    bundle.reads.push(read);
    bundle.grew(bytesOfKey(read));
  }

  reply(to: NodeId, reply: Reply): void {
    const bundle = this.#bundleFor(to);
    bundle.replies.push(reply);
    bundle.grew((reply.value?.length ?? 0) + itemOverheadBytes);
  }

  /**
   * Sends all that was gathered. While the clock `isReserved`, a write is on its way to the other replicas while this
   * node's journal still syncs it: one sync between request and answer instead of two. Acks and replies always wait.
   */
  flush(isReserved: boolean, ctx: Ctx): void {
    if (this.#bundles.size === 0) return;
    for (const [to, bundle] of this.#bundles) {
      bundle.close();
      for (const message of bundle.questions) {
        if (isReserved) ctx.sendUnsynced(to, message);
        else ctx.send(to, message);
      }
      for (const message of bundle.answers) ctx.send(to, message);
    }
    this.#bundles.clear();
  }

  #bundleFor(to: NodeId): Bundle {
    let bundle = this.#bundles.get(to);
    if (bundle === undefined) {
      bundle = new Bundle();
      this.#bundles.set(to, bundle);
    }
    return bundle;
  }
}
