/**
 * Mode `gossip`: every node has everything, takes reads and writes at once, and tells the others by and by, after Demers,
 * Greene, Hauser, Irish, Larson, Shenker, Sturgis, Swinehart, Terry: Epidemic Algorithms for Replicated Database
 * Maintenance, PODC 1987.
 *
 * 1. A write gets a version, a stamp of Lamport's clock and the node's name (`lamport-clock.ts`); the greater version
 *    wins everywhere (`store.ts`). The node answers from its own store, and says `behind` to a session that has seen more
 *    (`requests.ts`).
 * 2. What is new is a rumour, told to a few peers by chance, who tell it on (`rumours.ts`).
 * 3. What rumours missed, and what a node missed while it was away, comes by comparing stores (`anti-entropy.ts`). Who
 *    can be reached is found out by who answers (`peers.ts`).
 * 4. A delete is a write of a tombstone, which goes when every member is known to have it (`knowledge.ts`, `members.ts`).
 * 5. `stabilize` does not wait for chance: it gathers and spreads along a tree (`stabilizer.ts`, `wave.ts`).
 *
 * This file is the outside of the actor: it hands each input to the part that it is for, and beats the time.
 */
import type { Millis, NodeId } from '../../core/ids.js';
import { InvariantError, unreachable } from '../../core/invariant.js';
import type { AdminOperation, ClientRequest } from '../../core/operation.js';
import type { Rejoin, Replica, ReplicaSetup, ReplicaView } from '../../core/replica.js';
import { badRequest } from '../../core/results.js';
import type { Version } from '../../core/version.js';
import { stillCopying } from '../shared/copying.js';
import { type Digest, sameDigest } from '../shared/digest-tree.js';
import { NumberGuard } from '../shared/number-guard.js';
import { ReservedNumbers } from '../shared/reserved-numbers.js';
import { AntiEntropy } from './anti-entropy.js';
import { Knowledge } from './knowledge.js';
import { LamportClock } from './lamport-clock.js';
import { Members, memberEvent } from './members.js';
import {
  type Ctx,
  type Gossip,
  type Message,
  type MessageOf,
  messageShape,
  type Timer,
} from './messages.js';
import { bounds, type GossipOptions } from './options.js';
import type { Parts } from './parts.js';
import { Peers } from './peers.js';
import { type DurableRecord, type MemberChange, recordShape } from './records.js';
import { Rejoining, rejoinPurpose } from './rejoining.js';
import { leaving, Service } from './requests.js';
import { Rumours } from './rumours.js';
import { Stabilizer } from './stabilizer.js';
import { Store } from './store.js';
import { viewOf } from './view.js';

const ownClasses = { LamportClock, Store };
/** The classes that a replica is made of: others in their place make it behave otherwise. */
export type GossipClasses = typeof ownClasses;

/** Older than any change that somebody asked for, and the same whoever met the node. */
const met: Version = { stamp: 0, node: '' };

export class GossipReplica implements Replica<Gossip> {
  readonly #parts: Parts;
  readonly #rumours: Rumours;
  readonly #knowledge: Knowledge;
  readonly #antiEntropy: AntiEntropy;
  readonly #stabilizer: Stabilizer;
  readonly #service: Service;
  readonly #rejoining: Rejoining;
  readonly #numbers = new NumberGuard(messageShape);
  #view: ReplicaView | null = null;
  /** Intervals between two rounds: doubles while nothing happens. */
  #pace = 1;
  #nextRoundAt: Millis = 0;
  #isRoundDue = false;
  /** Until then it takes no writes: it is being removed. */
  #leavingUntil: Millis = 0;
  #isBeatDue = false;

