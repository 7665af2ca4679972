/**
 * The coordinator of a request: any node, whether replica of the key or not (Dynamo, SOSP 2007, section 4.5).
 *
 * It checks the request, refuses what surely cannot succeed before anything is sent, and then runs one or two phases:
 *
 * | operation | phases |
 * |---|---|
 * | get | read |
 * | put, delete | write |
 * | put, delete at `linearizable` | read of versions, write (`abd.ts`) |
 * | insert, update, cas | read, write (`conditional.ts`) |
 */
import { KvxError } from '../../../core/errors.js';
import type { NodeId } from '../../../core/ids.js';
import { unreachable } from '../../../core/invariant.js';
import { isByteString } from '../../../core/key.js';
import { keyBytesMax, valueBytesMax } from '../../../core/limits.js';
import {
  type ClientRequest,
  type ClientResult,
  isAdmin,
  type KeyOperation,
} from '../../../core/operation.js';
import { badRequest, overloaded } from '../../../core/results.js';
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
    if ('type' in ask) return ctx.reply(request.id, ask);
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

  #askOf(request: ClientRequest, ctx: Ctx): Ask | ClientResult {
    const { ring, options } = this.#parts;
    const { operation, timeoutMs } = request;
    if (isAdmin(operation) || operation.type === 'txn') {
      return badRequest(`mode quorum has no ${operation.type}`);
    }
    const problem = problemWith(operation);
    if (problem !== null) return badRequest(problem);
    try {
      const level = request.level ?? (operation.type === 'get' ? options.read : options.write);
      const { needed, linearizable } = requirementOf(level, options.replicas);
      const isConditional =
        operation.type !== 'get' && operation.type !== 'put' && operation.type !== 'delete';
      return {
        id: request.id,
        operation,
        owners: ring.ownersOf(operation.key),
        timeoutMs,
        deadline: ctx.now + timeoutMs,
        readNeeded: isConditional ? Math.max(majorityOf(options.replicas), needed) : needed,
        writeNeeded: needed,
        linearizable,
      };
    } catch (error) {
      if (error instanceof KvxError) return badRequest(error.message);
      throw error;
    }
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

function problemWith(operation: KeyOperation): string | null {
  const { key } = operation;
  if (key.length < 1 || key.length > keyBytesMax || !isByteString(key)) {
    return `a key has 1 to ${keyBytesMax} bytes, not ${key.length}`;
  }
  const value = 'value' in operation ? operation.value : null;
  const expected = operation.type === 'cas' ? operation.expected : null;
  const longest = Math.max(value?.length ?? 0, expected?.length ?? 0);
  return longest > valueBytesMax
    ? `a value has at most ${valueBytesMax} bytes, not ${longest}`
    : null;
}
