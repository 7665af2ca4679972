/**
 * Mode `quorum`: a replicated store after Dynamo (DeCandia, Hastorun, Jampani, Kakulapati, Lakshman, Pilchin,
 * Sivasubramanian, Vosshall, Vogels: Dynamo: Amazon's Highly Available Key-value Store, SOSP 2007).
 *
 * 1. A key belongs to N nodes, its preference list on a hash ring (`ring.ts`).
 * 2. Any node coordinates a request. It sends a write to all N and answers when W have it durably; it asks all N for a
 *    read and answers with the newest of R replies (`coordinator/`). Who is out of reach is known to a failure detector
 *    (`failure-detector.ts`).
 * 3. A replica keeps the newest version of each key, by the stamp of a hybrid clock, then by node (`store.ts`,
 *    `hybrid-clock.ts`). A delete is a write of a tombstone, collected when nothing older is left (`tombstones.ts`).
 * 4. What a replica has missed comes to it in three ways: by read repair, by hinted handoff (`hints.ts`), and by
 *    anti-entropy (`anti-entropy.ts`).
 *
 * What differs from Dynamo, and why: versions are stamps and the last write wins, no vector clocks, because clients of
 * a plain key-value store have no way to merge siblings; quorums are strict, hints do not count, so that R + W > N means
 * what people think it means; read repair comes before the answer, so that reads do not go back in time; and there is a
 * level `linearizable` (`coordinator/coordinator.ts`).
 *
 * This file is the outside of the actor: it hands each message to the part that it is for, and answers the two things
 * that a replica is asked by coordinators, `write` and `read`.
 */
import type { NodeId } from '../../core/ids.js';
import { unreachable } from '../../core/invariant.js';
import type { ClientRequest } from '../../core/operation.js';
import type { Rejoin, Replica, ReplicaSetup, ReplicaView } from '../../core/replica.js';
import { compareVersions } from '../../core/version.js';
import { stillCopying } from '../shared/copying.js';
import { NumberGuard } from '../shared/number-guard.js';
import { AntiEntropy } from './anti-entropy.js';
import { Batches } from './batches.js';
import { Coordinator } from './coordinator/coordinator.js';
import { type Parts, PendingTable } from './coordinator/pending.js';
import { Reads } from './coordinator/reads.js';
import { Writes } from './coordinator/writes.js';
import { FailureDetector } from './failure-detector.js';
import { Hints } from './hints.js';
import { HybridClock } from './hybrid-clock.js';
import {
  type Ctx,
  type Message,
  messageShape,
  noAnswer,
  type Quorum,
  type Read,
  type Timer,
  type Write,
} from './messages.js';
import type { QuorumOptions } from './options.js';
import { type DurableRecord, recordShape } from './records.js';
import { Rejoining } from './rejoining.js';
import { Ring } from './ring.js';
import { Store } from './store.js';
import { TombstoneCollector } from './tombstones.js';
import { viewOf } from './view.js';

const ownClasses = { HybridClock, Reads, Writes, TombstoneCollector };
/** The classes that a replica is made of: others in their place make it behave otherwise. */
export type QuorumClasses = typeof ownClasses;

const present = new Uint8Array(0);

export class QuorumReplica implements Replica<Quorum> {
  readonly #parts: Parts;
  readonly #coordinator: Coordinator;
  readonly #antiEntropy: AntiEntropy;
  readonly #collector: TombstoneCollector;
  readonly #rejoining: Rejoining;
  readonly #numbers = new NumberGuard(messageShape);
  #view: ReplicaView | null = null;

