/**
 * The coordinator's side of two-phase commit (Gray 1978, section 5.8.3.3; Bernstein, Hadzilacos & Goodman 1987,
 * section 7.4), with presumed abort (Mohan, Lindsay & Obermarck 1986, section 3).
 *
 * Phase one. A transaction takes its locks here, gets its id, and goes as VOTE-REQUEST to every worker in the pool.
 * A worker that votes YES gives up its right to abort.
 *
 * Phase two. When all have voted YES the transaction is committed by one thing alone: a `committed` record that is
 * durable. COMMIT leaves after it, and so does the client's answer. The first NO, or a vote that does not come in time,
 * aborts. An abort is written nowhere and acknowledged by nobody: who asks about a transaction that is not known here
 * hears that it was aborted. That is why a commit is remembered until *every* voter has acknowledged it, and why ids
 * are never used again.
 *
 * Locks. Every worker locks what it votes YES to and holds it until it knows the decision. The same locks are taken
 * here first and held until the decision: two transactions in conflict are then never voted on at the same time, the
 * later one is refused before it costs a message, and along each key ids ascend in the order of commits. They can be
 * released at the decision, because COMMIT precedes the next VOTE-REQUEST on every line.
 */

import type { Millis, NodeId } from '../../../core/ids.js';
import { invariant, PeerFault } from '../../../core/invariant.js';
import type { ClientResult } from '../../../core/operation.js';
import { unavailable } from '../../../core/results.js';
import { TransientMap } from '../../../core/transient.js';
import type { ReservedNumbers } from '../../shared/reserved-numbers.js';
import { LockTable } from '../locks.js';
import type { Ctx, TwoPhaseCommit, Vote } from '../messages.js';
import { conflict, footprintOf } from '../operations.js';
import { bounds } from '../options.js';
import type { DurableRecord, TransactionId } from '../records.js';
import {
  type Member,
  type Pending,
  type Pool,
  respond,
  type Transaction,
  type Voters,
} from './pool.js';

/** In phase two, committed. */
interface Committed {
  readonly participants: readonly NodeId[];
  missing: number;
}

export class Transactions {
  readonly #pool: Pool;
  readonly #ids: ReservedNumbers<TwoPhaseCommit>;
  readonly #locks = new LockTable();
  /** In phase one, oldest first. */
  readonly #undecided = new TransientMap<TransactionId, Transaction>();
  /** Committed, and not acknowledged by all. */
  readonly #committed = new TransientMap<TransactionId, Committed>();
  /** While it recovers: the greatest commit that each worker has acknowledged. */
  readonly #acknowledged = new Map<NodeId, TransactionId>();
  #undecidedBytes = 0;
  /** Committed in this turn, by who voted; durable before the turn's sends leave. */
  #newlyCommitted = new Map<readonly NodeId[], TransactionId[]>();
  /** Acknowledged by all, and not yet written down. */
  #newlyEnded: TransactionId[] = [];

  constructor(pool: Pool, ids: ReservedNumbers<TwoPhaseCommit>) {
    this.#pool = pool;
    this.#ids = ids;
  }

  recover(record: Extract<DurableRecord, { type: 'committed' | 'ended' }>): void {
    for (const id of record.ids) {
      if (record.type === 'ended') this.#recoverEnd(id);
      else this.#committed.set(id, { participants: record.participants, missing: 0 });
    }
  }

