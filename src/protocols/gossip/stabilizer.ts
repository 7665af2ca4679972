/**
 * `stabilize`: whichever node is asked is the root of a wave (`wave.ts`) and answers when the wave is over.
 *
 * Waves of different roots run side by side and don't disturb each other. A node runs one wave of its own at a time;
 * whoever asks meanwhile is answered by the next, which includes what was written before. A wave that is lost is
 * followed by another attempt until the client's time is over; then it is not known who holds what.
 */
import type { Millis, NodeId, RequestId } from '../../core/ids.js';
import type { ClientRequest, ClientResult } from '../../core/operation.js';
import { overloaded, timedOut } from '../../core/results.js';
import type { AntiEntropy } from './anti-entropy.js';
import type { Ctx, MessageOf, WaveId } from './messages.js';
import { bounds, times } from './options.js';
import type { Parts } from './parts.js';
import { Wave } from './wave.js';

interface Waiting {
  readonly id: RequestId;
  readonly deadline: Millis;
}

export class Stabilizer {
  readonly #parts: Parts;
  readonly #antiEntropy: AntiEntropy;
  /** By root. */
  readonly #waves = new Map<NodeId, Wave>();
  /** The number of the last wave of each root that is known to be over. */
  readonly #ended = new Map<NodeId, number>();
  /** Answered by the wave under way, and by the next. */
  #served: Waiting[] = [];
  #waiting: Waiting[] = [];
  #attempts = 0;
  #isBeating = false;
  /** Of the last wave that began here and succeeded. */
  #last: { readonly rounds: number; readonly messages: number } | null = null;

  constructor(parts: Parts, antiEntropy: AntiEntropy) {
    this.#parts = parts;
    this.#antiEntropy = antiEntropy;
  }

  get waveCount(): number {
    return this.#waves.size;
  }

  waves(): Iterable<Wave> {
    return this.#waves.values();
  }