  constructor(
    { self, nodes, options }: ReplicaSetup<GossipOptions>,
    classes: Partial<GossipClasses> = {},
  ) {
    const made = { ...ownClasses, ...classes };
    const parts: Parts = {
      self,
      options,
      clock: new made.LamportClock(),
      serial: new ReservedNumbers(1024, (stamp) => ({ type: 'ceiling', stamp })),
      store: new made.Store(),
      members: new Members(options.members ?? nodes),
      peers: new Peers(options),
    };
    this.#parts = parts;
    this.#rumours = new Rumours(parts);
    this.#knowledge = new Knowledge(parts);
    this.#antiEntropy = new AntiEntropy(parts, this.#knowledge, this.#rumours, {
      onNews: (ctx) => this.#onNews(ctx),
      onPulled: (peer, purpose, messages, ctx) => {
        if (purpose === rejoinPurpose) this.#rejoining.onPulled(peer);
        else this.#stabilizer.onPulled(peer, purpose, messages, ctx);
      },
    });
    this.#stabilizer = new Stabilizer(parts, this.#antiEntropy);
    this.#rejoining = new Rejoining(parts, this.#antiEntropy);
    this.#service = new Service(parts, this.#rumours);
  }

  recover(record: DurableRecord): void {
    const { clock, serial, store, members } = this.#parts;
    switch (record.type) {
      case 'entry':
        clock.recover(record.version.stamp);
        return store.recover(record);
      case 'dropped':
        store.remove(record.key, record.version);
        return;
      case 'rejoining':
      case 'whole':
        return this.#rejoining.recover(record);
      case 'clock':
        return clock.recover(record.stamp);
      case 'ceiling':
        return serial.recover(record.stamp);
      case 'horizon':
        clock.recover(record.horizon.stamp);
        store.advanceHorizon(record.horizon);
        return store.collect();
      case 'member':
        serial.recover(record.change.version.stamp);
        members.apply(record.change);
        return;
      default:
        unreachable(record, 'record');
    }
  }

  /** Nobody knows what this node missed while it was away: it asks at once. */
  onStart(ctx: Ctx, rejoin: Rejoin | null = null): void {
    this.#parts.store.collect();
    this.#rejoining.start(rejoin !== null, ctx);
    if (this.#parts.options.background) this.#compareWithSome(bounds.firstComparisons, ctx);
    else this.#tellMembers(ctx);
    this.#setRound(ctx.random.next() * this.#parts.options.intervalMs, ctx);
  }

  onMessage(from: NodeId, message: Message, ctx: Ctx): void {
    if (!this.#numbers.admits(message, from, ctx)) return;
    if (this.#parts.peers.heard(from)) this.#onReturn(from, ctx);
    if (!this.#parts.members.has(from)) this.#meet(from, ctx);
    if (message.type === 'digest') this.#checkView(from, message.view, ctx);
    switch (message.type) {
      case 'rumour':
        return this.#onRumour(from, message, ctx);
      case 'members':
        return this.#onMembers(from, message.changes, ctx);
      case 'rejoin':
        return this.#rejoining.onRejoin(from, ctx);
      case 'welcome':
        return this.#rejoining.onWelcome(from, message, ctx);
      case 'wave':
      case 'decline':
      case 'echo':
        return this.#stabilizer.onMessage(from, message, ctx);
      default:
        this.#antiEntropy.onMessage(from, message, ctx);
    }
  }

  onRequest(request: ClientRequest, ctx: Ctx): void {
    const { operation } = request;
    if (this.#rejoining.isCopying) return ctx.reply(request.id, stillCopying(this.#parts.self));
    switch (operation.type) {
      case 'stabilize':
        return this.#stabilizer.onRequest(request, ctx);
      case 'reconfigure':
        return this.#reconfigure(request, operation, ctx);
      case 'txn':
        throw new InvariantError(`the catalogue has let ${operation.type} through`);
      default:
        if (operation.type !== 'get' && ctx.now < this.#leavingUntil) {
          return ctx.reply(request.id, leaving(this.#parts.self));
        }
        ctx.reply(request.id, this.#service.answer(operation, request, ctx));
        if (operation.type !== 'get') this.#onNews(ctx);
    }
  }

  /** `push` is there only for a turn to come: its end tells what is new. */
  onTimer(timer: Timer): void {
    this.#isRoundDue ||= timer === 'gossip';
    this.#isBeatDue ||= timer === 'wave';
  }

  /** Whoever spoke while this node was busy has been heard by now, and is not taken for silent. */
  onTurnEnd(ctx: Ctx): void {
    if (this.#isBeatDue) this.#stabilizer.onBeat(ctx);
    if (this.#isRoundDue) this.#round(ctx);
    this.#isBeatDue = false;
    this.#isRoundDue = false;
    this.#rumours.pushFresh(ctx);
    this.#rejoining.onTurnEnd(ctx);
    this.#parts.store.collectSome();
  }

  /** The horizon first: what it rests on is in the store by then, and so in the rest of the snapshot. */
  *snapshot(): Iterable<DurableRecord> {
    const { horizon } = this.#parts.store;
    if (horizon !== null) yield { type: 'horizon', horizon };
    if (this.#rejoining.isCopying) yield { type: 'rejoining' };
    yield { type: 'clock', stamp: this.#parts.clock.last };
    yield { type: 'ceiling', stamp: this.#parts.serial.ceiling };
    for (const change of this.#parts.members.changes) yield { type: 'member', change };
    for (const { key, version, value } of this.#parts.store.entries()) {
      yield { type: 'entry', key, version, value };
    }
  }

  inspect(): ReplicaView {
    const [rumours, antiEntropy] = [this.#rumours, this.#antiEntropy];
    const [stabilizer, rejoining] = [this.#stabilizer, this.#rejoining];
    this.#view ??= viewOf({ ...this.#parts, rumours, antiEntropy, stabilizer, rejoining });
    return this.#view;
  }

  // Beating the time.

  #round(ctx: Ctx): void {
    if (!this.#parts.options.background && !this.#rejoining.isCopying) {
      this.#tellMembers(ctx);
      return this.#setRound(bounds.idleIntervalsMax * this.#parts.options.intervalMs, ctx);
    }
    for (const node of this.#parts.peers.check(ctx.now)) ctx.tell({ what: 'suspects', node });
    this.#antiEntropy.sweep(ctx);
    this.#rumours.pushHot(ctx);
    this.#knowledge.onRound(ctx);
    if (this.#rejoining.isCopying) this.#rejoining.ask(ctx);
    this.#compareWithSome(1, ctx);
    for (const peer of this.#parts.peers.due(ctx.now)) this.#antiEntropy.compare(peer, ctx);
    if (this.#rumours.count === 0 && this.#rumours.newsCount === 0)
      this.#pace = Math.min(2 * this.#pace, bounds.idleIntervalsMax);
    // Mended links are looked for at their own pace, however idle this node is.
    const { intervalMs } = this.#parts.options;
    const untilDue = Math.max(intervalMs, this.#parts.peers.nextDueAt - ctx.now);
    this.#setRound(Math.min(this.#pace * intervalMs, untilDue), ctx);
  }

  #setRound(after: Millis, ctx: Ctx): void {
    this.#nextRoundAt = ctx.now + after;
    ctx.setTimer('gossip', after);
  }

  /** Something has changed: no time to be idle. */
  #onNews(ctx: Ctx): void {
    this.#pace = 1;
    const { intervalMs } = this.#parts.options;
    if (this.#nextRoundAt > ctx.now + intervalMs) this.#setRound(intervalMs, ctx);
  }

  #compareWithSome(count: number, ctx: Ctx): void {
    const partners = this.#parts.members.partners(ctx);
    for (const peer of this.#parts.peers.pick(partners, count, ctx.random)) {
      this.#antiEntropy.compare(peer, ctx);
    }
  }

  #onReturn(peer: NodeId, ctx: Ctx): void {
    ctx.tell({ what: 'hears from', node: peer });
    if (!this.#parts.options.background) return;
    this.#antiEntropy.compare(peer, ctx);
    this.#onNews(ctx);
  }

  #onRumour(from: NodeId, { entries, told }: MessageOf<'rumour'>, ctx: Ctx): void {
    const { clock, store } = this.#parts;
    const knowing = this.#rumours.knowing(from, told, ctx);
    for (const entry of entries) {
      clock.observe(entry.version.stamp);
      const merge = store.accept(entry, ctx);
      if (merge === 'known') this.#rumours.knows(knowing, entry);
      if (merge !== 'taken') continue;
      this.#rumours.heat(entry, knowing, ctx);
      this.#onNews(ctx);
    }
  }

  // Who is a member.

  /** A node that nobody has told of: it is new. What anybody says of it counts more. */
  #meet(node: NodeId, ctx: Ctx): void {
    this.#changeMember({ node, present: true, version: met }, ctx);
  }

  #checkView(from: NodeId, view: Digest, ctx: Ctx): void {
    const { changes } = this.#parts.members;
    if (sameDigest(view, this.#parts.members.view) || changes.length === 0) return;
    ctx.send(from, { type: 'members', changes });
  }

  /** Without gossip in the background there are no comparisons, which would show that members differ. */
  #tellMembers(ctx: Ctx): void {
    const { changes } = this.#parts.members;
    for (const peer of this.#parts.members.partners(ctx))
      ctx.send(peer, { type: 'members', changes });
  }

  /** Takes what is newer, and says what is newer here. */
  #onMembers(from: NodeId, changes: readonly MemberChange[], ctx: Ctx): void {
    for (const change of changes) {
      this.#parts.serial.observe(change.version.stamp, ctx);
      this.#changeMember(change, ctx);
    }
    if (this.#parts.members.knowsMoreThan(changes)) {
      ctx.send(from, { type: 'members', changes: this.#parts.members.changes });
    }
  }

  #changeMember(change: MemberChange, ctx: Ctx): void {
    if (!this.#parts.members.apply(change)) return;
    ctx.tell(memberEvent(change));
    ctx.persist({ type: 'member', change });
    if (!change.present) {
      this.#parts.peers.forget(change.node);
      this.#antiEntropy.forget(change.node);
    }
    const partners = this.#parts.members.partners(ctx);
    for (const peer of this.#parts.peers.pick(partners, this.#parts.options.fanout, ctx.random)) {
      ctx.send(peer, { type: 'members', changes: [change] });
    }
    this.#onNews(ctx);
  }

  /** Needs no other node: the change spreads like any write. */
  #reconfigure(
    request: ClientRequest,
    { change, node }: Extract<AdminOperation, { type: 'reconfigure' }>,
    ctx: Ctx,
  ): void {
    const present = change === 'add';
    const existed = this.#parts.members.has(node);
    if (existed && !present && this.#parts.members.list.length === 1) {
      return ctx.reply(request.id, badRequest(`${node} is the last member`));
    }
    if (!present && node === this.#parts.self) return this.#leave(request, ctx);
    const version = { stamp: this.#parts.serial.next(ctx), node: this.#parts.self };
    this.#changeMember({ node, present, version }, ctx);
    ctx.reply(request.id, { type: 'done', version, existed });
  }

  /**
   * It is about to be taken out by the others: what it alone has must be with them by then. So it takes no more writes
   * for as long as that may take, and answers when its part is stable.
   */
  #leave(request: ClientRequest, ctx: Ctx): void {
    this.#leavingUntil = ctx.now + 2 * request.timeoutMs;
    this.#stabilizer.onRequest(request, ctx);
  }
}

export const gossipProtocol = {
  message: messageShape,
  record: recordShape,
  create: (setup: ReplicaSetup<GossipOptions>) => new GossipReplica(setup),
};
