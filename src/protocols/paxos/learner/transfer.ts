/**
 * Helping others to catch up: the side that is asked.
 *
 * A log that still reaches back far enough answers by itself. Otherwise the state as it is now is drawn chunk by chunk,
 * as the other side asks for them; the view underneath is copy-on-write (`state/store.ts`), so execution goes on meanwhile.
 * Who has nothing at all always gets a snapshot: it brings the members, which the log alone does not.
 */
import type { Millis, NodeId } from '../../../core/ids.js';
import { batchBytesTarget } from '../../../core/limits.js';
import type { Batch, Slot } from '../command.js';
import type { Ctx, Of } from '../messages.js';
import { firstNumber } from '../numbers.js';
import { times } from '../options.js';
import { captureState, inChunks, type StateItem } from '../records.js';
import type { Learner } from './learner.js';

interface Transfer {
  readonly number: number;
  readonly slot: Slot;
  readonly chunks: Iterator<{ readonly items: readonly StateItem[]; readonly last: boolean }>;
  readonly close: () => void;
  /** The chunk sent last, in case it was lost. */
  chunk: Of<'chunk'> | null;
  usedAt: Millis;
}

export class Transfers {
  readonly #learner: Learner;
  readonly #transfers = new Map<NodeId, Transfer>();
  #lastNumber = 0;

  constructor(learner: Learner) {
    this.#learner = learner;
  }

  get count(): number {
    return this.#transfers.size;
  }

  start(incarnation: number): void {
    this.#lastNumber = firstNumber(incarnation);
  }

  onFetch(from: NodeId, { slot }: Of<'fetch'>, ctx: Ctx): void {
    const { log, applied } = this.#learner;
    if (applied >= slot && (slot === 1 || slot <= log.base)) {
      this.#begin(from, ctx);
      return;
    }
    const batches: Batch[] = [];
    let bytes = 0;
    for (let at = slot; at <= applied && bytes < batchBytesTarget; at++) {
      const entry = log.get(at);
      if (entry === undefined) break;
      if (bytes > 0 && bytes + entry.bytes > batchBytesTarget) break;
      batches.push(entry.batch);
      bytes += entry.bytes;
    }
    ctx.sendUnsynced(from, { type: 'learn', slot, batches, decided: applied });
  }

  onFetchChunk(from: NodeId, { transfer, index }: Of<'fetch-chunk'>, ctx: Ctx): void {
    const held = this.#transfers.get(from);
    const isHeld = held?.number === transfer.number && transfer.source === ctx.self;
    const at = held?.chunk?.index ?? -1;
    if (held === undefined || !isHeld || (index !== at && index !== at + 1)) {
      this.#begin(from, ctx);
      return;
    }
    if (index === at + 1) this.#draw(held, ctx);
    this.#send(from, held, ctx);
  }

  onTick(now: Millis): void {
    for (const [node, { usedAt }] of this.#transfers) {
      if (now - usedAt >= times.transferIdleMs) this.#end(node);
    }
  }

  #begin(to: NodeId, ctx: Ctx): void {
    this.#end(to);
    const { items, close } = captureState(this.#learner.machine);
    const transfer: Transfer = {
      number: ++this.#lastNumber,
      slot: this.#learner.applied,
      chunks: inChunks(items),
      close,
      chunk: null,
      usedAt: ctx.now,
    };
    this.#transfers.set(to, transfer);
    this.#draw(transfer, ctx);
    this.#send(to, transfer, ctx);
  }

  #draw(transfer: Transfer, ctx: Ctx): void {
    const { done, value } = transfer.chunks.next();
    if (done) return;
    const { number, slot, chunk } = transfer;
    const index = (chunk?.index ?? -1) + 1;
    transfer.chunk = {
      type: 'chunk',
      transfer: { source: ctx.self, number },
      slot,
      index,
      ...value,
    };
    if (value.last) transfer.close();
  }

  #send(to: NodeId, transfer: Transfer, ctx: Ctx): void {
    transfer.usedAt = ctx.now;
    if (transfer.chunk !== null) ctx.sendUnsynced(to, transfer.chunk);
  }

  #end(node: NodeId): void {
    this.#transfers.get(node)?.close();
    this.#transfers.delete(node);
  }
}
