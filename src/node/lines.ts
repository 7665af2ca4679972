import type { NodeId } from '../core/ids.js';
import type { SendQueue } from '../runtime/links/send-queue.js';

type Handler<M> = (from: NodeId, messages: readonly M[], bytes: number) => void;

/** What links over sockets and over rings have in common: a line to each peer, behind a queue. */
export abstract class LinkOfLines<M, L extends { readonly queue: SendQueue<M> }> {
  protected readonly lines = new Map<NodeId, L>();
  /** Peers that are not to be read at present. */
  protected readonly held = new Set<NodeId>();
  protected handler: Handler<M> = () => {};
  protected relieved = () => {};
  /** Batches for peers that there was no line to, and what the lines of old have lost. */
  protected lost = 0;
  /** What lines of old were given. */
  protected sentBefore = 0;
  protected isClosed = false;
  /** Hears what could not be sent. */
  onLost: ((to: NodeId, messages: readonly M[], why: string) => void) | null = null;

  /** Batches that could not be sent, since the start. */
  get lostCount(): number {
    let lost = this.lost;
    for (const { queue } of this.lines.values()) lost += queue.lostCount;
    return lost;
  }

  /** Bytes of frames that were given to sockets or rings. */
  get sentBytes(): number {
    let bytes = this.sentBefore;
    for (const { queue } of this.lines.values()) bytes += queue.sentBytes;
    return bytes;
  }

  /** `sent`: false when there was no room for the batch; neither when there was no connection. */
  protected noteSend(sent: boolean | null | undefined, to: NodeId, messages: readonly M[]): void {
    if (sent === true) return;
    if (sent !== false) this.lost++;
    this.onLost?.(to, messages, sent === false ? 'no room' : 'no connection');
  }

  get bytesWaiting(): number {
    let most = 0;
    for (const { queue } of this.lines.values()) most = Math.max(most, queue.bytesWaiting);
    return most;
  }

  onRelief(handler: () => void): void {
    this.relieved = handler;
  }

  onReceive(handler: Handler<M>): void {
    this.handler = handler;
  }

  hold(from: NodeId, held: boolean): void {
    if (held) this.held.add(from);
    else this.held.delete(from);
    this.holdLine(from, held);
  }

  protected abstract holdLine(from: NodeId, held: boolean): void;
}
