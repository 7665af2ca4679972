import type { NodeId } from '../../../core/ids.js';
import { InvariantError, unreachable } from '../../../core/invariant.js';
import { type ClientRequest, isAdmin } from '../../../core/operation.js';
import { overloaded } from '../../../core/results.js';
import { valueToWrite } from '../../shared/evaluate.js';
import { majorityOf, requirementOf } from '../levels.js';
import type { Ack, Ctx, Reply } from '../messages.js';
import { writeAboveHighest } from './abd.js';
import { unavailableAnswer } from './answers.js';
import { checkThenWrite } from './conditional.js';
import type { Ask, Parts, ReadPhase } from './pending.js';
import { Reads } from './reads.js';
import { Writes } from './writes.js';

/** How often phases are looked at: deadlines and resends are met this much late at most. */
const sweepMs = 25;

export class Coordinator {
  readonly #parts: Parts;
  readonly #reads: Reads;
  readonly #writes: Writes;
  #sweeping = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#writes = new Writes(parts);
    this.#reads = new Reads(parts, (phase, ctx) => this.#onGathered(phase, ctx));
  }

  onRequest(request: ClientRequest, ctx: Ctx): void {
    const { pending, detector, self } = this.#parts;
    const ask = this.#askOf(request, ctx);
    if (pending.full) return ctx.reply(request.id, overloaded(self));
    const unavailable = unavailableAnswer(
      ask.owners,
      Math.max(ask.readNeeded, ask.writeNeeded),
      detector,
    );
    if (unavailable !== null) return ctx.reply(request.id, unavailable);
    this.#begin(ask, ctx);
    this.#boundLingerers(ctx);
    this.#keepSweeping(ctx);
  }

  onAck(from: NodeId, ack: Ack, ctx: Ctx): void {
    this.#parts.clock.observe(ack.newerStamp, ctx);
    const phase = this.#parts.pending.get(ack.phase);
    if (phase?.kind === 'write') this.#writes.onAck(phase, from, ack, ctx);
    else if (phase?.kind === 'read') this.#reads.onRepaired(phase, from, ctx);
  }

  onReply(from: NodeId, reply: Reply, ctx: Ctx): void {
    if (reply.version !== null) this.#parts.clock.observe(reply.version.stamp, ctx);
    const phase = this.#parts.pending.get(reply.phase);
    if (phase?.kind === 'read') this.#reads.onReply(phase, from, reply, ctx);
  }

  /** The timer's turn: resends, gives up, lets go. */
  sweep(ctx: Ctx): void {
    this.#sweeping = false;
    for (const phase of this.#parts.pending.phases()) {
      if (phase.kind === 'read') this.#reads.sweep(phase, ctx);
      else this.#writes.sweep(phase, ctx);
    }
    this.#keepSweeping(ctx);
  }

  #begin(ask: Ask, ctx: Ctx): void {
    const { operation } = ask;
    switch (operation.type) {
      case 'get':
        this.#reads.start(ask, 'get', ctx);
        break;
      case 'put':
      case 'delete':
        if (ask.linearizable) this.#reads.start(ask, 'stamp', ctx);
        else this.#writes.start(ask, valueToWrite(operation), this.#existsHere(ask), false, ctx);
        break;
      case 'insert':
      case 'update':
      case 'cas':
        this.#reads.start(ask, 'condition', ctx);
        break;
      default:
        unreachable(operation, 'operation');
    }
  }

  #onGathered(phase: ReadPhase, ctx: Ctx): void {
    switch (phase.purpose) {
      case 'get': {
        const value = phase.best?.value ?? null;
        const version = phase.best?.version ?? null;
        this.#reads.settle(phase, { type: 'value', value, version }, ctx);
        break;
      }
      case 'stamp':
        writeAboveHighest(phase, this.#parts, this.#reads, this.#writes, ctx);
        break;
      case 'condition':
        checkThenWrite(phase, this.#parts, this.#reads, this.#writes, ctx);
        break;
      default:
        unreachable(phase.purpose, 'purpose');
    }
  }

  #askOf({ id, operation, level, timeoutMs }: ClientRequest, ctx: Ctx): Ask {
    const { ring, options } = this.#parts;
    if (isAdmin(operation) || operation.type === 'txn') {
      throw new InvariantError(`the catalogue has let ${operation.type} through`);
    }
    const { type } = operation;
    const byDefault = type === 'get' ? options.read : options.write;
    const { needed, linearizable } = requirementOf(level ?? byDefault, options.replicas);
    const isConditional = type !== 'get' && type !== 'put' && type !== 'delete';
    return {
      ...{ id, operation, timeoutMs, linearizable },
      owners: ring.ownersOf(operation.key),
      deadline: ctx.now + timeoutMs,
      readNeeded: isConditional ? Math.max(majorityOf(options.replicas), needed) : needed,
      writeNeeded: needed,
    };
  }

  /** What this node's own copy says, `null` when it keeps none. */
  #existsHere(ask: Ask): boolean | null {
    if (!ask.owners.includes(this.#parts.self)) return null;
    const held = this.#parts.store.get(ask.operation.key);
    return held !== undefined && held.value !== null;
  }

  #boundLingerers(ctx: Ctx): void {
    for (;;) {
      const phase = this.#parts.pending.lingererBeyondBound();
      if (phase === null) return;
      if (phase.kind === 'read') this.#reads.letGo(phase, ctx);
      else this.#writes.letGo(phase, ctx);
    }
  }

  #keepSweeping(ctx: Ctx): void {
    if (this.#sweeping || this.#parts.pending.size === 0) return;
    this.#sweeping = true;
    ctx.setTimer('sweep', sweepMs);
  }
}
