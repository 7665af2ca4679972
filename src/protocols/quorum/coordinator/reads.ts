/**
 * The read phase (Dynamo, SOSP 2007, section 4.5): all N replicas are asked, the newest of the first R replies counts.
 *
 * **Read repair.** The replicas that were found stale get the newest version. At level `one` that happens behind the
 * answer. At every level of two and more it happens before: the answer waits until R replicas are known to hold the
 * version (by their reply or by acknowledging the repair), so whoever reads later with R + R > N finds it too, and
 * reads do not go back in time even while the write that they saw is still on its way. With R a majority this is the
 * read-impose of level `linearizable` (`coordinator.ts`). Those that reply after the answer are repaired when the phase ends.
 *
 * A repair is an ordinary write of an existing version, and replicas merge by version: it cannot undo anything newer.
 */
import type { NodeId } from '../../../core/ids.js';
import type { ClientResult } from '../../../core/operation.js';
import { compareVersions, isNewer, type Version } from '../../../core/version.js';
import { type Ctx, noAnswer, type PhaseNumber, type Read, type Reply } from '../messages.js';
import { readTimeoutAnswer } from './answers.js';
import { type Ask, type Parts, type ReadPhase, strike } from './pending.js';

/** How long a read that has been answered waits for late replies. */
const lingerMs = 200;

export class Reads {
  readonly #parts: Parts;
  readonly #onGathered: (phase: ReadPhase, ctx: Ctx) => void;

  /** `onGathered` is called once for a phase, when enough replies are in; it settles or drops the phase. */
  constructor(parts: Parts, onGathered: (phase: ReadPhase, ctx: Ctx) => void) {
    this.#parts = parts;
    this.#onGathered = onGathered;
  }

  start(ask: Ask, purpose: ReadPhase['purpose'], ctx: Ctx): void {
    const { clock, self, store, batches, pending, options } = this.#parts;
    const phase: ReadPhase = {
      kind: 'read',
      number: clock.tick(ctx),
      ask,
      purpose,
      state: 'gathering',
      result: null,
      best: null,
      current: [],
      stale: [],
      waiting: ask.owners.filter((owner) => owner !== self),
      answered: false,
      resendAt: ctx.now + options.resendMs,
      resendAfter: options.resendMs,
      lingerUntil: 0,
    };
    pending.add(phase);
    for (const owner of phase.waiting) batches.to(owner).reads.push(this.#question(phase));
    if (phase.waiting.length < ask.owners.length) {
      const held = store.get(ask.operation.key);
      this.#learn(phase, self, held?.version ?? null, held?.value ?? null);
      this.#progress(phase, ctx);
    }
  }

  onReply(phase: ReadPhase, from: NodeId, reply: Reply, ctx: Ctx): void {
    if (!strike(phase.waiting, from)) return;
    if (phase.state === 'imposing') {
      // The version being imposed stays what it is; a newer one counts as holding it.
      const behind = phase.best !== null && isNewer(phase.best.version, reply.version);
      (behind ? phase.stale : phase.current).push(from);
      if (behind) this.repair(phase, from, phase.number, ctx);
    } else {
      this.#learn(phase, from, reply.version, reply.value);
    }
    this.#progress(phase, ctx);
  }

  /** A repair has arrived: `from` holds the version, or a newer one. */
  onRepaired(phase: ReadPhase, from: NodeId, ctx: Ctx): void {
    if (phase.state === 'gathering' || !strike(phase.stale, from)) return;
    phase.current.push(from);
    this.#progress(phase, ctx);
  }

  /** `owner` has lost what it showed, and does not count as holding it. */
  onLoss(phase: ReadPhase, owner: NodeId): void {
    if (!phase.answered && strike(phase.current, owner)) phase.stale.push(owner);
  }

  /** `result` goes to the client once the version it rests on is on as many replicas as the level asks for. */
  settle(phase: ReadPhase, result: ClientResult, ctx: Ctx): void {
    phase.result = result;
    phase.state = 'imposing';
    if (phase.ask.readNeeded === 1) {
      this.answer(phase, ctx);
      return;
    }
    if (phase.current.length < phase.ask.readNeeded) {
      for (const owner of [...phase.stale]) this.repair(phase, owner, phase.number, ctx);
    }
    this.#progress(phase, ctx);
  }

  /** Ends the phase without an answer: another phase goes on for it. */
  drop(phase: ReadPhase): void {
    this.#parts.pending.delete(phase);
  }

  /** Ends a phase that has been answered, and repairs whoever was found stale. */
  letGo(phase: ReadPhase, ctx: Ctx): void {
    for (const owner of [...phase.stale]) this.repair(phase, owner, noAnswer, ctx);
    this.#parts.pending.delete(phase);
  }

  sweep(phase: ReadPhase, ctx: Ctx): void {
    const { detector } = this.#parts;
    if (phase.answered) {
      const hopeless = !phase.waiting.some((owner) => detector.isAlive(owner));
      if (hopeless || ctx.now >= phase.lingerUntil) this.letGo(phase, ctx);
    } else if (ctx.now >= phase.ask.deadline) {
      ctx.reply(phase.ask.id, readTimeoutAnswer(phase));
      this.#parts.pending.delete(phase);
    } else if (ctx.now >= phase.resendAt) {
      for (const owner of phase.waiting)
        this.#parts.batches.to(owner).reads.push(this.#question(phase));
      if (phase.state === 'imposing') {
        for (const owner of phase.stale) this.repair(phase, owner, phase.number, ctx);
      }
      phase.resendAfter *= 2;
      phase.resendAt = ctx.now + phase.resendAfter;
    }
  }

  #question(phase: ReadPhase): Read {
    const { key } = phase.ask.operation;
    return { phase: phase.number, key, versionOnly: phase.purpose === 'stamp' };
  }

  /** Takes in what one replica holds. */
  #learn(phase: ReadPhase, from: NodeId, version: Version | null, value: Uint8Array | null): void {
    const best = phase.best?.version ?? null;
    if (version !== null && isNewer(version, best)) {
      phase.stale.push(...phase.current);
      phase.current = [from];
      phase.best = { version, value };
    } else if (best === null || (version !== null && compareVersions(version, best) === 0)) {
      phase.current.push(from);
    } else {
      phase.stale.push(from);
    }
  }

  #progress(phase: ReadPhase, ctx: Ctx): void {
    const { readNeeded } = phase.ask;
    if (phase.state === 'gathering') {
      if (phase.current.length + phase.stale.length >= readNeeded) this.#onGathered(phase, ctx);
    } else if (phase.state === 'imposing') {
      if (phase.current.length >= readNeeded) this.answer(phase, ctx);
    } else if (phase.waiting.length === 0) {
      this.letGo(phase, ctx);
    }
  }

  protected answer(phase: ReadPhase, ctx: Ctx): void {
    if (phase.result !== null) ctx.reply(phase.ask.id, phase.result);
    phase.state = 'lingering';
    phase.lingerUntil = ctx.now + lingerMs;
    this.#parts.pending.markAnswered(phase);
    if (phase.waiting.length === 0) this.letGo(phase, ctx);
  }

  protected repair(phase: ReadPhase, owner: NodeId, number: PhaseNumber, ctx: Ctx): void {
    if (phase.best === null) return;
    const { self, store, batches } = this.#parts;
    const { version, value } = phase.best;
    const { key } = phase.ask.operation;
    if (owner !== self) {
      batches.to(owner).writes.push({ phase: number, key, version, value });
      return;
    }
    store.accept({ key, version, value }, ctx);
    if (strike(phase.stale, owner)) phase.current.push(owner);
  }
}
