/**
 * Anti-entropy, push-pull, digests first (Demers et al., PODC 1987, section 1.3): two replicas compare what they hold and
 * exchange what differs, so that every update reaches everybody in the end whatever rumours missed.
 *
 * One comparison, begun by A with B:
 *
 * 1. A → B `digest`: one digest of all. Equal: B → A `equal`, and that was all.
 * 2. B → A `segments`: the digest of each segment. A → B `leaves`: the leaves of the segments that differ.
 * 3. B → A `versions`: keys and versions in the leaves that differ.
 * 4. A → B `exchange`: what A has newer, and the keys that B has newer. B → A `entries`: those.
 *
 * Then A has pulled all that B had when it sent `segments`: the comparison is *complete* for A, and what B knew of others
 * then (`knowledge.ts`) is true of A, too. Found equal, it is complete for both.
 *
 * Every message is bounded; what does not fit is left to the next comparison, which follows at once, and only the last
 * one of such a chain is complete. B keeps no state, A only whom it compares with. A lost message costs that comparison
 * and no more. What one side holds although it was deleted and collected is not exchanged: it is told that it is
 * obsolete, and drops exactly that version.
 */
import type { Millis, NodeId } from '../../core/ids.js';
import { unreachable } from '../../core/invariant.js';
import type { StoredEntry } from '../../core/replica.js';
import { sameDigest } from '../shared/digest-tree.js';
import { compareLeaves, entriesOf, type KeyVersion, listLeaves } from '../shared/leaf-exchange.js';
import type { Knowledge } from './knowledge.js';
import type { Ctx, KnowledgeReport, Message, MessageOf } from './messages.js';
import { bounds, times } from './options.js';
import type { Parts } from './parts.js';
import type { Rumours } from './rumours.js';

export type AntiEntropyMessage = MessageOf<
  'digest' | 'equal' | 'segments' | 'leaves' | 'versions' | 'exchange' | 'entries'
>;

interface Comparison {
  readonly number: number;
  readonly peer: NodeId;
  /** Who wants to know when it is complete; `null` for the ordinary ones. */
  readonly purpose: string | null;
  readonly giveUpAt: Millis;
  /** What was sent last, and when it is taken for lost: it is sent again if it has a purpose. */
  question: Message;
  resendAt: Millis;
  resendMs: Millis;
  /** The reply that is awaited. Any other is late or doubled, and would mix two states of the peer. */
  awaited: 'segments' | 'versions' | 'entries';
  /** Of the peer, from when it sent `segments`. */
  knowledge: KnowledgeReport | null;
  /** Something that the peer has newer was left out: the comparison will not be complete. */
  pullMore: boolean;
  /** Something that this node has newer was left out. */
  pushMore: boolean;
  /** Steps so far of the whole chain, and messages of both sides. */
  links: number;
  messages: number;
  foundDifferences: boolean;
  /** Something differed that rumours have missed. */
  foundMissed: boolean;
}

/** What a comparison did that others must hear of. */
export interface AntiEntropyEvents {
  /** Something was taken that this node had not. */
  onNews(ctx: Ctx): void;
  /** A pull is complete; `messages` is what it took, both sides together. */
  onPulled(peer: NodeId, purpose: string, messages: number, ctx: Ctx): void;
}

export class AntiEntropy {
  readonly #parts: Parts;
  readonly #knowledge: Knowledge;
  readonly #rumours: Pick<Rumours, 'newsCount'>;
  readonly #events: AntiEntropyEvents;
  readonly #comparisons = new Map<number, Comparison>();
  /** Stamps seen before this round and before the last: rumours have brought what has them, or missed it. */
  #seen = 0;
  #seenBefore = 0;

  constructor(
    parts: Parts,
    knowledge: Knowledge,
    rumours: Pick<Rumours, 'newsCount'>,
    events: AntiEntropyEvents,
  ) {
    this.#parts = parts;
    this.#knowledge = knowledge;
    this.#rumours = rumours;
    this.#events = events;
  }

