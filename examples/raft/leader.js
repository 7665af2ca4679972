// @ts-check
/**
 * What a server does while it leads: replicates its log, commits what a majority holds (sections 5.3 and 5.4.2), and confirms
 * reads (ReadIndex, section 6.4 of Ongaro's dissertation).
 *
 * A peer has one message with entries under way at a time; what comes meanwhile goes with the next. Heartbeats carry none, and
 * all that a leader sends is numbered by `round`: an answer confirms that this server led when that round was sent.
 */

/** @import { NodeId } from 'kvx/protocol' */
/** @import { Ctx, Entry, Of } from './messages.js' */
/** @import { Server } from './server.js' */

/**
 * @typedef {object} Peer
 * @property {number} nextIndex
 * @property {number} matchIndex
 * @property {number} awaited the round in which entries went that it has not answered; 0 when there is none
 * @property {number} answered the last round it has answered
 * @property {number} heardAt
 * @property {number} told the `leaderCommit` that it has been told
 * @property {ReturnType<Server['capture']> & { offset: number } | null} snapshot
 */

const entriesMax = 1024;

export class Leader {
  /** @type {Map<NodeId, Peer>} this server too, which tells itself what its disk has */
  #peers = new Map();
  #round = 0;
  /** @type {Entry['command'][]} what came in this turn; first of all the no-op */
  #commands = [null];
  /** @type {{ from: NodeId, life: number, number: number, round: number }[]} */
  #reads = [];
  #isHeartbeatDue = true;

  /** @param {Server} server @param {Ctx} ctx */
  constructor(server, ctx) {
    this.server = server;
    /** Its no-op: once that is committed, so is all that earlier terms have left. */
    this.firstIndex = server.log.lastIndex + 1;
    for (const node of server.nodes) {
      const sent = { matchIndex: 0, awaited: 0, answered: 0, told: 0, snapshot: null };
      this.#peers.set(node, { nextIndex: this.firstIndex, heardAt: ctx.now, ...sent });
    }
  }

  /** @param {NodeId} origin @param {Of<'forward'>} message */
  onForward(origin, { life, floor, commands }) {
    for (const { number, operation } of commands) {
      this.#commands.push({ origin, life, number, floor, operation });
    }
  }

  /** The next round is surely sent after this was asked. @param {NodeId} from @param {Of<'read-index'>} message */
  onReadIndex(from, { life, number }) {
    this.#reads.push({ from, life, number, round: this.#round + 1 });
  }

  /** @param {NodeId} from @param {Of<'appended'>} message @param {Ctx} ctx */
  onAppended(from, { round, success, index }, ctx) {
    const peer = this.#answeredBy(from, round, ctx);
    if (success) {
      peer.matchIndex = Math.max(peer.matchIndex, index);
      peer.nextIndex = Math.max(peer.nextIndex, peer.matchIndex + 1);
      if (peer.snapshot && peer.snapshot.index <= peer.matchIndex) peer.snapshot = null;
    } else {
      peer.nextIndex = Math.max(peer.matchIndex + 1, Math.min(peer.nextIndex, index + 1));
    }
  }

  /** @param {NodeId} from @param {Of<'installed'>} message @param {Ctx} ctx */
  onInstalled(from, { round, lastIncludedIndex, offset }, ctx) {
    const { snapshot } = this.#answeredBy(from, round, ctx);
    if (snapshot?.index === lastIncludedIndex) snapshot.offset = offset;
  }

  /** False: no majority has been heard for an election timeout, and this server leads no more (dissertation, 6.2). @param {Ctx} ctx */
  onHeartbeat(ctx) {
    this.#isHeartbeatDue = true;
    const since = ctx.now - 2 * this.server.options.electionMs;
    return this.#isMajority(({ heardAt }, node) => node === ctx.self || heardAt > since);
  }

  /** @param {Ctx} ctx */
  onTurnEnd(ctx) {
    this.#append(ctx);
    this.#advanceCommitIndex();
    this.#answerReads(ctx);
    this.#round += 1;
    const isDue = this.#isHeartbeatDue || this.#reads.some(({ round }) => round === this.#round);
    for (const [node, peer] of this.#peers) {
      const hasMore = peer.awaited === 0 && peer.nextIndex <= this.server.log.lastIndex;
      const hasNews = peer.told < Math.min(this.server.commitIndex, peer.matchIndex);
      if (node !== ctx.self && (isDue || hasMore || hasNews)) this.#sendTo(node, peer, ctx);
    }
    this.#isHeartbeatDue = false;
  }