  constructor(
    { self, nodes, options }: ReplicaSetup<QuorumOptions>,
    classes: Partial<QuorumClasses> = {},
  ) {
    const made = { ...ownClasses, ...classes };
    const ring = new Ring(nodes, options);
    const peers = nodes.filter((node) => node !== self);
    this.#parts = {
      ...{ self, peers, options, ring },
      clock: new made.HybridClock(),
      store: new Store(ring),
      hints: new Hints(options),
      detector: new FailureDetector(self, peers, options),
      batches: new Batches(),
      pending: new PendingTable(options.pendingMax),
    };
    this.#coordinator = new Coordinator(this.#parts, made);
    this.#antiEntropy = new AntiEntropy(this.#parts, (peer, ctx) =>
      this.#rejoining.onCopied(peer, ctx),
    );
    this.#rejoining = new Rejoining(this.#parts, this.#antiEntropy);
    this.#collector = new made.TombstoneCollector(this.#parts);
  }

  recover(record: DurableRecord): void {
    const { clock, store, hints } = this.#parts;
    switch (record.type) {
      case 'entry':
        clock.recover(record.version.stamp);
        return store.recover(record);
      case 'collected':
        clock.recover(record.version.stamp);
        store.remove(record.key, record.version);
        return;
      case 'hint':
      case 'handed':
        clock.recover(record.version.stamp);
        return hints.recover(record);
      case 'rejoining':
      case 'whole':
        return this.#rejoining.recover(record);
      case 'ceiling':
        return clock.recover(record.stamp);
      default:
        unreachable(record, 'record');
    }
  }

  onStart(ctx: Ctx, rejoin: Rejoin | null = null): void {
    this.#rejoining.start(rejoin !== null, ctx);
    this.#parts.detector.start(ctx.now);
    this.#parts.store.restartHolding(ctx.now);
    this.#antiEntropy.start(ctx);
    this.#collector.start(ctx);
    this.#beat(ctx);
    ctx.setTimer('handoff', this.#parts.options.handoffMs);
  }

  onMessage(from: NodeId, message: Message, ctx: Ctx): void {
    if (!this.#numbers.admits(message, from, ctx)) return;
    this.#noticePause(ctx);
    if (from !== ctx.self && this.#parts.detector.heard(from, ctx.now)) this.#onReturn(from, ctx);
    switch (message.type) {
      case 'write':
        for (const write of message.writes) this.#onWrite(from, write, ctx);
        return;
      case 'ack':
        for (const ack of message.acks) this.#coordinator.onAck(from, ack, ctx);
        return;
      case 'read':
        for (const read of message.reads) this.#onRead(from, read);
        return;
      case 'reply':
        for (const reply of message.replies) this.#coordinator.onReply(from, reply, ctx);
        return;
      case 'reserved':
        if (from === ctx.self) this.#parts.clock.onReserved(message.ceiling);
        return;
      case 'heartbeat':
        return;
      case 'rejoin':
        this.#coordinator.onLoss(from);
        return this.#rejoining.onRejoin(from, ctx);
      case 'welcome':
        return this.#rejoining.onWelcome(from, message, ctx);
      case 'handoff':
        for (const entry of message.entries)
          this.#onWrite(from, { phase: noAnswer, ...entry }, ctx);
        ctx.send(from, {
          type: 'handed',
          entries: message.entries.map(({ key, version }) => ({ key, version })),
        });
        return;
      case 'handed':
        return this.#parts.hints.onHanded(from, message.entries, ctx);
      case 'propose':
        return this.#collector.onPropose(from, message.round, message.tombstones, ctx);
      case 'confirm':
        return this.#collector.onConfirm(from, message.round, message.refused, ctx);
      case 'collect':
        return this.#collector.onCollect(message.tombstones, ctx);
      default:
        this.#antiEntropy.onMessage(from, message, ctx);
    }
  }

  onRequest(request: ClientRequest, ctx: Ctx): void {
    this.#noticePause(ctx);
    if (this.#rejoining.isCopying) ctx.reply(request.id, stillCopying(ctx.self));
    else this.#coordinator.onRequest(request, ctx);
  }

  onTimer(timer: Timer, ctx: Ctx): void {
    this.#noticePause(ctx);
    switch (timer) {
      case 'heartbeat':
        return this.#beat(ctx);
      case 'sweep':
        return this.#coordinator.sweep(ctx);
      case 'handoff':
        this.#parts.hints.handOff(this.#parts.detector, ctx);
        return ctx.setTimer('handoff', this.#parts.options.handoffMs);
      case 'anti-entropy':
        return this.#antiEntropy.onTimer(ctx);
      case 'collection':
        return this.#collector.onTimer(ctx);
      default:
        unreachable(timer, 'timer');
    }
  }

  onTurnEnd(ctx: Ctx): void {
    this.#parts.batches.flush(this.#parts.clock.isReserved, ctx);
  }

  *snapshot(): Iterable<DurableRecord> {
    const { clock, store, hints } = this.#parts;
    if (this.#rejoining.isCopying) yield { type: 'rejoining' };
    yield { type: 'ceiling', stamp: clock.ceiling };
    for (const { key, version, value } of store.entries())
      yield { type: 'entry', key, version, value };
    yield* hints.records();
  }

  inspect(): ReplicaView {
    this.#view ??= viewOf(this.#parts, this.#antiEntropy, this.#rejoining);
    return this.#view;
  }

  #onWrite(from: NodeId, write: Write, ctx: Ctx): void {
    const { clock, store, batches } = this.#parts;
    clock.observe(write.version.stamp, ctx);
    const held = store.accept(write, ctx);
    if (write.phase === noAnswer || this.#rejoining.isCopying) return;
    const isNewer = compareVersions(held, write.version) > 0;
    batches.to(from).acks.push({ phase: write.phase, newerStamp: isNewer ? held.stamp : 0 });
  }

  #onRead(from: NodeId, { phase, key, versionOnly }: Read): void {
    if (this.#rejoining.isCopying) return;
    const held = this.#parts.store.get(key);
    const value = held?.value ?? null;
    const version = held?.version ?? null;
    const shown = versionOnly && value !== null ? present : value;
    this.#parts.batches.to(from).replies.push({ phase, version, value: shown });
  }

  #beat(ctx: Ctx): void {
    for (const node of this.#parts.detector.check(ctx.now)) ctx.tell({ what: 'suspects', node });
    if (this.#rejoining.isCopying) this.#rejoining.ask(ctx);
    for (const peer of ctx.peers) ctx.sendUnsynced(peer, { type: 'heartbeat' });
    ctx.setTimer('heartbeat', this.#parts.options.heartbeatMs);
  }

  #onReturn(peer: NodeId, ctx: Ctx): void {
    ctx.tell({ what: 'hears from', node: peer });
    this.#parts.hints.handOff(this.#parts.detector, ctx);
    this.#antiEntropy.onReturn(peer, ctx);
  }

  /** While this process was stopped nobody else was silent, and messages may have waited for longer than they live. */
  #noticePause(ctx: Ctx): void {
    if (!this.#parts.detector.wasPaused(ctx.now)) return;
    this.#parts.store.restartHolding(ctx.now);
  }
}

export const quorumProtocol = {
  message: messageShape,
  record: recordShape,
  create: (setup: ReplicaSetup<QuorumOptions>) => new QuorumReplica(setup),
};