  /** The peers of comparisons under way that have found differences; those that do not answer get on with none. */
  get differing(): readonly NodeId[] {
    const { peers } = this.#parts;
    const comparisons = [...this.#comparisons.values()];
    return comparisons.flatMap(({ foundDifferences, peer }) => {
      return foundDifferences && !peers.isSilent(peer) ? [peer] : [];
    });
  }

  /** Begins an ordinary comparison, unless one with this peer gets on: it does not with one that is silent or lost a message. */
  compare(peer: NodeId, ctx: Ctx): void {
    const getsOn = this.#underWay(peer, null).some(({ resendAt }) => ctx.now < resendAt);
    if (this.#parts.peers.isSilent(peer) || !getsOn) this.#begin(peer, null, 0, 0, ctx);
  }

  /** Begins a comparison whose completion is told to `onPulled`, unless it is under way. */
  pull(peer: NodeId, purpose: string, ctx: Ctx): void {
    if (this.#underWay(peer, purpose).length === 0) this.#begin(peer, purpose, 0, 0, ctx);
  }

  #underWay(peer: NodeId, purpose: string | null): Comparison[] {
    const comparisons = [...this.#comparisons.values()];
    return comparisons.filter((each) => each.peer === peer && each.purpose === purpose);
  }

  /**
   * Nobody waits any more for what was pulled for this purpose. What is under way goes on, as gossip in the background; where
   * there is none, it ends.
   */
  release(purpose: string): void {
    if (this.#parts.options.background) return;
    for (const [number, comparison] of this.#comparisons) {
      if (comparison.purpose === purpose) this.#comparisons.delete(number);
    }
  }

  /** Who has left answers no more. */
  forget(peer: NodeId): void {
    for (const [number, comparison] of this.#comparisons) {
      if (comparison.peer === peer) this.#comparisons.delete(number);
    }
  }

  /** Gives up comparisons that take too long; of those with a purpose, asks again what was not answered. */
  sweep(ctx: Ctx): void {
    this.#seenBefore = this.#seen;
    this.#seen = this.#parts.clock.last;
    for (const [number, comparison] of this.#comparisons) {
      if (ctx.now >= comparison.giveUpAt) this.#comparisons.delete(number);
      else if (comparison.purpose !== null && ctx.now >= comparison.resendAt) {
        comparison.resendMs *= 2;
        this.#ask(comparison, comparison.question, ctx);
      }
    }
  }

  onMessage(from: NodeId, message: AntiEntropyMessage, ctx: Ctx): void {
    switch (message.type) {
      case 'digest':
        return this.#onDigest(from, message, ctx);
      case 'leaves':
        return this.#onLeaves(from, message, ctx);
      case 'exchange':
        return this.#onExchange(from, message, ctx);
    }
    // A reply to a comparison that was given up says nothing about now.
    const comparison = this.#comparisons.get(message.round);
    if (comparison === undefined || comparison.peer !== from) return;
    if (comparison.awaited !== (message.type === 'equal' ? 'segments' : message.type)) return;
    comparison.messages += 1;
    comparison.resendMs = times.resendMs;
    switch (message.type) {
      case 'equal':
        return this.#complete(comparison, message.knowledge, ctx);
      case 'segments':
        return this.#onSegments(comparison, message, ctx);
      case 'versions':
        return this.#onVersions(comparison, message, ctx);
      case 'entries':
        return this.#onEntries(comparison, message, ctx);
      default:
        unreachable(message, 'anti-entropy message');
    }
  }

  // The side that begins.

  #begin(peer: NodeId, purpose: string | null, links: number, messages: number, ctx: Ctx): void {
    if (this.#comparisons.size >= bounds.comparisonsMax) return;
    const { store, members, peers } = this.#parts;
    // By chance rather than by the clock, whose stamps are for what must never come again.
    const number = ctx.random.below(0x1_0000_0000);
    const { root } = store.tree;
    const { view } = members;
    const report = this.#knowledge.report(false);
    const question: Message = { type: 'digest', round: number, root, view, knowledge: report };
    const patienceMs = purpose === null ? times.comparisonMs : times.pullMs;
    const comparison: Comparison = {
      ...{ number, peer, purpose, links, messages, question },
      giveUpAt: ctx.now + patienceMs,
      resendAt: 0,
      resendMs: times.resendMs,
      awaited: 'segments',
      knowledge: null,
      pullMore: false,
      pushMore: false,
      foundDifferences: links > 0,
      foundMissed: false,
    };
    this.#comparisons.set(number, comparison);
    peers.asked(peer, ctx.now);
    this.#ask(comparison, question, ctx);
  }

  #onSegments(comparison: Comparison, message: MessageOf<'segments'>, ctx: Ctx): void {
    const { tree } = this.#parts.store;
    comparison.knowledge = message.knowledge;
    comparison.foundDifferences = true;
    comparison.awaited = 'versions';
    const segments = tree.differing(message.digests).map((segment) => tree.leavesOf(segment));
    this.#ask(comparison, { type: 'leaves', round: comparison.number, segments }, ctx);
  }

  #onVersions(comparison: Comparison, message: MessageOf<'versions'>, ctx: Ctx): void {
    const { store } = this.#parts;
    const { more, ...found } = compareLeaves(store, message.leaves, (version) =>
      store.isBelowHorizon(version),
    );
    comparison.pullMore ||= message.more;
    comparison.pushMore ||= more;
    comparison.foundMissed ||= this.#wasMissed(found.entries, found.obsolete);
    comparison.awaited = 'entries';
    this.#ask(comparison, { type: 'exchange', round: comparison.number, ...found }, ctx);
  }

  #onEntries(comparison: Comparison, message: MessageOf<'entries'>, ctx: Ctx): void {
    const { peer, number, purpose, links, messages } = comparison;
    comparison.foundMissed ||= this.#wasMissed(message.entries, message.obsolete);
    this.#take(peer, message.entries, ctx);
    this.#drop(message.obsolete, ctx);
    if (message.more || comparison.pullMore) {
      this.#comparisons.delete(number);
      // Under load more keys differ all the time than a message lists, and rumours bring them sooner.
      const isLeft = !comparison.foundMissed && this.#rumours.newsCount >= bounds.rumoursManyMin;
      const goesOn = purpose !== null || !isLeft;
      if (goesOn && links < bounds.chainMax) {
        this.#begin(peer, purpose, links + 1, messages, ctx);
      }
      return;
    }
    const { pushMore } = comparison;
    this.#complete(comparison, comparison.knowledge, ctx);
    if (!this.#parts.options.background) return;
    if (pushMore && links < bounds.chainMax) this.#begin(peer, null, links + 1, 0, ctx);
  }

  #wasMissed(entries: readonly StoredEntry[], obsolete: readonly KeyVersion[]): boolean {
    if (obsolete.length > 0) return true;
    return entries.some(({ version }) => version.stamp <= this.#seenBefore);
  }

  #complete(comparison: Comparison, knowledge: KnowledgeReport | null, ctx: Ctx): void {
    const { peer, number, purpose, messages } = comparison;
    this.#comparisons.delete(number);
    if (this.#knowledge.complete(knowledge, ctx)) this.#events.onNews(ctx);
    if (purpose !== null) this.#events.onPulled(peer, purpose, messages, ctx);
  }

  #ask(comparison: Comparison, message: Message, ctx: Ctx): void {
    comparison.messages += 1;
    comparison.question = message;
    comparison.resendAt = ctx.now + comparison.resendMs;
    ctx.send(comparison.peer, message);
  }

  // The side that answers; it remembers nothing.

  #onDigest(from: NodeId, message: MessageOf<'digest'>, ctx: Ctx): void {
    const { tree } = this.#parts.store;
    const { round } = message;
    const isEqual = sameDigest(tree.root, message.root);
    // First: then the report below has it, too.
    if (isEqual && this.#knowledge.complete(message.knowledge, ctx)) this.#events.onNews(ctx);
    const knowledge = this.#knowledge.report(message.knowledge !== null);
    if (isEqual) ctx.send(from, { type: 'equal', round, knowledge });
    else ctx.send(from, { type: 'segments', round, digests: tree.digests(), knowledge });
  }

  #onLeaves(from: NodeId, { round, segments }: MessageOf<'leaves'>, ctx: Ctx): void {
    const { store } = this.#parts;
    const listed = listLeaves(store, segments, ctx.random);
    ctx.send(from, { type: 'versions', round, ...listed });
  }

