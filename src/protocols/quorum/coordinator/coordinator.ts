/**
 * The coordinator of a request: a get reads, a put or a delete writes, and where a write depends on what is there it reads
 * first.
 *
 * **Level `linearizable`** is the atomic register of Attiya, Bar-Noy and Dolev (Sharing Memory Robustly in Message-Passing
 * Systems, J. ACM 42(1), 1995) with many writers (Lynch and Shvartsman, FTCS 1997).
 *
 * 1. A write first asks a majority for the highest version they hold, then writes under a greater stamp to a majority.
 * 2. A read asks a majority for their newest version and writes it back to a majority before it answers, so that no
 *    later read can find something older. When the whole majority already agreed there is nothing to write back. That
 *    needs no code here: `reads.ts` imposes at every level of two replicas or more, and this level's R is a majority.
 *
 * Any two majorities share a replica; hence every operation sees what was completed before it began. Each phase has
 * its own number, so a late or repeated reply of an earlier phase, or of an earlier life of the coordinator, counts for
 * nothing. The version is chosen once, after the first phase, whatever has to be sent again. A coordinator that
 * crashes between its phases leaves a write that some replicas may hold: it was never acknowledged, and the first read
 * that meets it either imposes it on a majority or did not see it.
 *
 * The guarantee holds for a key when *all* operations on it use this level: a write of level `quorum` may take a stamp
 * below one that is complete, a write of level `one` may be missed by a majority.
 *
 * **`insert`, `update` and `cas`** read, check and write. What they promise is little, and said plainly: the condition held
 * for the newest version on a majority (or more, if the level asks for more) at some moment after the request came, and
 * the write carries a greater stamp than that version. Nothing keeps another write from coming between. **They are not
 * atomic**: two concurrent inserts of a key may both succeed, two concurrent `cas` from the same value likewise; the one
 * with the greater version stays. That is what registers can do without consensus (Herlihy, TOPLAS 1991: their consensus
 * number is 1); modes `2pc` and `paxos` do better. A refusal is as good as a read: it tells the value and version that were
 * there, and at every level waits until R replicas hold them.
 */
import type { NodeId } from '../../../core/ids.js';
import { InvariantError, unreachable } from '../../../core/invariant.js';
import { type ClientRequest, isAdmin } from '../../../core/operation.js';
import { overloaded } from '../../../core/results.js';
import { refusedBy, valueToWrite } from '../../shared/evaluate.js';
import { majorityOf, neededFor } from '../levels.js';
import type { Ack, Ctx, Reply } from '../messages.js';
import { unavailableAnswer } from './answers.js';
import type { Ask, Parts, ReadPhase } from './pending.js';
import type { Reads } from './reads.js';
import type { Writes } from './writes.js';

/** How often phases are looked at: deadlines and resends are met this much late at most. */
const sweepMs = 25;

export class Coordinator {
  readonly #parts: Parts;
  readonly #reads: Reads;
  readonly #writes: Writes;
  #sweeping = false;

  constructor(
    parts: Parts,
    classes: { readonly Reads: typeof Reads; readonly Writes: typeof Writes },
  ) {
    this.#parts = parts;
    this.#writes = new classes.Writes(parts);
    this.#reads = new classes.Reads(parts, (phase, ctx) => this.#onGathered(phase, ctx));
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

  /** A replica that has lost its data knows nothing of what its earlier self has said. */
  onLoss(owner: NodeId): void {
    for (const phase of this.#parts.pending.phases()) {
      if (phase.kind === 'read') this.#reads.onLoss(phase, owner);
      else this.#writes.onLoss(phase, owner);
    }
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

  /**
   * The newest version is known. A write goes out above it: the clock has seen every stamp of the replies, so the next tick
   * is greater.
   */
  #onGathered(phase: ReadPhase, ctx: Ctx): void {
    const { operation, owners, writeNeeded, id } = phase.ask;
    const { value = null, version = null } = phase.best ?? {};
    if (phase.purpose === 'get') {
      return this.#reads.settle(phase, { type: 'value', value, version }, ctx);
    }
    const refused = refusedBy(operation, phase.best);
    if (refused !== null) return this.#reads.settle(phase, refused, ctx);
    this.#reads.drop(phase);
    const unavailable = unavailableAnswer(owners, writeNeeded, this.#parts.detector);
    if (unavailable !== null) return ctx.reply(id, unavailable);
    this.#writes.start(phase.ask, valueToWrite(operation), value !== null, true, ctx);
  }

  #askOf({ id, operation, level, timeoutMs }: ClientRequest, ctx: Ctx): Ask {
    const { ring, options } = this.#parts;
    if (isAdmin(operation) || operation.type === 'txn') {
      throw new InvariantError(`the catalogue has let ${operation.type} through`);
    }
    const { type } = operation;
    const at = level ?? (type === 'get' ? options.read : options.write);
    const needed = neededFor(at, options.replicas);
    const isConditional = type !== 'get' && type !== 'put' && type !== 'delete';
    return {
      ...{ id, operation, timeoutMs, linearizable: at === 'linearizable' },
      owners: ring.ownersOf(operation.key),
      deadline: ctx.now + timeoutMs,
      readNeeded: isConditional ? Math.max(majorityOf(options.replicas), needed) : needed,
      writeNeeded: needed,
    };
  }

  /** What this node's own copy says, `null` when it keeps none. */
  #existsHere(ask: Ask): boolean | null {
    if (!ask.owners.includes(this.#parts.self)) return null;
    return this.#parts.store.holdsValue(ask.operation.key);
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
