/**
 * Anti-entropy (Dynamo, SOSP 2007, section 4.7): replicas compare Merkle trees and exchange what differs, so that they
 * agree in the end without anyone reading.
 *
 * One exchange, begun by A with B over the segments of which both are replicas:
 *
 * 1. A → B `digest`: one digest of them all. Equal: B → A `equal`, and that was all.
 * 2. B → A `segments`: the digest of each segment. A → B `leaves`: the leaves of the segments that differ.
 * 3. B → A `versions`: keys and versions in the leaves that differ.
 * 4. A → B `exchange`: what A has newer, and the keys that B has newer. B → A `entries`: those.
 *
 * Every message is bounded; what does not fit is left to the next exchange, which follows at once. B keeps no state, and
 * A only who it is comparing with; a lost message costs that exchange and no more. Entries are looked up when they are
 * sent, never kept for later, and merged by version where they arrive.
 *
 * A replica goes round its peers at an interval. One that came back to life, one that was found different, and after a
 * start all of them come first.
 */
import type { Millis, NodeId } from '../../core/ids.js';
import { PeerFault, unreachable } from '../../core/invariant.js';
import type { StoredEntry } from '../../core/replica.js';
import { sameDigest } from '../shared/digest-tree.js';
import {
  compareLeaves,
  entriesOf,
  type LeafVersions,
  listLeaves,
} from '../shared/leaf-exchange.js';
import type { Parts } from './coordinator/pending.js';
import type { Ctx, Of } from './messages.js';

export type AntiEntropyMessage = Of<
  'digest' | 'equal' | 'segments' | 'leaves' | 'versions' | 'exchange' | 'entries'
>;

/** Segments whose leaves one message lists: each takes some 170 bytes. */
const segmentsMax = 512;
/** A peer in doubt is compared with this often, or sooner where the ordinary interval is short. */
const hasteMs = 500;
/** A peer that has not answered a step for so long never will: a message was lost. */
const patienceMs = 3000;

interface Round {
  readonly number: number;
  readonly peer: NodeId;
  /** When the peer's silence counts as a lost message; each of its answers moves it. */
  deadline: Millis;
  /** Whether a bound cut something off, so that another round is due at once. */
  more: boolean;
}

export class AntiEntropy {
  readonly #parts: Parts;
  readonly #onCopied: (peer: NodeId, ctx: Ctx) => void;
  /** The segments shared with each peer that shares any. */
  readonly #shared = new Map<NodeId, readonly number[]>();
  /** Peers that may differ: found different, back to life, or not compared with since the start. */
  readonly #doubtful = new Set<NodeId>();
  /** Peers whose turn has come. */
  readonly #due = new Set<NodeId>();
  #turn = 0;
  #mustTurn = false;
  /** Whether the timer runs as for peers in doubt. */
  #isHasty = false;
  #round: Round | null = null;
  /** The peer whose transfer is to be checked at once, so that equality is known without waiting. */
  #verifying: NodeId | null = null;

  /** `onCopied`: an exchange has brought all that the peer had when it began. */
  constructor(parts: Parts, onCopied: (peer: NodeId, ctx: Ctx) => void) {
    this.#parts = parts;
    this.#onCopied = onCopied;
    for (const peer of parts.peers) {
      const shared = parts.ring.sharedSegments(parts.self, peer);
      if (shared.length > 0) this.#shared.set(peer, shared);
    }
  }

