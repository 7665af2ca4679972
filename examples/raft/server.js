// @ts-check
/**
 * One server of Raft: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm" (USENIX ATC 2014, extended
 * version), Figure 2.
 *
 * 1. A follower that hears from no leader for an election timeout becomes a candidate: it begins a new term, votes for itself and
 *    asks the others. Each votes once a term, and for nobody whose log is behind its own. Whoever has a majority leads.
 * 2. The leader appends what clients want to its log and sends it to the others. An entry that a majority holds is committed, and
 *    every server executes committed entries in order.
 * 3. A log that differs from the leader's is overwritten from where they part.
 *
 * Two things are here that Figure 2 has not, because nodes may be deaf, or heard and not hear: a server that hears a leader ignores
 * who asks for votes (section 6 of the paper, 4.2.3 of Ongaro's dissertation), and a leader that hears no majority steps down (6.2).
 *
 * To read on: `messages.js`, `log.js`, `leader.js`, `clients.js`.
 */

/** @import { ClientRequest, Kit, NodeId, Operation, ReplicaSetup } from 'kvx/protocol' */
/** @import { Ctx, DurableRecord, Entry, Message, Of, Piece, RaftOptions, Vote } from './messages.js' */

import { Clients } from './clients.js';
import { Leader } from './leader.js';
import { Log } from './log.js';

export class Server {
  // Persistent state on all servers.
  currentTerm = 0;
  /** @type {NodeId | null} */
  votedFor = null;
  log = new Log();
  /** How often it was started. */
  life = 0;
  /** @type {Piece[]} of a snapshot, as they come */
  #pieces = [];
  // Volatile state on all servers.
  commitIndex = 0;
  lastApplied = 0;
  /** The state machine: keys, and by the server that was asked, the number of the last of its commands that was executed. */
  table;
  /** @type {Map<NodeId, number>} */
  sessions = new Map();
  /** @type {NodeId | null} */
  leaderId = null;
  #heardAt = 0;
  clients = new Clients(this);
  // Volatile state on leaders and on candidates.
  Leader = Leader;
  /** @type {Leader | null} */
  leader = null;
  /** @type {Set<NodeId> | null} */
  votes = null;

  /** @param {Kit} kit @param {ReplicaSetup<RaftOptions>} setup */
  constructor(kit, { self, nodes, options }) {
    this.kit = kit;
    this.self = self;
    this.nodes = nodes;
    this.options = options;
    this.majority = Math.floor(nodes.length / 2) + 1;
    this.table = new kit.EntryTable();
    this.view = kit.viewOf({
      nodes,
      table: () => this.table,
      role: () => (this.leader ? 'leader' : this.votes ? 'candidate' : 'follower'),
      leader: () => this.leaderId,
      work: () => [
        ['requests that wait', this.clients.waiting.size],
        ['entries not executed', this.log.lastIndex - this.lastApplied],
      ],
      facts: () => [
        ['leader', this.leaderId ?? '-'],
        ['term', this.currentTerm],
        ['applied', this.lastApplied],
      ],
    });
  }

  /** What comes again, or is older than what is known, changes nothing for good: all that followed it follows. @param {DurableRecord} record */
  recover(record) {
    if (record.type === 'vote') {
      const { life, term, votedFor } = record;
      this.life = Math.max(this.life, life);
      const isNew = term > this.currentTerm || (term === this.currentTerm && votedFor !== null);
      if (isNew) [this.currentTerm, this.votedFor] = [term, votedFor];
    } else if (record.type === 'piece') {
      this.#install(record.piece);
    } else if (record.index > this.log.base && record.index <= this.log.lastIndex + 1) {
      this.log.put(record.index, record.entry);
    }
  }

  /** @param {Ctx} ctx */
  onStart(ctx) {
    this.life += 1;
    // No number of an earlier life comes again.
    this.clients.number = this.life * 2 ** 32;
    ctx.persist(this.vote());
    ctx.setTimer('heartbeat', this.options.heartbeatMs);
    this.#awaitLeader(ctx);
  }

  /** @param {NodeId} from @param {Message} message @param {Ctx} ctx */
  onMessage(from, message, ctx) {
    const hearsLeader = this.leaderId && ctx.now - this.#heardAt < this.options.electionMs;
    if (message.type === 'request-vote' && hearsLeader) return;
    // "If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to follower."
    const { term = this.currentTerm } = 'term' in message ? message : {};
    if (term > this.currentTerm) this.becomeFollower(term, ctx);
    // "Reply false if term < currentTerm": it is the term that matters, whatever was asked.
    if (term < this.currentTerm) {
      return ctx.send(from, { type: 'vote', term: this.currentTerm, voteGranted: false });
    }
    const { type } = message;
    if (type === 'request-vote') this.#onRequestVote(from, message, ctx);
    else if (type === 'vote') this.#onVote(from, message, ctx);
    else if (type === 'append-entries') this.#onAppendEntries(from, message, ctx);
    else if (type === 'install-snapshot') this.#onInstallSnapshot(from, message, ctx);
    else if (type === 'appended') this.leader?.onAppended(from, message, ctx);
    else if (type === 'request') this.leader?.onRequest(from, message, ctx);
    else this.clients.onReadAt(message);
  }

