/**
 * The write phase (Dynamo, SOSP 2007, section 4.5): the coordinator gives the write its version, sends it to all N
 * replicas, and answers when W of them hold it durably. It goes on sending to the silent, as links lose messages, and
 * leaves a hint for those that never answered.
 *
 * **A stamp that came too late.** Clocks are skewed, so a write may be stamped lower than one that was acknowledged
 * before it began, and last-write-wins would throw it away for good, against R + W > N's promise that a read meets the
 * latest completed write. A replica that holds something newer says so in its acknowledgement; W acknowledgements meet
 * every earlier write of W replicas when 2W > N. So when the first W report a newer stamp, the coordinator writes once
 * more under a greater one before it answers. Once is enough: whatever is newer than that began after this write did,
 * and concurrent writes may be ordered either way. (It is the two-phase write of level `linearizable` with its first phase
 * skipped until it proves necessary. Until the second round is done a reader may meet the value, lose it to the other write
 * and meet it again: regular, not linearizable.)
 */
import type { NodeId } from '../../../core/ids.js';
import type { StoredEntry } from '../../../core/replica.js';
import { compareVersions } from '../../../core/version.js';
import type { Ack, Ctx } from '../messages.js';
import { writeTimeoutAnswer } from './answers.js';
import { type Ask, type Parts, strike, type WritePhase } from './pending.js';

const nobody: readonly NodeId[] = [];

export class Writes {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `existed`: what is known about the key before. `stampIsSafe`: it has been chosen above all completed writes. */
  start(
    ask: Ask,
    value: Uint8Array | null,
    existed: boolean | null,
    stampIsSafe: boolean,
    ctx: Ctx,
  ): void {
    const { clock, self, store, detector, batches, pending, options } = this.#parts;
    const number = clock.tick(ctx);
    const entry: StoredEntry = {
      key: ask.operation.key,
      version: { stamp: number, node: self },
      value,
    };
    const phase: WritePhase = {
      kind: 'write',
      number,
      ask,
      entry,
      existed,
      // Lists that begin empty get room for many with their first item, and there is one for each write under way.
      waiting: ask.owners.slice(),
      answered: false,
      acknowledgedCount: 0,
      missed: nobody,
      newerStamp: 0,
      mayStampAnew: !stampIsSafe,
      resendAt: ctx.now + options.resendMs,
      resendAfter: options.resendMs,
    };
    pending.add(phase);
    for (const owner of ask.owners) {
      if (owner === self) {
        // This node's own copy counts: the answer is held back until it is durable.
        const version = store.accept(entry, ctx);
        strike(phase.waiting, self);
        phase.acknowledgedCount += 1;
        if (compareVersions(version, entry.version) > 0) phase.newerStamp = version.stamp;
      } else if (detector.isAlive(owner)) {
        batches.to(owner).writes.push({ phase: number, ...entry });
      } else {
        strike(phase.waiting, owner);
        this.missed(phase, owner, ctx);
      }
    }
    this.#progress(phase, ctx);
  }

  onAck(phase: WritePhase, from: NodeId, ack: Ack, ctx: Ctx): void {
    if (!strike(phase.waiting, from)) return;
    phase.acknowledgedCount += 1;
    phase.newerStamp = Math.max(phase.newerStamp, ack.newerStamp);
    this.#progress(phase, ctx);
  }

  /** What `owner` has acknowledged, it has lost: it is asked again, unless the client has its answer. */
  onLoss(phase: WritePhase, owner: NodeId): void {
    const { ask, answered, waiting, missed } = phase;
    if (answered || !ask.owners.includes(owner)) return;
    if (waiting.includes(owner) || missed.includes(owner)) return;
    phase.acknowledgedCount -= 1;
    waiting.push(owner);
  }

  sweep(phase: WritePhase, ctx: Ctx): void {
    const { detector, options } = this.#parts;
    if (ctx.now >= phase.ask.deadline) {
      if (!phase.answered) ctx.reply(phase.ask.id, writeTimeoutAnswer(phase));
      this.letGo(phase, ctx);
      return;
    }
    if (phase.answered && !phase.waiting.some((owner) => detector.isAlive(owner))) {
      this.letGo(phase, ctx);
      return;
    }
    if (ctx.now < phase.resendAt) return;
    for (const owner of phase.waiting) {
      if (detector.isAlive(owner))
        this.#parts.batches.to(owner).writes.push({ phase: phase.number, ...phase.entry });
    }
    phase.resendAfter = Math.max(phase.resendAfter * 2, options.resendMs);
    phase.resendAt = ctx.now + phase.resendAfter;
  }

  /** This owner is out of reach. */
  protected missed(phase: WritePhase, owner: NodeId, ctx: Ctx): void {
    phase.missed = [...phase.missed, owner];
    this.#parts.hints.keep(owner, phase.entry, ctx);
  }

  /** Ends the phase; whoever has not acknowledged gets a hint. */
  letGo(phase: WritePhase, ctx: Ctx): void {
    for (const owner of phase.waiting) this.#parts.hints.keep(owner, phase.entry, ctx);
    this.#parts.pending.delete(phase);
  }

  #progress(phase: WritePhase, ctx: Ctx): void {
    const { pending } = this.#parts;
    if (!phase.answered && phase.acknowledgedCount >= phase.ask.writeNeeded) {
      if (phase.newerStamp > 0 && phase.mayStampAnew) {
        pending.delete(phase);
        this.#parts.clock.observe(phase.newerStamp, ctx);
        this.start(phase.ask, phase.entry.value, phase.existed, true, ctx);
        return;
      }
      const { entry, existed } = phase;
      ctx.reply(phase.ask.id, { type: 'done', version: entry.version, existed });
      pending.markAnswered(phase);
    }
    if (phase.answered && phase.waiting.length === 0) pending.delete(phase);
  }
}
