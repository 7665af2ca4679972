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
 * To read on: `messages.js`, `log.js`, `leader.js`, `state-machine.js`, `clients.js`.
 */

/** @import { ClientRequest, Kit, NodeId, ReplicaSetup } from 'kvx/protocol' */
/** @import { Ctx, DurableRecord, Entry, Message, Of, RaftOptions, Stored, Vote } from './messages.js' */

import { Clients } from './clients.js';
import { Leader } from './leader.js';
import { Log } from './log.js';
import { StateMachine } from './state-machine.js';

const recordBytes = 32 * 1024;

export class Server {
  // Persistent state on all servers.
  currentTerm = 0;
  /** @type {NodeId | null} */
  votedFor = null;
  log = new Log();
  // Volatile state on all servers; `lastApplied` is the machine's.
  commitIndex = 0;
  machine;
  /** @type {NodeId | null} */
  leaderId = null;
  // Volatile state on leaders and on candidates.
  /** @type {Leader | null} */
  leader = null;
  /** @type {Set<NodeId> | null} */
  votes = null;

  clients = new Clients(this);
  #heardAt = 0;
  /** @type {{ index: number, data: Stored[] } | null} pieces of a snapshot, as they come */
  #pieces = null;

  /** @param {Kit} kit @param {ReplicaSetup<RaftOptions>} setup */
  constructor(kit, { self, nodes, options }) {
    this.kit = kit;
    this.self = self;
    this.nodes = nodes;
    this.options = options;
    this.majority = Math.floor(nodes.length / 2) + 1;
    this.machine = new StateMachine(kit);
    this.view = kit.viewOf({
      nodes,
      table: () => this.machine.table,
      role: () => (this.leader ? 'leader' : this.votes ? 'candidate' : 'follower'),
      leader: () => this.leaderId,
      work: () => [
        ['requests that wait', this.clients.count],
        ['entries not executed', this.log.lastIndex - this.machine.lastApplied],
      ],
      facts: () => [
        ['leader', this.leaderId ?? '-'],
        ['term', this.currentTerm],
        ['committed', this.commitIndex],
        ['applied', this.machine.lastApplied],
        ['log entries', this.log.lastIndex - this.log.base],
      ],
    });
  }

  /** @param {DurableRecord} record */
  recover(record) {
    switch (record.type) {
      case 'vote':
        this.clients.life = Math.max(this.clients.life, record.life);
        if (record.term > this.currentTerm) this.votedFor = record.votedFor;
        else if (record.term === this.currentTerm) this.votedFor ??= record.votedFor;
        this.currentTerm = Math.max(this.currentTerm, record.term);
        break;
      case 'entries':
        this.#recoverEntries(record.index, record.entries);
        break;
      case 'piece':
        this.#keepPiece(record.index, record.data);
        break;
      case 'snapshot':
        this.#restore(record);
    }
  }

  /** @param {Ctx} ctx */
  onStart(ctx) {
    this.clients.life += 1;
    this.#pieces = null;
    ctx.persist(this.vote());
    ctx.setTimer('heartbeat', this.options.heartbeatMs);
    this.#awaitLeader(ctx);
  }

