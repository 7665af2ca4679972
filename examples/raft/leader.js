// @ts-check
/**
 * What a server does while it leads: replicates its log, commits what a majority holds (sections 5.3 and 5.4.2), and confirms
 * reads (ReadIndex, section 6.4 of Ongaro's dissertation).
 *
 * A peer has one message with entries, or with a piece of a snapshot, under way at a time; what comes meanwhile goes with the
 * next. Heartbeats carry no entries, and all that a leader sends is numbered by `round`: an answer confirms that this server led
 * when that round was sent.
 */

/** @import { NodeId } from 'kvx/protocol' */
/** @import { Ctx, Entry, Of, Piece } from './messages.js' */
/** @import { Server } from './server.js' */

/**
 * @typedef {object} Peer
 * @property {number} nextIndex
 * @property {number} matchIndex
 * @property {number} awaited the round in which entries went that it has not answered; 0 when there is none
 * @property {number} answered the last round it has answered
 * @property {number} heardAt
 * @property {number} told the `leaderCommit` that it has been told
 * @property {readonly Piece[]} snapshot what it gets, as it lacks entries that are not held any more
 * @property {number} offset of the piece that is next
 */

const entriesMax = 1024;

export class Leader {
  /** @type {Map<NodeId, Peer>} this server too, which tells itself what its disk has */
  #peers = new Map();
  #round = 0;
  /** @type {Map<NodeId, number>} of each server, the last request that was taken */
  #taken = new Map();
  /** @type {{ from: NodeId, number: number, round: number }[]} */
  #reads = [];
  #isHeartbeatDue = true;

  /** @param {Server} server @param {Ctx} ctx */
  constructor(server, ctx) {
    this.server = server;
    /** Its no-op: once that is committed, so is all that earlier terms have left. */
    this.firstIndex = server.log.lastIndex + 1;
    this.#append(null, ctx);
    for (const node of server.nodes) {
      const sent = { nextIndex: this.firstIndex, awaited: 0, told: 0, snapshot: [], offset: 0 };
      this.#peers.set(node, { ...sent, matchIndex: 0, answered: 0, heardAt: ctx.now });
    }
  }

  /** A read is confirmed by the next round, which is surely sent after it was asked. @param {NodeId} origin @param {Of<'request'>} message @param {Ctx} ctx */
  onRequest(origin, { after, number, operation }, ctx) {
    const isRead = operation.type === 'get';
    if (isRead) this.#reads.push({ from: origin, number, round: this.#round + 1 });
    const taken = this.#taken.get(origin) ?? 0;
    if (after > taken || number <= taken) return;
    this.#taken.set(origin, number);
    if (!isRead) this.#append({ origin, number, operation }, ctx);
  }

  /** @param {NodeId} from @param {Of<'appended'>} message @param {Ctx} ctx */
  onAppended(from, { round, success, index, offset }, ctx) {
    const peer = /** @type {Peer} */ (this.#peers.get(from));
    peer.heardAt = ctx.now;
    peer.answered = Math.max(peer.answered, round);
    if (round >= peer.awaited) peer.awaited = 0;
    peer.offset = offset;
    if (success) {
      peer.matchIndex = Math.max(peer.matchIndex, index);
      peer.nextIndex = Math.max(peer.nextIndex, index + 1);
    } else {
      peer.nextIndex = Math.max(peer.matchIndex + 1, Math.min(peer.nextIndex, index + 1));
    }
  }

  /** False: no majority has been heard for an election timeout, and this server leads no more (dissertation, 6.2). @param {Ctx} ctx */
  onHeartbeat(ctx) {
    this.#isHeartbeatDue = true;
    const since = ctx.now - 2 * this.server.options.electionMs;
    return this.#ofMajority(({ heardAt }) => heardAt) > since;
  }

  /** @param {Ctx} ctx */
  onTurnEnd(ctx) {
    this.#advanceCommitIndex();
    this.#answerReads(ctx);
    this.#round += 1;
    const isDue = this.#isHeartbeatDue || this.#reads.some(({ round }) => round === this.#round);
    for (const [node, peer] of this.#peers) {
      const hasMore = peer.awaited === 0 && peer.nextIndex <= this.server.log.lastIndex;
      const hasNews = peer.told < Math.min(this.server.commitIndex, peer.matchIndex);
      if (isDue || hasMore || hasNews) this.#sendTo(node, peer, ctx);
    }
    this.#isHeartbeatDue = false;
  }

  /**
   * "If there exists an N such that N > commitIndex, a majority of matchIndex[i] >= N, and log[N].term == currentTerm: set
   * commitIndex = N." (Figure 2)
   */
  #advanceCommitIndex() {
    const index = this.#ofMajority(({ matchIndex }) => matchIndex);
    if (index > this.server.commitIndex && this.mayCommit(index)) this.server.commitIndex = index;
  }