  /** Nobody knows what this node missed while it was away. */
  start(ctx: Ctx): void {
    for (const peer of this.#shared.keys()) this.#doubtful.add(peer);
    this.#schedule(ctx);
  }

  onReturn(peer: NodeId, ctx: Ctx): void {
    if (!this.#shared.has(peer)) return;
    this.#doubtful.add(peer);
    this.#due.add(peer);
    this.#schedule(ctx);
    // What was on its way to it while it was away is lost.
    if (this.#round?.peer === peer) this.#round = null;
    this.#giveUpHopeless(ctx);
    if (this.#round === null) this.#beginNext(ctx);
  }

  /** Begins an exchange with this peer, soon and from the start; false when the two share no keys. */
  copyFrom(peer: NodeId, ctx: Ctx): boolean {
    this.onReturn(peer, ctx);
    return this.#shared.has(peer);
  }

  onTimer(ctx: Ctx): void {
    this.#giveUpHopeless(ctx);
    if (this.#round === null) {
      if (this.#due.size === 0) this.#chooseDue();
      this.#beginNext(ctx);
    }
    this.#schedule(ctx);
  }

  /** Living peers that may hold something else than this replica. */
  get unsettled(): readonly NodeId[] {
    return [...this.#doubtful].filter((peer) => this.#parts.detector.isAlive(peer));
  }

  onMessage(from: NodeId, message: AntiEntropyMessage, ctx: Ctx): void {
    const shared = this.#shared.get(from);
    if (shared === undefined) throw new PeerFault(`it shares no segment with ${ctx.self}`);
    switch (message.type) {
      case 'digest':
        return this.#onDigest(from, message, shared, ctx);
      case 'leaves':
        return this.#onLeaves(from, message, ctx);
      case 'exchange':
        return this.#onExchange(from, message, ctx);
    }
    // A reply of a round that was given up says nothing about now.
    const round = this.#round;
    if (round === null || round.number !== message.round || round.peer !== from) return;
    round.deadline = ctx.now + patienceMs;
    switch (message.type) {
      case 'equal':
        this.#doubtful.delete(round.peer);
        this.#onCopied(round.peer, ctx);
        return this.#beginNext(ctx);
      case 'segments':
        return this.#onSegments(round, message.digests, shared, ctx);
      case 'versions':
        return this.#onVersions(round, message.leaves, message.more, ctx);
      case 'entries':
        return this.#onEntries(round, message.entries, message.more, ctx);
      default:
        unreachable(message, 'anti-entropy message');
    }
  }

  #giveUpHopeless(ctx: Ctx): void {
    if (this.#round === null) return;
    const isAlive = this.#parts.detector.isAlive(this.#round.peer);
    const isUnanswered = ctx.now >= this.#round.deadline;
    if (isAlive && isUnanswered) this.#mustTurn = true;
    if (!isAlive || isUnanswered) this.#round = null;
  }

  // The side that begins.

  #begin(peer: NodeId, ctx: Ctx): void {
    // By chance rather than by the clock, whose ticks cost a record now and then: idle nodes stay quiet.
    const number = ctx.random.below(0x1_0000_0000);
    this.#round = { number, peer, deadline: ctx.now + patienceMs, more: false };
    const root = this.#parts.store.tree.rootOf(this.#shared.get(peer) ?? []);
    ctx.send(peer, { type: 'digest', round: number, root });
  }

  #onSegments(round: Round, theirs: readonly number[], shared: readonly number[], ctx: Ctx): void {
    this.#doubtful.add(round.peer);
    if (!this.#isHasty) this.#schedule(ctx);
    const { tree } = this.#parts.store;
    const differing = tree.differing(theirs, shared);
    round.more ||= differing.length > segmentsMax;
    const segments = differing.slice(0, segmentsMax).map((segment) => tree.leavesOf(segment));
    ctx.send(round.peer, { type: 'leaves', round: round.number, segments });
  }

  #onVersions(round: Round, leaves: readonly LeafVersions[], more: boolean, ctx: Ctx): void {
    const found = compareLeaves(this.#parts.store, leaves, () => false);
    round.more ||= more || found.more;
    const { entries, wanted } = found;
    ctx.send(round.peer, { type: 'exchange', round: round.number, entries, wanted });
  }

  #onEntries(round: Round, entries: readonly StoredEntry[], more: boolean, ctx: Ctx): void {
    this.#take(round.peer, entries, ctx);
    if (more || round.more) {
      this.#begin(round.peer, ctx);
      return;
    }
    this.#onCopied(round.peer, ctx);
    if (this.#verifying !== round.peer) {
      // Once more at once, to find it equal. Only once: under load replicas always differ in what is on its way.
      this.#verifying = round.peer;
      this.#begin(round.peer, ctx);
    } else {
      this.#beginNext(ctx);
    }
  }

  /** No round is under way: on to the next peer whose turn has come. */
  #beginNext(ctx: Ctx): void {
    this.#round = null;
    this.#verifying = null;
    for (const peer of this.#due) {
      this.#due.delete(peer);
      if (!this.#parts.detector.isAlive(peer)) continue;
      this.#begin(peer, ctx);
      return;
    }
  }

  // The side that answers; it remembers nothing.

  #onDigest(from: NodeId, message: Of<'digest'>, shared: readonly number[], ctx: Ctx): void {
    const { tree } = this.#parts.store;
    if (sameDigest(tree.rootOf(shared), message.root)) {
      this.#doubtful.delete(from);
      ctx.send(from, { type: 'equal', round: message.round });
    } else {
      ctx.send(from, { type: 'segments', round: message.round, digests: tree.digests(shared) });
    }
  }

  #onLeaves(from: NodeId, { round, segments }: Of<'leaves'>, ctx: Ctx): void {
    const listed = listLeaves(this.#parts.store, segments, ctx.random);
    ctx.send(from, { type: 'versions', round, ...listed });
  }

  #onExchange(from: NodeId, message: Of<'exchange'>, ctx: Ctx): void {
    this.#take(from, message.entries, ctx);
    const found = entriesOf(this.#parts.store, message.wanted);
    ctx.send(from, { type: 'entries', round: message.round, ...found });
  }

  #take(node: NodeId, entries: readonly StoredEntry[], ctx: Ctx): void {
    if (entries.length === 0) return;
    ctx.tell({ what: 'takes repairs from', node, detail: `entries: ${entries.length}` });
    for (const entry of entries) {
      this.#parts.clock.observe(entry.version.stamp, ctx);
      this.#parts.store.accept(entry, ctx);
    }
  }

  /**
   * All living peers in doubt; when there are none, the next in turn. It also has its turn after one in doubt did not answer,
   * which may be heard but hear nothing itself.
   */
  #chooseDue(): void {
    const { detector } = this.#parts;
    const alive = [...this.#shared.keys()].filter((peer) => detector.isAlive(peer));
    for (const peer of alive) if (this.#doubtful.has(peer)) this.#due.add(peer);
    if (this.#due.size > 0 && !this.#mustTurn) return;
    this.#mustTurn = false;
    this.#turn += 1;
    const next = alive[this.#turn % alive.length];
    if (next !== undefined) this.#due.add(next);
  }

  #schedule(ctx: Ctx): void {
    const { antiEntropyMs } = this.#parts.options;
    this.#isHasty = this.unsettled.length > 0;
    ctx.setTimer(
      'anti-entropy',
      this.#isHasty ? Math.min(hasteMs, antiEntropyMs / 4) : antiEntropyMs,
    );
  }
}