  /** Of the last one that succeeded here. */
  get facts(): readonly (readonly [string, number])[] {
    if (this.#last === null) return [];
    return [
      ['rounds of the last stabilize', this.#last.rounds],
      ['messages of the last stabilize', this.#last.messages],
    ];
  }

  onRequest({ id, timeoutMs }: ClientRequest, ctx: Ctx): void {
    if (this.#waiting.length + this.#served.length >= bounds.stabilizeMax) {
      return ctx.reply(id, overloaded(ctx.self));
    }
    this.#waiting.push({ id, deadline: ctx.now + timeoutMs });
    this.#startNext(ctx);
  }

  onMessage(from: NodeId, message: MessageOf<'wave' | 'decline' | 'echo'>, ctx: Ctx): void {
    const { root, number } = message.wave;
    if (root === ctx.self && number > this.#parts.serial.last) return this.#outdo(number, ctx);
    const wave = this.#current(message.wave);
    if (message.type === 'wave') this.#onWave(from, message, wave, ctx);
    else if (message.type === 'decline') wave?.onDecline(from, ctx);
    else if (wave !== null) wave.onEcho(from, message, ctx);
    else if (this.#isOver(message.wave)) this.#sayDone(from, message.wave, ctx);
    if (root === ctx.self) this.#look(ctx);
  }

  /** From anti-entropy: what `purpose` wanted has been pulled. */
  onPulled(from: NodeId, purpose: string, messages: number, ctx: Ctx): void {
    for (const wave of this.#waves.values()) {
      if (purposeOf(wave.id) === purpose) wave.onPulled(from, messages, ctx);
    }
    this.#look(ctx);
  }

  onBeat(ctx: Ctx): void {
    this.#isBeating = false;
    this.#expire(ctx);
    this.#antiEntropy.sweep(ctx);
    for (const wave of [...this.#waves.values()]) {
      // For good: or nodes whose root is gone would make each other join again and again.
      if (wave.isOrphan) this.#end(wave, ctx);
      else wave.onBeat(ctx);
    }
    this.#look(ctx);
    this.#keepBeating(ctx);
  }

  #onWave(from: NodeId, message: MessageOf<'wave'>, wave: Wave | null, ctx: Ctx): void {
    const { wave: id, phase } = message;
    if (phase === 'done') {
      if (wave !== null && wave.parent === from) this.#end(wave, ctx);
    } else if (wave !== null) {
      wave.onWave(from, message, ctx);
    } else if (this.#isOver(id)) {
      this.#sayNewest(id, ctx);
    } else if (id.root !== ctx.self && this.#waves.size < bounds.wavesMax) {
      this.#join(id, from, message, ctx);
    }
  }

  /** Its root may not know of the wave that this one is too old for: somebody else made that one up. */
  #sayNewest({ root, number }: WaveId, ctx: Ctx): void {
    const newest = Math.max(this.#ended.get(root) ?? 0, this.#waves.get(root)?.id.number ?? 0);
    if (newest === number || root === ctx.self) return;
    ctx.send(root, { type: 'decline', wave: { root, number: newest } });
  }

  /** A wave of this name did not begin here, but somebody has seen it and takes no older one. */
  #outdo(number: number, ctx: Ctx): void {
    this.#parts.serial.observe(number, ctx);
    const wave = this.#waves.get(ctx.self);
    if (wave === undefined) return;
    this.#forget(wave);
    this.#attempt(ctx);
  }

  #join(
    id: WaveId,
    parent: NodeId | null,
    { patienceMs, beat }: Pick<MessageOf<'wave'>, 'patienceMs' | 'beat'>,
    ctx: Ctx,
  ): void {
    const neighbours = this.#parts.members.partners(ctx).filter((peer) => peer !== parent);
    const purpose = purposeOf(id);
    const pull = (from: NodeId, now: Ctx): void => this.#antiEntropy.pull(from, purpose, now);
    this.#waves.set(id.root, new Wave({ id, parent, neighbours, patienceMs, beat, pull }, ctx));
    this.#keepBeating(ctx);
  }

  #startNext(ctx: Ctx): void {
    if (this.#served.length > 0 || this.#waiting.length === 0) return;
    this.#served = this.#waiting;
    this.#waiting = [];
    this.#attempts = 0;
    this.#attempt(ctx);
  }

  #attempt(ctx: Ctx): void {
    const patienceMs = Math.min(times.patienceMs * 2 ** this.#attempts, times.patienceMsMax);
    this.#attempts += 1;
    const id = { root: ctx.self, number: this.#parts.serial.next(ctx) };
    this.#join(id, null, { patienceMs, beat: 0 }, ctx);
    this.#look(ctx);
  }

  /** Whether the wave that began here has come to its end, one way or the other. */
  #look(ctx: Ctx): void {
    const wave = this.#waves.get(ctx.self);
    if (wave === undefined) return;
    if (wave.isSettled) {
      const nodes = [ctx.self, ...wave.nodes].sort();
      const { messages } = wave;
      this.#end(wave, ctx);
      this.#last = { rounds: this.#attempts, messages };
      this.#answer({ type: 'stabilized', nodes, ...this.#last }, ctx);
      this.#startNext(ctx);
    } else if (wave.isLost) {
      this.#forget(wave);
      this.#attempt(ctx);
    }
  }

  #answer(result: ClientResult, ctx: Ctx): void {
    for (const { id } of this.#served) ctx.reply(id, result);
    this.#served = [];
  }

  #expire(ctx: Ctx): void {
    const expired = [...this.#served, ...this.#waiting].filter(
      ({ deadline }) => deadline <= ctx.now,
    );
    if (expired.length === 0) return;
    for (const { id } of expired) {
      const message = `${ctx.self} could not bring all that it reaches to the same state in time`;
      ctx.reply(id, timedOut(message));
    }
    this.#served = this.#served.filter((each) => !expired.includes(each));
    this.#waiting = this.#waiting.filter((each) => !expired.includes(each));
    const wave = this.#waves.get(ctx.self);
    if (this.#served.length > 0 || wave === undefined) return;
    this.#end(wave, ctx);
    this.#startNext(ctx);
  }

  #end(wave: Wave, ctx: Ctx): void {
    const { root, number } = wave.id;
    wave.end(ctx);
    this.#forget(wave);
    this.#ended.delete(root);
    this.#ended.set(root, number);
    if (this.#ended.size <= bounds.wavesMax) return;
    for (const oldest of this.#ended.keys()) {
      this.#ended.delete(oldest);
      break;
    }
  }

  #forget({ id }: Wave): void {
    this.#waves.delete(id.root);
    this.#antiEntropy.release(purposeOf(id));
  }

  #sayDone(to: NodeId, wave: WaveId, ctx: Ctx): void {
    ctx.send(to, { type: 'wave', wave, phase: 'done', beat: 0, patienceMs: 0 });
  }

  /** The wave of this name; a newer one of the same root takes the place of an older. */
  #current({ root, number }: WaveId): Wave | null {
    const wave = this.#waves.get(root);
    if (wave === undefined || wave.id.number > number) return null;
    if (wave.id.number === number) return wave;
    if (wave.parent !== null) this.#forget(wave);
    return null;
  }

  #isOver({ root, number }: WaveId): boolean {
    const newer = this.#waves.get(root)?.id.number ?? 0;
    return number <= Math.max(this.#ended.get(root) ?? 0, newer - 1);
  }

  #keepBeating(ctx: Ctx): void {
    if (this.#isBeating || (this.#waves.size === 0 && this.#served.length === 0)) return;
    this.#isBeating = true;
    ctx.setTimer('wave', times.beatMs);
  }
}

function purposeOf({ root, number }: WaveId): string {
  return `${root} ${number}`;
}