  #recoverEnd(id: TransactionId): void {
    for (const node of this.#committed.get(id)?.participants ?? []) {
      this.#acknowledged.set(node, Math.max(id, this.#acknowledged.get(node) ?? 0));
    }
    this.#committed.delete(id);
  }

  /** Takes up again what was decided. What was not is forgotten, and so aborted. */
  start(): void {
    for (const [node, id] of this.#acknowledged) {
      const member = this.#pool.get(node);
      if (member !== undefined) member.acknowledged = Math.max(member.acknowledged, id);
    }
    this.#acknowledged.clear();
    for (const [id, committed] of this.#committed) {
      for (const node of committed.participants) {
        const member = this.#pool.get(node);
        if (member === undefined) continue;
        member.unacknowledged.add(id);
        // That it had acknowledged this may not be written down; but it had prepared, so it holds this, or is in doubt.
        member.acknowledged = Math.max(member.acknowledged, id);
        committed.missing += 1;
      }
      if (committed.missing === 0) this.#end(id);
    }
  }

  get undecidedCount(): number {
    return this.#undecided.size;
  }

  /** Those in phase one, and whose vote is missing. */
  *undecided(): Iterable<readonly [TransactionId, readonly NodeId[]]> {
    for (const { id, voters } of this.#undecided.values()) {
      const silent = voters.members.filter((member) => member.unvoted.has(id));
      yield [id, silent.map(({ node }) => node)];
    }
  }

  /** Committed, but some worker may not know it yet. */
  get unacknowledgedCount(): number {
    return this.#committed.size;
  }

  /** False when too much is under way for it to begin. */
  hasRoomFor({ bytes }: Pending): boolean {
    const isSmall = bytes <= bounds.smallBytesMax;
    if (!isSmall && this.#undecidedBytes >= bounds.undecidedBytesMax) return false;
    if (this.#undecided.size >= bounds.outstandingMax) return false;
    return this.#pool.voters.members.every(
      (member) => member.unacknowledged.size < bounds.outstandingMax,
    );
  }

  /** Phase one: VOTE-REQUEST to the whole pool. */
  begin(pending: Pending, ctx: Ctx): void {
    const { voters, times } = this.#pool;
    if (!voters.members.some((member) => member.isResponsive(ctx.now, times))) {
      respond(pending.origin, noWorker(voters), this.#pool, ctx);
      return;
    }
    const footprint = footprintOf(pending.operation);
    const id = this.#ids.next(ctx);
    if (this.#locks.acquire(id, footprint) !== null) {
      respond(pending.origin, conflict(conflictMessage), this.#pool, ctx);
      return;
    }
    const transaction: Transaction = {
      id,
      pending,
      asked: { id, operation: pending.operation },
      footprint,
      voters,
      voteDeadline: ctx.now + times.voteTimeoutMs + this.#timeToWrite(pending.bytes),
      votesMissing: voters.members.length,
      result: null,
    };
    this.#undecided.set(id, transaction);
    this.#undecidedBytes += pending.bytes;
    for (const member of voters.members) {
      member.unvoted.set(id, transaction);
      member.outbox.voteRequests.push(transaction);
    }
  }

  #timeToWrite(bytes: number): Millis {
    return Math.floor((this.#undecidedBytes + bytes) / bounds.votedBytesPerMs);
  }

  /** A vote on what is decided already, or was before a restart, changes nothing. */
  onVote(member: Member, vote: Vote, ctx: Ctx): void {
    member.owesVoteSince = null;
    const transaction = member.unvoted.get(vote.id);
    if (transaction === undefined) return;
    const isLast = vote.yes && transaction.votesMissing === 1;
    if (isLast && (vote.result ?? transaction.result) === null) {
      throw new PeerFault(`nobody said with what result ${vote.id} commits`);
    }
    member.unvoted.delete(vote.id);
    if (!vote.yes) {
      this.#abort(transaction, vote.result ?? conflict(conflictMessage), ctx);
      return;
    }
    if (vote.result !== null) transaction.result = vote.result;
    transaction.votesMissing -= 1;
    if (transaction.votesMissing === 0) this.#commit(transaction, ctx);
  }

  /** Phase two, all have voted YES: the commit record goes into this turn, everything else leaves after it. */
  #commit(transaction: Transaction, ctx: Ctx): void {
    const { id, voters, result, pending } = transaction;
    invariant(result !== null, `transaction ${id} commits and nobody said with what result`);
    this.#decided(transaction);
    ctx.decide?.(`transaction ${id}`, 'committed');
    this.#committed.set(id, { participants: voters.nodes, missing: voters.members.length });
    const others = this.#newlyCommitted.get(voters.nodes);
    if (others === undefined) this.#newlyCommitted.set(voters.nodes, [id]);
    else others.push(id);
    for (const member of voters.members) {
      member.unacknowledged.add(id);
      member.outbox.commits.push(id);
    }
    respond(pending.origin, result, this.#pool, ctx);
  }

  /** Phase two, somebody can't: presumed abort leaves nothing to write and nothing to wait for. */
  #abort(transaction: Transaction, result: ClientResult, ctx: Ctx): void {
    this.#decided(transaction);
    ctx.decide?.(`transaction ${transaction.id}`, 'aborted');
    for (const member of transaction.voters.members) {
      member.unvoted.delete(transaction.id);
      member.outbox.aborts.push(transaction.id);
    }
    respond(transaction.pending.origin, result, this.#pool, ctx);
  }

  #decided({ id, footprint, pending }: Transaction): void {
    this.#undecided.delete(id);
    this.#undecidedBytes -= pending.bytes;
    this.#locks.release(id, footprint);
  }

  onAck(member: Member, ids: readonly TransactionId[]): void {
    for (const id of ids) {
      if (!member.unacknowledged.delete(id)) continue;
      member.acknowledged = Math.max(member.acknowledged, id);
      const committed = this.#committed.get(id);
      invariant(committed !== undefined, `transaction ${id} is acknowledged and not known`);
      committed.missing -= 1;
      if (committed.missing === 0) this.#end(id);
    }
  }

  #end(id: TransactionId): void {
    this.#committed.delete(id);
    this.#newlyEnded.push(id);
  }

  /** What a worker in doubt is told, at once or never: `undecided` it will hear as soon as there is a decision. */
  outcomeOf(id: TransactionId): 'committed' | 'aborted' | 'undecided' {
    if (this.#committed.has(id)) return 'committed';
    return this.#undecided.has(id) ? 'undecided' : 'aborted';
  }

  /**
   * A worker that has kept a transaction waiting for too long is to leave the pool. When *nobody* voted it is the
   * coordinator that is cut off, or the pool's last worker that is gone: then the transaction aborts and nobody leaves.
   * And what a client has given up on is aborted, which spares it the doubt.
   *
   * `leave` must abort what the worker has a vote on; so whoever has voted on an overdue transaction is still in the
   * pool when the others go, and the pool does not run empty.
   */
  expire(leave: (member: Member, why: ClientResult) => void, ctx: Ctx): void {
    for (const transaction of this.#undecided.values()) {
      const { id, voters, pending, voteDeadline } = transaction;
      if (voteDeadline <= ctx.now) {
        const silent = voters.members.filter((member) => member.unvoted.has(id));
        if (silent.length === voters.members.length) {
          this.#abort(transaction, noWorker(voters), ctx);
        } else {
          const why = tooLate(silent, this.#pool.times.voteTimeoutMs);
          for (const member of silent) leave(member, why);
        }
      } else if (pending.deadline <= ctx.now) {
        const begunAt = voteDeadline - this.#pool.times.voteTimeoutMs;
        for (const member of voters.members) {
          if (member.unvoted.has(id)) member.owesVoteSince ??= begunAt;
        }
        this.#abort(transaction, unavailable('not all votes came in time: aborted'), ctx);
      }
    }
    this.#expireDebts(leave, ctx.now);
  }

  /** Clients less patient than the vote-timeout must not keep a dead worker in the pool. */
  #expireDebts(leave: (member: Member, why: ClientResult) => void, now: Millis): void {
    const { voters, times } = this.#pool;
    const silent = voters.members.filter(({ owesVoteSince }) => {
      return owesVoteSince !== null && now - owesVoteSince >= times.voteTimeoutMs;
    });
    if (silent.length === 0) return;
    const why = tooLate(silent, times.voteTimeoutMs);
    for (const member of silent) {
      member.owesVoteSince = null;
      if (silent.length < voters.members.length) leave(member, why);
    }
  }

  /** Aborts everything undecided that this worker has a vote on, because it leaves. */
  abortWith(member: Member, why: ClientResult, ctx: Ctx): void {
    for (const transaction of this.#undecided.values()) {
      if (transaction.voters.members.includes(member)) this.#abort(transaction, why, ctx);
    }
  }

  /** The worker is gone for good: its acknowledgements are not waited for. */
  forget(member: Member): void {
    this.onAck(member, [...member.unacknowledged]);
  }

  /** Everything up to this id is decided and acknowledged. */
  get settledUpTo(): TransactionId {
    let first = this.#ids.last + 1;
    for (const id of this.#undecided.keys()) first = Math.min(first, id);
    for (const id of this.#committed.keys()) first = Math.min(first, id);
    return first - 1;
  }

  /**
   * One record for all that this turn has committed, one for all that has ended. The latter is not forced (Mohan et al.,
   * section 2.1): it waits for a commit, or until `all` is to be written. Without it a restart says again what is known.
   */
  persist(all: boolean, ctx: Ctx): void {
    const commits = this.#newlyCommitted.size > 0;
    for (const [participants, ids] of this.#newlyCommitted) {
      ctx.persist({ type: 'committed', ids, participants });
    }
    if (commits) this.#newlyCommitted = new Map();
    if (this.#newlyEnded.length === 0 || !(commits || all)) return;
    ctx.persist({ type: 'ended', ids: this.#newlyEnded });
    this.#newlyEnded = [];
  }

  records(): DurableRecord[] {
    const groups = new Map<readonly NodeId[], TransactionId[]>();
    for (const [id, { participants }] of this.#committed) {
      const ids = groups.get(participants);
      if (ids === undefined) groups.set(participants, [id]);
      else ids.push(id);
    }
    return [...groups].map(([participants, ids]) => ({ type: 'committed', ids, participants }));
  }

  /** The commits that somebody has not acknowledged, oldest first, and who. */
  *unacknowledged(): Iterable<readonly [TransactionId, readonly NodeId[]]> {
    for (const [id, { participants }] of this.#committed) {
      const silent = participants.filter((node) => this.#pool.get(node)?.unacknowledged.has(id));
      yield [id, silent];
    }
  }
}

const conflictMessage = 'another transaction is changing, or reading, a key that this one needs';

function tooLate(silent: readonly Member[], voteTimeoutMs: Millis): ClientResult {
  const names = silent.map((member) => member.node).join(', ');
  const left = silent.length === 1 ? 'it has left the pool' : 'they have left the pool';
  return unavailable(`${names} did not vote within ${voteTimeoutMs} ms: aborted, and ${left}`);
}

function noWorker(voters: Voters): ClientResult {
  if (voters.nodes.length === 0) return unavailable('the pool has no workers');
  return unavailable(`no worker of the pool (${voters.nodes.join(', ')}) answers`);
}