  /** @param {ClientRequest} request @param {Ctx} ctx */
  onRequest(request, ctx) {
    this.clients.onRequest(request, ctx);
  }

  /** @param {'election' | 'heartbeat'} timer @param {Ctx} ctx */
  onTimer(timer, ctx) {
    if (timer === 'election') return this.#startElection(ctx);
    ctx.setTimer('heartbeat', this.options.heartbeatMs);
    if (this.votes) this.#askForVotes(ctx);
    if (this.leader?.onHeartbeat(ctx)) this.#heardAt = ctx.now;
    else if (this.leader) this.becomeFollower(this.currentTerm, ctx);
  }

  /** @param {Ctx} ctx */
  onTurnEnd(ctx) {
    this.leader?.onTurnEnd(ctx);
    this.#apply(ctx);
    this.clients.onTurnEnd(ctx);
  }

  /** The state as of now stands for the log up to here (section 7). The last of it is kept for who needs no more. @returns {Generator<DurableRecord>} */
  *snapshot() {
    const { lastApplied } = this;
    const pieces = [...this.pieces(), ...this.#pieces];
    const base = Math.max(this.log.base, lastApplied - this.options.entriesKept);
    this.log.compact(base, this.log.termAt(base));
    const entries = this.log.from(lastApplied + 1);
    yield this.vote();
    for (const piece of pieces) yield { type: 'piece', piece };
    for (const [nth, entry] of entries.entries()) {
      yield { type: 'entry', index: lastApplied + 1 + nth, entry };
    }
  }

  /** A snapshot of the state machine as it is now. @returns {Piece[]} */
  pieces() {
    const { kit, lastApplied: lastIncludedIndex, sessions, table } = this;
    const all = { lastIncludedIndex, lastIncludedTerm: this.log.termAt(lastIncludedIndex) };
    const parts = [...kit.batchesOf(table.entries(), kit.entryBytes)];
    const pieces = parts.map((data, offset) => ({ ...all, offset, data, sessions: null }));
    return [...pieces, { ...all, offset: pieces.length, data: [], sessions: [...sessions] }];
  }

  inspect() {
    return this.view;
  }

  /** Puts an entry into the log in place of all from `index` on. @param {number} index @param {Entry} entry @param {Ctx} ctx */
  replace(index, entry, ctx) {
    this.log.put(index, entry);
    ctx.persist({ type: 'entry', index, entry });
  }

  /** @param {number} term @param {Ctx} ctx */
  becomeFollower(term, ctx) {
    if (this.leader) {
      ctx.tell({ what: 'steps down', detail: `term ${this.currentTerm}` });
      this.#awaitLeader(ctx);
    }
    if (term > this.currentTerm) this.#keepVote(term, null, ctx);
    this.leader = null;
    this.leaderId = null;
    this.votes = null;
  }

  /** A server that forgot its vote could give two in one term. @returns {Vote} */
  vote() {
    const { life, currentTerm: term, votedFor } = this;
    return { type: 'vote', life, term, votedFor };
  }

  /**
   * "3. If an existing entry conflicts with a new one (same index but different terms), delete the existing entry and all that
   * follow it. 4. Append any new entries not already in the log." (Figure 2)
   * @param {number} index of the first @param {readonly Entry[]} entries @param {Ctx} ctx
   */
  append(index, entries, ctx) {
    for (const [nth, entry] of entries.entries()) {
      const at = index + nth;
      const isKnown = at <= this.log.base || this.log.termAt(at) === entry.term;
      if (!isKnown) this.replace(at, entry, ctx);
    }
  }

  /** @param {number} term @param {NodeId | null} votedFor @param {Ctx} ctx */
  #keepVote(term, votedFor, ctx) {
    [this.currentTerm, this.votedFor] = [term, votedFor];
    ctx.persist(this.vote());
  }