  /** @param {NodeId} from @param {Message} message @param {Ctx} ctx */
  onMessage(from, message, ctx) {
    if (message.type === 'request-vote' && this.#hearsLeader(ctx)) return;
    // "If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to follower."
    if ('term' in message && message.term > this.currentTerm) {
      this.becomeFollower(message.term, ctx);
    }
    switch (message.type) {
      case 'request-vote':
        return this.#onRequestVote(from, message, ctx);
      case 'append-entries':
        return this.#onAppendEntries(from, message, ctx);
      case 'install-snapshot':
        return this.#onInstallSnapshot(from, message, ctx);
      case 'read-at':
        return this.clients.onReadAt(message);
      case 'forward':
        return this.leader?.onForward(from, message);
      case 'read-index':
        return this.leader?.onReadIndex(from, message);
    }
    // What is left are answers; those to what was asked in an earlier term mean nothing.
    if (message.term < this.currentTerm) return;
    if (message.type === 'vote') this.#onVote(from, message, ctx);
    else if (message.type === 'appended') this.leader?.onAppended(from, message, ctx);
    else this.leader?.onInstalled(from, message, ctx);
  }

  /** @param {ClientRequest} request @param {Ctx} ctx */
  onRequest(request, ctx) {
    this.clients.onRequest(request, ctx);
  }

  /** @param {'election' | 'heartbeat'} timer @param {Ctx} ctx */
  onTimer(timer, ctx) {
    if (timer === 'election') return this.#startElection(ctx);
    ctx.setTimer('heartbeat', this.options.heartbeatMs);
    this.clients.onTick(ctx);
    if (this.votes) this.#askForVotes(ctx);
    if (this.leader?.onHeartbeat(ctx) === false) this.becomeFollower(this.currentTerm, ctx);
  }

  /** @param {Ctx} ctx */
  onTurnEnd(ctx) {
    this.leader?.onTurnEnd(ctx);
    this.#apply(ctx);
    this.clients.onTurnEnd(ctx);
  }

  /** The state as of now stands for the log up to here (section 7). The last of it is kept for who needs no more. @returns {Generator<DurableRecord>} */
  *snapshot() {
    const { index, term, sessions, data } = this.capture();
    const rest = this.log.from(index + 1);
    const pieces = this.#pieces;
    const vote = this.vote();
    const base = Math.max(this.log.base, index - this.options.entriesKept);
    this.log.compact(base, this.log.termAt(base) ?? 0);
    yield vote;
    yield* this.#pieceRecords(index, data);
    yield { type: 'snapshot', index, term, sessions };
    yield* this.#entryRecords(index + 1, rest);
    if (pieces) yield* this.#pieceRecords(pieces.index, pieces.data);
  }

  capture() {
    const { lastApplied: index } = this.machine;
    return { index, term: this.log.termAt(index) ?? 0, ...this.machine.capture() };
  }

  inspect() {
    return this.view;
  }

  /** @param {Stored} stored */
  storedBytes = ({ key, value }) => 64 + key.length + value.length;

  /** @param {Entry} entry */
  entryBytes = ({ command }) => 64 + (command ? this.kit.operationBytes(command.operation) : 0);

  /** Puts these entries into the log in place of all from `index` on. @param {number} index @param {readonly Entry[]} entries @param {Ctx} ctx */
  replace(index, entries, ctx) {
    this.log.replace(index, entries);
    for (const record of this.#entryRecords(index, entries)) ctx.persist(record);
  }

  /** @param {number} term @param {Ctx} ctx */
  becomeFollower(term, ctx) {
    if (this.leader) {
      ctx.tell({ what: 'steps down', detail: `term ${this.currentTerm}` });
      this.#awaitLeader(ctx);
    }
    if (term > this.currentTerm) {
      this.currentTerm = term;
      this.votedFor = null;
      ctx.persist(this.vote());
      this.#pieces = null;
    }
    this.leader = null;
    this.leaderId = null;
    this.votes = null;
  }

  /** A server that forgot its vote could give two in one term. @returns {Vote} */
  vote() {
    const { clients, currentTerm: term, votedFor } = this;
    return { type: 'vote', life: clients.life, term, votedFor };
  }

  /** @param {Ctx} ctx @returns {Leader} */
  newLeader(ctx) {
    return new Leader(this, ctx);
  }

  /**
   * "3. If an existing entry conflicts with a new one (same index but different terms), delete the existing entry and all that
   * follow it. 4. Append any new entries not already in the log." (Figure 2)
   * @param {number} index of the first @param {readonly Entry[]} entries @param {Ctx} ctx
   */
  append(index, entries, ctx) {
    const known = (/** @type {number} */ at) => at <= this.log.base;
    const fresh = entries.findIndex(
      ({ term }, nth) => !known(index + nth) && this.log.termAt(index + nth) !== term,
    );
    if (fresh >= 0) this.replace(index + fresh, entries.slice(fresh), ctx);
  }

  /** Split votes are rare where each waits for another time (section 5.2). @param {Ctx} ctx */
  #awaitLeader(ctx) {
    ctx.setTimer('election', this.options.electionMs * (1 + ctx.random.next()));
  }

  /** @param {Ctx} ctx */
  #hearsLeader(ctx) {
    if (this.leader) return true;
    return this.leaderId !== null && ctx.now - this.#heardAt < this.options.electionMs;
  }

