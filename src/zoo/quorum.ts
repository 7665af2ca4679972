/** Classic mistakes of quorum stores. Who made them in the field, and what comes of them: docs/zoo. */
import type { NodeId } from '../core/ids.js';
import type { ClientRequest, ClientResult } from '../core/operation.js';
import { unavailable } from '../core/results.js';
import type { Parts, ReadPhase, WritePhase } from '../protocols/quorum/coordinator/pending.js';
import { Reads } from '../protocols/quorum/coordinator/reads.js';
import { Writes } from '../protocols/quorum/coordinator/writes.js';
import { HybridClock } from '../protocols/quorum/hybrid-clock.js';
import type { Ctx, Message, PhaseNumber, Quorum } from '../protocols/quorum/messages.js';
import type { QuorumOptions } from '../protocols/quorum/options.js';
import { type QuorumClasses, QuorumReplica } from '../protocols/quorum/replica.js';
import { TombstoneCollector } from '../protocols/quorum/tombstones.js';
import { altering, type Bug, creating } from './bug.js';

/** Replicas are made of these. */
const withClasses =
  (classes: Partial<QuorumClasses>): Bug['plant'] =>
  (mode) =>
    creating<QuorumOptions>(mode, (setup) => new QuorumReplica(setup, classes));

class ReadsWithoutWriteBack extends Reads {
  override settle(phase: ReadPhase, result: ClientResult, ctx: Ctx): void {
    phase.result = result;
    this.answer(phase, ctx);
  }
}

class RestampingReads extends Reads {
  readonly #clock: HybridClock;

  constructor(parts: Parts, onGathered: (phase: ReadPhase, ctx: Ctx) => void) {
    super(parts, onGathered);
    this.#clock = parts.clock;
  }

  protected override repair(phase: ReadPhase, owner: NodeId, number: PhaseNumber, ctx: Ctx): void {
    const version = { stamp: this.#clock.tick(ctx), node: ctx.self };
    if (phase.best !== null) phase.best = { ...phase.best, version };
    super.repair(phase, owner, number, ctx);
  }
}

class WallClock extends HybridClock {
  /** What others have stamped is nothing to it. */
  override observe(): void {}
}

class SloppyWrites extends Writes {
  protected override missed(phase: WritePhase, owner: NodeId, ctx: Ctx): void {
    super.missed(phase, owner, ctx);
    phase.acknowledgedCount += 1;
  }
}

class LonelyCollector extends TombstoneCollector {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    super(parts);
    this.#parts = parts;
  }

  override onTimer(ctx: Ctx): void {
    const { store, options } = this.#parts;
    this.onCollect([...store.tombstonesHeldFor(options.graceMs, ctx.now)], ctx);
    super.onTimer(ctx);
  }
}

/** A read that is to meet the latest write asks one replica. */
function readingOne(request: ClientRequest): ClientRequest {
  const { operation, level } = request;
  const isWeak = typeof level === 'number' || level === 'one' || level === 'two';
  return operation.type !== 'get' || isWeak ? request : { ...request, level: 'one' };
}

function withoutTombstones(message: Message): Message {
  return message.type === 'exchange' || message.type === 'entries'
    ? { ...message, entries: message.entries.filter(({ value }) => value !== null) }
    : message;
}

export const quorumBugs: readonly Bug[] = [
  {
    name: 'quorum-no-overlap',
    mode: 'quorum',
    mistake: 'Reads at level `quorum` ask one replica: R + W is N, and that is taken for strong.',
    promise: 'regular: a stale read',
    plant: (mode) => altering<Quorum>(mode, { asked: readingOne }),
  },
  {
    name: 'quorum-no-write-back',
    mode: 'quorum',
    mistake: 'A read answers with the newest that it has found, and does not write it back first.',
    promise: 'linearizable: a later read finds something older',
    plant: withClasses({ Reads: ReadsWithoutWriteBack }),
  },
  {
    name: 'quorum-wall-clock',
    mode: 'quorum',
    mistake: 'Writes are stamped by the wall clock alone, whatever stamps have been seen.',
    promise: 'regular: an acknowledged write loses against one that was before it',
    plant: withClasses({ HybridClock: WallClock }),
  },
  {
    name: 'quorum-repair-restamps',
    mode: 'quorum',
    mistake: 'Read repair gives what it repairs a new stamp, as if it were a write.',
    promise: 'regular: an old value comes back over a newer one',
    plant: withClasses({ Reads: RestampingReads }),
  },
  {
    name: 'quorum-partial-write-failed',
    mode: 'quorum',
    mistake: 'A write that reached too few replicas in time is said to have failed.',
    promise: 'definite errors: what surely did not happen is read',
    plant: (mode) =>
      altering<Quorum>(mode, {
        context: (ctx) => ({
          reply(request, result) {
            const isTimeout = result.type === 'error' && result.code === 'timeout';
            ctx.reply(request, isTimeout ? unavailable(result.message) : result);
          },
        }),
      }),
  },
  {
    name: 'quorum-tombstone-early',
    mode: 'quorum',
    mistake:
      'A replica forgets a tombstone after the grace period, whether or not the others have it.',
    promise: 'regular: what was deleted comes back',
    plant: withClasses({ TombstoneCollector: LonelyCollector }),
  },
  {
    name: 'quorum-hints-in-memory',
    mode: 'quorum',
    mistake: 'Hints are kept in memory only, and nothing else brings what a replica has missed.',
    promise: 'replicas agree in the end',
    plant: (mode) => altering<Quorum>(mode, { keeps: ({ type }) => type !== 'hint' }),
  },
  {
    name: 'quorum-hint-counts',
    mode: 'quorum',
    mistake: 'A hint for a replica that is out of reach counts as its acknowledgement.',
    promise: 'regular: a read misses an acknowledged write',
    plant: withClasses({ Writes: SloppyWrites }),
  },
  {
    name: 'quorum-anti-entropy-skips-tombstones',
    mode: 'quorum',
    mistake: 'Anti-entropy leaves out tombstones.',
    promise: 'replicas agree in the end',
    plant: (mode) => altering<Quorum>(mode, { received: withoutTombstones }),
  },
];