  #onExchange(from: NodeId, { round, ...message }: MessageOf<'exchange'>, ctx: Ctx): void {
    this.#drop(message.obsolete, ctx);
    const obsolete = this.#take(from, message.entries, ctx);
    const found = entriesOf(this.#parts.store, message.wanted);
    ctx.send(from, { type: 'entries', round, obsolete, ...found });
  }

  // Both sides.

  /** Returns what was deleted here long ago. */
  #take(node: NodeId, entries: readonly StoredEntry[], ctx: Ctx): KeyVersion[] {
    if (entries.length === 0) return [];
    ctx.tell({ what: 'takes repairs from', node, detail: `entries: ${entries.length}` });
    const { clock, store } = this.#parts;
    const obsolete: KeyVersion[] = [];
    let isNews = false;
    for (const entry of entries) {
      clock.observe(entry.version.stamp);
      const merge = store.accept(entry, ctx);
      if (merge === 'taken') isNews = true;
      if (merge === 'obsolete') obsolete.push({ key: entry.key, version: entry.version });
    }
    if (isNews) this.#events.onNews(ctx);
    return obsolete;
  }

  /** A tombstone stays until this node's own horizon lets it go: only then can't an older version come back. */
  #drop(obsolete: readonly KeyVersion[], ctx: Ctx): void {
    const { store } = this.#parts;
    for (const { key, version } of obsolete) {
      if (store.get(key)?.value === null) continue;
      if (store.remove(key, version)) ctx.persist({ type: 'dropped', key, version });
    }
  }
}