  /**
   * "If there exists an N such that N > commitIndex, a majority of matchIndex[i] >= N, and log[N].term == currentTerm: set
   * commitIndex = N." (Figure 2)
   */
  #advanceCommitIndex() {
    const { log, commitIndex } = this.server;
    for (let index = log.lastIndex; index > commitIndex && this.mayCommit(index); index--) {
      if (!this.#isMajority(({ matchIndex }) => matchIndex >= index)) continue;
      this.server.commitIndex = index;
      return;
    }
  }

  /** Counting replicas commits entries of the present term only; those before come with them (section 5.4.2, Figure 8). @param {number} index */
  mayCommit(index) {
    return this.server.log.termAt(index) === this.server.currentTerm;
  }

  /** @param {number} round */
  isConfirmed(round) {
    return this.#isMajority(({ answered }, node) => node === this.server.self || answered >= round);
  }

  /** How many entries a message takes. @param {number} index @returns {readonly Entry[]} */
  batchFrom(index) {
    const { kit, log } = this.server;
    const [entries = []] = kit.batchesOf(log.from(index, entriesMax), this.server.entryBytes);
    return entries;
  }

  /** @param {Ctx} ctx */
  #append(ctx) {
    if (this.#commands.length === 0) return;
    const { log, currentTerm: term } = this.server;
    const entries = this.#commands.map((command) => ({ term, command }));
    this.#commands = [];
    this.server.replace(log.lastIndex + 1, entries, ctx);
    // It arrives when all this is durable: until then this server does not count for it.
    const index = log.lastIndex;
    ctx.send(ctx.self, { type: 'appended', term, round: 0, success: true, index });
  }

  /** A new leader does not know what is committed before its no-op is (dissertation, 6.4). @param {Ctx} ctx */
  #answerReads(ctx) {
    const { commitIndex: index } = this.server;
    if (index < this.firstIndex) return;
    this.#reads = this.#reads.filter(({ from, life, number, round }) => {
      if (!this.isConfirmed(round)) return true;
      ctx.sendUnsynced(from, { type: 'read-at', life, number, index });
      return false;
    });
  }

  /** @param {NodeId} node @param {Peer} peer @param {Ctx} ctx */
  #sendTo(node, peer, ctx) {
    const { log, currentTerm: term, commitIndex: leaderCommit } = this.server;
    if (peer.nextIndex <= log.base) return this.#sendPiece(node, peer, ctx);
    const prevLogIndex = peer.nextIndex - 1;
    const entries = peer.awaited === 0 ? this.batchFrom(peer.nextIndex) : [];
    if (entries.length > 0) peer.awaited = this.#round;
    peer.told = Math.min(leaderCommit, prevLogIndex + entries.length);
    const prevLogTerm = log.termAt(prevLogIndex) ?? 0;
    const sent = { term, round: this.#round, prevLogIndex, prevLogTerm, entries, leaderCommit };
    // It need not wait for this server's own disk (dissertation, 10.2.1).
    ctx.sendUnsynced(node, { type: 'append-entries', ...sent });
  }

  /** The next piece of a snapshot (section 7, Figure 13). @param {NodeId} node @param {Peer} peer @param {Ctx} ctx */
  #sendPiece(node, peer, ctx) {
    if (peer.awaited > 0 && !this.#isHeartbeatDue) return;
    const { kit, currentTerm: term } = this.server;
    peer.snapshot ??= { ...this.server.capture(), offset: 0 };
    const { index, term: lastIncludedTerm, sessions, data, offset } = peer.snapshot;
    const rest = data.slice(offset, offset + entriesMax);
    const [piece = []] = kit.batchesOf(rest, this.server.storedBytes);
    peer.awaited = this.#round;
    const isLast = offset + piece.length === data.length;
    ctx.send(node, {
      ...{ type: 'install-snapshot', term, round: this.#round },
      ...{ lastIncludedIndex: index, lastIncludedTerm },
      ...{ offset, data: piece, sessions: isLast ? sessions : null },
    });
  }

  /** @param {NodeId} node @param {number} round @param {Ctx} ctx */
  #answeredBy(node, round, ctx) {
    const peer = /** @type {Peer} */ (this.#peers.get(node));
    peer.heardAt = ctx.now;
    peer.answered = Math.max(peer.answered, round);
    if (round >= peer.awaited) peer.awaited = 0;
    return peer;
  }

  /** @param {(peer: Peer, node: NodeId) => boolean} holds */
  #isMajority(holds) {
    let count = 0;
    for (const [node, peer] of this.#peers) if (holds(peer, node)) count += 1;
    return count >= this.server.majority;
  }
}