  /** @param {Ctx} ctx */
  #startElection(ctx) {
    this.becomeFollower(this.currentTerm + 1, ctx);
    this.votedFor = ctx.self;
    ctx.persist(this.vote());
    this.votes = new Set();
    this.#awaitLeader(ctx);
    ctx.tell({ what: 'stands for election', detail: `term ${this.currentTerm}` });
    // Its own vote arrives when it is durable.
    ctx.send(ctx.self, { type: 'vote', term: this.currentTerm, voteGranted: true });
    this.#askForVotes(ctx);
  }

  /** At first, and again as long as not enough have answered (section 5.1). @param {Ctx} ctx */
  #askForVotes(ctx) {
    const { currentTerm: term } = this;
    const { lastIndex: lastLogIndex, lastTerm: lastLogTerm } = this.log;
    for (const peer of ctx.peers) {
      if (this.votes?.has(peer)) continue;
      ctx.send(peer, { type: 'request-vote', term, lastLogIndex, lastLogTerm });
    }
  }

  /** @param {NodeId} from @param {Of<'request-vote'>} message @param {Ctx} ctx */
  #onRequestVote(from, { term, lastLogIndex, lastLogTerm }, ctx) {
    const { lastIndex, lastTerm } = this.log;
    const isUpToDate =
      lastLogTerm > lastTerm || (lastLogTerm === lastTerm && lastLogIndex >= lastIndex);
    const isFree = this.votedFor === null || this.votedFor === from;
    const voteGranted = term === this.currentTerm && isUpToDate && isFree;
    // Who asks again, for it hears nothing, must not keep the others waiting.
    if (voteGranted && this.votedFor === null) {
      this.votedFor = from;
      ctx.persist(this.vote());
      this.#awaitLeader(ctx);
    }
    ctx.send(from, { type: 'vote', term: this.currentTerm, voteGranted });
  }

  /** @param {NodeId} from @param {Of<'vote'>} message @param {Ctx} ctx */
  #onVote(from, { voteGranted }, ctx) {
    if (this.votes === null || !voteGranted) return;
    this.votes.add(from);
    if (this.votes.size < this.majority) return;
    this.votes = null;
    this.leaderId = ctx.self;
    this.leader = this.newLeader(ctx);
    ctx.cancelTimer('election');
    ctx.tell({ what: 'leads', detail: `term ${this.currentTerm}` });
    ctx.decide?.(`leader of term ${this.currentTerm}`, ctx.self);
  }

  /** @param {NodeId} from @param {Of<'append-entries'>} message @param {Ctx} ctx */
  #onAppendEntries(from, { term, round, prevLogIndex, prevLogTerm, entries, leaderCommit }, ctx) {
    const answer = (/** @type {boolean} */ success, /** @type {number} */ index) =>
      ctx.send(from, { type: 'appended', term: this.currentTerm, round, success, index });
    if (term < this.currentTerm) return answer(false, 0);
    this.#follow(from, ctx);
    const heldTerm = this.log.termAt(prevLogIndex);
    if (prevLogIndex > this.log.base && heldTerm !== prevLogTerm) {
      // All entries of that term are skipped at once (section 5.3, at the end).
      let index = Math.min(prevLogIndex - 1, this.log.lastIndex);
      while (index > this.commitIndex && this.log.termAt(index) === heldTerm) index--;
      return answer(false, index);
    }
    this.append(prevLogIndex + 1, entries, ctx);
    const index = prevLogIndex + entries.length;
    this.commitIndex = Math.max(this.commitIndex, Math.min(leaderCommit, index));
    answer(true, index);
  }

  /** @param {NodeId} from @param {Of<'install-snapshot'>} message @param {Ctx} ctx */
  #onInstallSnapshot(from, message, ctx) {
    const { round, lastIncludedIndex: index, lastIncludedTerm: term, offset, data } = message;
    const answer = { term: this.currentTerm, round };
    if (message.term < this.currentTerm) {
      return ctx.send(from, { type: 'appended', ...answer, success: false, index: 0 });
    }
    this.#follow(from, ctx);
    if (offset === 0) this.#pieces = null;
    if (index > this.commitIndex && offset === this.#held(index)) {
      this.#take({ type: 'piece', index, data }, ctx);
      const { sessions } = message;
      if (sessions) this.#take({ type: 'snapshot', index, term, sessions }, ctx);
      this.clients.onSnapshot(ctx);
    }
    if (index <= this.commitIndex) {
      return ctx.send(from, { type: 'appended', ...answer, success: true, index });
    }
    const next = { lastIncludedIndex: index, offset: this.#held(index) };
    ctx.send(from, { type: 'installed', ...answer, ...next });
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
    while (this.machine.lastApplied < this.commitIndex) {
      const index = this.machine.lastApplied + 1;
      const entry = /** @type {Entry} */ (this.log.at(index));
      ctx.decide?.(`entry ${index}`, entry, shownEntry);
      const result = this.machine.apply(index, entry.command);
      if (result === null || entry.command?.origin !== ctx.self) continue;
      this.clients.onApplied(entry.command, result, ctx);
    }
  }

  /** @param {DurableRecord} record @param {Ctx} ctx */
  #take(record, ctx) {
    ctx.persist(record);
    this.recover(record);
  }

  /** How much there is of such a snapshot. @param {number} index */
  #held(index) {
    return this.#pieces?.index === index ? this.#pieces.data.length : 0;
  }

  /** @param {number} index @param {readonly Stored[]} data */
  #keepPiece(index, data) {
    if (this.#pieces?.index !== index) this.#pieces = { index, data: [] };
    for (const stored of data) this.#pieces.data.push(stored);
  }

  /** @param {Extract<DurableRecord, { type: 'snapshot' }>} snapshot */
  #restore({ index, term, sessions }) {
    const data = this.#pieces?.index === index ? this.#pieces.data : [];
    this.#pieces = null;
    if (index <= this.machine.lastApplied) return;
    this.machine.restore(index, sessions, data);
    this.log.compact(index, term);
    this.commitIndex = index;
  }

  /** @param {number} index @param {readonly Entry[]} entries */
  #recoverEntries(index, entries) {
    // A record that is older than the snapshot may tell of what that stands for, or of what had been cut off by then.
    const known = Math.max(0, this.log.base + 1 - index);
    if (index > this.log.lastIndex + 1 || known >= entries.length) return;
    this.log.replace(index + known, entries.slice(known));
  }

  /** @param {number} index @param {readonly Stored[]} data @returns {Generator<DurableRecord>} */
  *#pieceRecords(index, data) {
    for (const some of this.kit.batchesOf(data, this.storedBytes, recordBytes)) {
      yield { type: 'piece', index, data: some };
    }
  }

  /** @param {number} index @param {readonly Entry[]} entries @returns {Generator<DurableRecord>} */
  *#entryRecords(index, entries) {
    let at = index;
    for (const some of this.kit.batchesOf(entries, this.entryBytes)) {
      yield { type: 'entries', index: at, entries: some };
      at += some.length;
    }
  }
}

/** @param {Entry} entry */
function shownEntry({ term, command }) {
  return command
    ? `term ${term}: ${command.origin}'s ${command.life}/${command.number}`
    : `term ${term}`;
}