  /** Counting replicas commits entries of the present term only; those before come with them (section 5.4.2, Figure 8). @param {number} index */
  mayCommit(index) {
    return this.server.log.termAt(index) === this.server.currentTerm;
  }

  /** @param {number} round */
  isConfirmed(round) {
    return this.#ofMajority(({ answered }) => answered) >= round;
  }

  /** How many entries a message takes. @param {number} index @returns {readonly Entry[]} */
  batchFrom(index) {
    const { kit, log } = this.server;
    /** @param {Entry} entry */
    const bytesOf = ({ command }) => (command ? kit.operationBytes(command.operation) : 0);
    const [entries = []] = kit.batchesOf(log.from(index, index + entriesMax - 1), bytesOf);
    return entries;
  }

  /** @param {Entry['command']} command @param {Ctx} ctx */
  #append(command, ctx) {
    const { currentTerm: term, log } = this.server;
    this.server.replace(log.lastIndex + 1, { term, command }, ctx);
  }

  /** A new leader does not know what is committed before its no-op is (dissertation, 6.4). @param {Ctx} ctx */
  #answerReads(ctx) {
    const { commitIndex: index } = this.server;
    if (index < this.firstIndex) return;
    this.#reads = this.#reads.filter(({ from, number, round }) => {
      if (!this.isConfirmed(round)) return true;
      ctx.sendUnsynced(from, { type: 'read-at', number, index });
      return false;
    });
  }

  /** @param {NodeId} node @param {Peer} peer @param {Ctx} ctx */
  #sendTo(node, peer, ctx) {
    const { log, currentTerm: term, commitIndex: leaderCommit } = this.server;
    const sent = { term, round: this.#round };
    const isFree = peer.awaited === 0;
    if (isFree && peer.nextIndex <= log.lastIndex) peer.awaited = this.#round;
    if (node === ctx.self) {
      // It arrives when all that this says is durable: until then this server does not count for it.
      peer.told = leaderCommit;
      const all = { success: true, index: log.lastIndex, offset: 0 };
      ctx.send(node, { type: 'appended', ...sent, ...all });
    } else if (peer.nextIndex <= log.base) {
      // Section 7, Figure 13.
      const { lastIncludedIndex = 0 } = peer.snapshot[0] ?? {};
      if (lastIncludedIndex < peer.nextIndex) peer.snapshot = this.server.pieces();
      const piece = /** @type {Piece} */ (peer.snapshot[peer.offset] ?? peer.snapshot[0]);
      ctx.send(node, { type: 'install-snapshot', ...sent, piece });
    } else {
      const prevLogIndex = peer.nextIndex - 1;
      const prevLogTerm = log.termAt(prevLogIndex);
      const entries = isFree ? this.batchFrom(peer.nextIndex) : [];
      peer.told = Math.min(leaderCommit, prevLogIndex + entries.length);
      peer.snapshot = [];
      const message = { ...sent, prevLogIndex, prevLogTerm, entries, leaderCommit };
      // It need not wait for this server's own disk (dissertation, 10.2.1).
      ctx.sendUnsynced(node, { type: 'append-entries', ...message });
    }
  }

  /** So far a majority has come, or farther. @param {(peer: Peer) => number} reached */
  #ofMajority(reached) {
    const all = [...this.#peers.values()].map(reached).sort((a, b) => b - a);
    return all[this.server.majority - 1] ?? 0;
  }
}