  /** Split votes are rare where each waits for another time (section 5.2). @param {Ctx} ctx */
  #awaitLeader(ctx) {
    ctx.setTimer('election', this.options.electionMs * (1 + ctx.random.next()));
  }

  /** @param {Ctx} ctx */
  #startElection(ctx) {
    const term = this.currentTerm + 1;
    this.becomeFollower(this.currentTerm, ctx);
    this.#keepVote(term, ctx.self, ctx);
    this.votes = new Set();
    this.#awaitLeader(ctx);
    ctx.tell({ what: 'stands for election', detail: `term ${term}` });
    // Its own vote arrives when it is durable.
    ctx.send(ctx.self, { type: 'vote', term, voteGranted: true });
    this.#askForVotes(ctx);
  }

  /** At first, and again as long as not enough have answered (section 5.1). @param {Ctx} ctx */
  #askForVotes(ctx) {
    const { currentTerm: term, log } = this;
    const last = { lastLogIndex: log.lastIndex, lastLogTerm: log.termAt(log.lastIndex) };
    for (const peer of ctx.peers) {
      if (!this.votes?.has(peer)) ctx.send(peer, { type: 'request-vote', term, ...last });
    }
  }

  /** @param {NodeId} from @param {Of<'request-vote'>} message @param {Ctx} ctx */
  #onRequestVote(from, { term, lastLogIndex, lastLogTerm }, ctx) {
    const { lastIndex } = this.log;
    const ahead = lastLogTerm - this.log.termAt(lastIndex) || lastLogIndex - lastIndex;
    const voteGranted = ahead >= 0 && (this.votedFor ?? from) === from;
    // Who asks again, for it hears nothing, must not keep the others waiting.
    if (voteGranted && this.votedFor === null) {
      this.#keepVote(term, from, ctx);
      this.#awaitLeader(ctx);
    }
    ctx.send(from, { type: 'vote', term, voteGranted });
  }

  /** @param {NodeId} from @param {Of<'vote'>} message @param {Ctx} ctx */
  #onVote(from, { term, voteGranted }, ctx) {
    if (this.votes === null || !voteGranted) return;
    this.votes.add(from);
    if (this.votes.size < this.majority) return;
    this.votes = null;
    this.leaderId = ctx.self;
    this.#heardAt = ctx.now;
    this.leader = new this.Leader(this, ctx);
    ctx.cancelTimer('election');
    ctx.tell({ what: 'leads', detail: `term ${term}` });
    ctx.decide?.(`leader of term ${term}`, ctx.self);
  }

  /** @param {NodeId} from @param {Of<'append-entries'>} message @param {Ctx} ctx */
  #onAppendEntries(from, { term, round, prevLogIndex, prevLogTerm, entries, leaderCommit }, ctx) {
    this.#follow(from, ctx);
    const { log } = this;
    const heldTerm = log.termAt(prevLogIndex);
    const success = prevLogIndex <= log.base || heldTerm === prevLogTerm;
    let index = prevLogIndex + entries.length;
    if (success) {
      this.append(prevLogIndex + 1, entries, ctx);
      this.commitIndex = Math.max(this.commitIndex, Math.min(leaderCommit, index));
    } else {
      // All entries of that term are skipped at once (section 5.3, at the end).
      index = Math.min(prevLogIndex - 1, log.lastIndex);
      while (index > this.commitIndex && log.termAt(index) === heldTerm) index--;
    }
    ctx.send(from, { type: 'appended', term, round, success, index, offset: 0 });
  }

  /** @param {NodeId} from @param {Of<'install-snapshot'>} message @param {Ctx} ctx */
  #onInstallSnapshot(from, { term, round, piece }, ctx) {
    this.#follow(from, ctx);
    if (this.#install(piece)) ctx.persist({ type: 'piece', piece });
    const index = Math.min(piece.lastIncludedIndex, this.commitIndex);
    const offset = this.#pieces.length;
    ctx.send(from, { type: 'appended', term, round, success: true, index, offset });
  }

  /** @param {NodeId} leader @param {Ctx} ctx */
  #follow(leader, ctx) {
    if (this.leaderId !== leader) ctx.tell({ what: 'follows', node: leader });
    this.leaderId = leader;
    this.votes = null;
    this.#heardAt = ctx.now;
    this.#awaitLeader(ctx);
  }

  /** @param {Ctx} ctx */
  #apply(ctx) {
    for (const { term, command } of this.log.from(this.lastApplied + 1, this.commitIndex)) {
      const index = ++this.lastApplied;
      ctx.decide?.(`entry ${index}`, `term ${term}: ${command?.number ?? 'no-op'}`);
      if (command === null) continue;
      const { origin, number, operation } = command;
      // What comes again is executed once (section 8).
      if (number <= (this.sessions.get(origin) ?? 0)) continue;
      this.sessions.set(origin, number);
      const result = this.execute(operation, origin);
      if (origin === ctx.self) this.clients.answer(number, result, ctx);
    }
  }

  /** @param {Operation} operation @param {NodeId} node */
  execute(operation, node) {
    return this.kit.execute(this.table, operation, { stamp: this.lastApplied, node });
  }

  /** A leader begins with the first piece, and goes on when that is there. False: it is known, or another one is next. @param {Piece} piece */
  #install(piece) {
    const { lastIncludedIndex: index, lastIncludedTerm, offset, sessions } = piece;
    if (this.#pieces[0]?.lastIncludedIndex !== index) this.#pieces = [];
    if (index <= this.commitIndex || (offset > 0 && offset !== this.#pieces.length)) return false;
    this.#pieces.splice(offset, Number.POSITIVE_INFINITY, piece);
    if (sessions === null) return true;
    this.sessions = new Map(sessions);
    this.table = new this.kit.EntryTable();
    for (const { key, value, version } of this.#pieces.flatMap(({ data }) => data)) {
      this.table.put(key, value, version);
    }
    this.#pieces = [];
    this.log.compact(index, lastIncludedTerm);
    [this.lastApplied, this.commitIndex] = [index, index];
    return true;
  }
}
