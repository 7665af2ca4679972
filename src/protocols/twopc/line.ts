/**
 * One worker and the coordinator in conversation: in order, nothing lost, nothing twice, as long as neither restarts.
 *
 * R* ran its commit protocols over virtual circuits, and the papers take them for granted; our links lose and double
 * messages. A line is such a circuit: numbered messages, a cumulative acknowledgement on each of them, and resending
 * from the first one missing (go-back-N). Above it nobody has to wonder about a VOTE-REQUEST that comes after its own
 * COMMIT, or a forwarded `put` that arrives twice. When either side begins a new life, so does the line: both forget
 * what was under way, and what of that must still be said is for the protocol to know (`coordinator/pool.ts`).
 *
 * An acknowledgement of the line says that a message has arrived, not that anything is durable: that is what votes and
 * the protocol's own acknowledgements say.
 */
import type { Millis, NodeId } from '../../core/ids.js';
import type { Ctx, LineBody, LineMessage, LineStamp, Message } from './messages.js';

/** Resent when the other side misses something, and when it is merely silent: it may be busy, and repeating is work. */
const resendMissingMax = 64;
const resendSilentMax = 4;
/** The wait for a silent side doubles each time, up to this many times the first one. */
const patienceMax = 8;

export class Line {
  readonly peer: NodeId;
  readonly epoch: number;
  readonly start: number;
  #next = 1;
  #received = 0;
  /** Sent and not acknowledged, oldest first. */
  #unseen: LineMessage[] = [];
  /** When they were last sent, all together or one after another. */
  #sentAt: Millis = 0;
  /** Since when the oldest of them has been the oldest. */
  #waitingSince: Millis = 0;
  #patience = 1;
  #owesSeen = false;
  #sawGap = false;

  constructor(peer: NodeId, epoch: number, start: number) {
    this.peer = peer;
    this.epoch = epoch;
    this.start = start;
  }

  send(body: LineBody, ctx: Ctx): void {
    const message = { ...body, line: this.#stamp(this.#next) } as LineMessage;
    this.#next += 1;
    this.#owesSeen = false;
    if (this.#unseen.length === 0) {
      this.#waitingSince = ctx.now;
      this.#sentAt = ctx.now;
    }
    this.#unseen.push(message);
    ctx.send(this.peer, message);
  }

  isOf(stamp: LineStamp): boolean {
    return stamp.epoch === this.epoch && stamp.start === this.start;
  }

  /** True when this is the next message of this conversation: it must be acted upon, now and never again. */
  accept(stamp: LineStamp, now: Millis): boolean {
    if (!this.isOf(stamp)) return false;
    this.acknowledged(stamp.seen, now);
    this.#owesSeen = true;
    if (stamp.number === this.#received + 1) {
      this.#received += 1;
      return true;
    }
    if (stamp.number > this.#received) this.#sawGap = true;
    return false;
  }

  /** The other side has had all messages up to this one. */
  acknowledged(seen: number, now: Millis): void {
    if (seen >= this.#next) return;
    let gone = 0;
    while (gone < this.#unseen.length && (this.#unseen[gone] as LineMessage).line.number <= seen) {
      gone += 1;
    }
    if (gone === 0) return;
    this.#unseen = this.#unseen.slice(gone);
    this.#waitingSince = now;
    this.#sentAt = now;
    this.#patience = 1;
  }

  /** Of something missing that it asks for twice within `withinMs` the other side gets it once. */
  onSeen({ line, gap }: Extract<Message, { type: 'seen' }>, withinMs: Millis, ctx: Ctx): void {
    if (!this.isOf(line)) return;
    this.acknowledged(line.seen, ctx.now);
    if (gap && ctx.now - this.#sentAt >= withinMs) this.#resend(resendMissingMax, ctx);
  }

  /** Sends the oldest again if nothing has been acknowledged for `afterMs`. */
  resendSilent(afterMs: Millis, ctx: Ctx): void {
    if (ctx.now - this.#sentAt < afterMs * this.#patience) return;
    if (this.#unseen.length > 0) this.#patience = Math.min(patienceMax, 2 * this.#patience);
    this.#resend(resendSilentMax, ctx);
  }

  /** The other side was out of reach and has been heard again: what it may have missed need not wait. */
  hurry(): void {
    this.#patience = 1;
  }

  #resend(most: number, ctx: Ctx): void {
    if (this.#unseen.length === 0) return;
    this.#sentAt = ctx.now;
    for (const message of this.#unseen.slice(0, most)) ctx.send(this.peer, message);
  }

  /** Tells what has arrived, if that was asked for in vain; at once when something is missing. */
  confirm(onlyGaps: boolean, ctx: Ctx): void {
    if (!this.#sawGap && (onlyGaps || !this.#owesSeen)) return;
    ctx.sendUnsynced(this.peer, { type: 'seen', line: this.#stamp(0), gap: this.#sawGap });
    this.#owesSeen = false;
    this.#sawGap = false;
  }

  /** Says which conversation this is. */
  greet(ctx: Ctx): void {
    ctx.sendUnsynced(this.peer, { type: 'seen', line: this.#stamp(0), gap: false });
  }

  /** For how long the other side has failed to acknowledge the oldest message; 0 when there is none. */
  silentFor(now: Millis): Millis {
    return this.#unseen.length === 0 ? 0 : now - this.#waitingSince;
  }

  /** Something will have to be sent again or confirmed. */
  get isBusy(): boolean {
    return this.#unseen.length > 0 || this.#owesSeen;
  }

  #stamp(number: number): LineStamp {
    return { epoch: this.epoch, start: this.start, number, seen: this.#received };
  }
}
