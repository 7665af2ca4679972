/**
 * A worker's side of two-phase commit: vote, wait, obey (Bernstein, Hadzilacos & Goodman 1987, section 7.4).
 *
 * On VOTE-REQUEST the worker locks what the transaction touches and works out what it would do. If a lock is taken or a
 * precondition does not hold it votes NO, which is its decision to abort, and remembers that. Otherwise it makes the
 * writes durable (`prepared`), votes YES, and is *in doubt*: it may neither commit nor abort until it is told, and keeps
 * its locks, over crashes too. A decision is durable (`decided`) before it is acknowledged, and is never reversed.
 *
 * Nobody waits for the acknowledgement, so what the coordinator has decided is obeyed at once and written down with the
 * next `prepared`, or soon: a worker that crashes before is in doubt again, and is told again. What it decides by itself,
 * voting NO, is durable before it is said.
 *
 * Reads wait for keys in doubt: whether they hold the old value or the new one nobody here can say.
 */

import type { Millis, NodeId } from '../../../core/ids.js';
import { invariant, PeerFault } from '../../../core/invariant.js';
import type { Key } from '../../../core/key.js';
import type { DataOperation } from '../../../core/operation.js';
import type { StoredEntry } from '../../../core/replica.js';
import { TransientMap } from '../../../core/transient.js';
import type { Version } from '../../../core/version.js';
import { type Evaluation, evaluate } from '../../shared/evaluate.js';
import { LockTable } from '../locks.js';
import type { Asked, Ctx, ReadResult, Vote } from '../messages.js';
import { conflict, type Footprint, footprintOf } from '../operations.js';
import type { DurableRecord, Prepared, TransactionId } from '../records.js';
import { Store } from '../store.js';
import { Decisions } from './decisions.js';

/** Voted YES, not told. */
export interface InDoubt {
  readonly prepared: Prepared;
  readonly footprint: Footprint;
  /** All who vote on it, this worker too. */
  readonly participants: readonly NodeId[];
  since: Millis;
  /** When the question was last asked. */
  askedAt: Millis;
  /** Reads that wait for the decision. */
  waiting: Asked[];
}

export class Participant {
  readonly store = new Store();
  readonly decisions = new Decisions();
  readonly #self: NodeId;
  readonly #coordinator: NodeId;
  readonly #locks = new LockTable();
  readonly inDoubt = new TransientMap<TransactionId, InDoubt>();
  readonly #lookup = (key: Key) => this.store.get(key);
  #answers: ReadResult[] = [];
  /** Obeyed, and not yet written down. */
  #unwritten: { readonly commits: TransactionId[]; readonly aborts: TransactionId[] } = none();

  constructor(self: NodeId, coordinator: NodeId) {
    this.#self = self;
    this.#coordinator = coordinator;
  }

  recover(record: DurableRecord): void {
    switch (record.type) {
      case 'prepared':
        for (const prepared of record.transactions) {
          if (this.decisions.get(prepared.id) !== undefined) continue;
          const { id, reads, writes } = prepared;
          const footprint = { reads, writes: writes.map(({ key }) => key) };
          this.inDoubt.set(id, inDoubt(prepared, footprint, record.participants, 0));
        }
        return;
      case 'decided':
        for (const id of record.commits) this.#redo(id, true);
        for (const id of record.aborts) this.#redo(id, false);
        return;
      case 'entries':
        return this.merge(record.entries);
      case 'reset':
        return this.#clear(record.upTo);
      case 'lost':
        return this.decisions.forgetAll();
      case 'forgotten':
        return this.decisions.forgetUpTo(record.upTo);
      default:
        throw new Error(`a worker's journal holds a coordinator's record: ${record.type}`);
    }
  }

  #redo(id: TransactionId, commit: boolean): void {
    const doubt = this.inDoubt.get(id);
    if (doubt !== undefined && commit) this.#apply(doubt.prepared);
    this.inDoubt.delete(id);
    this.decisions.remember(id, commit);
  }

  /** The locks of what is still in doubt are taken again before anything else can want them. */
  onStart(now: Millis): void {
    for (const [id, doubt] of this.inDoubt) {
      doubt.since = now;
      doubt.askedAt = Number.NEGATIVE_INFINITY;
      const holder = this.#locks.acquire(id, doubt.footprint);
      invariant(holder === null, `transactions ${id} and ${holder} are in doubt on one key`);
    }
  }

  /** Votes on a batch: what is voted YES is prepared durably, what is voted NO is decided durably. */
  onVoteRequest(asked: readonly Asked[], participants: readonly NodeId[], ctx: Ctx): Vote[] {
    const prepared: Prepared[] = [];
    const refused: TransactionId[] = [];
    const votes = asked.map((transaction) => {
      const known = this.#knownVote(transaction, participants);
      if (known !== null) return known;
      const vote = this.#vote(transaction, participants, ctx.now);
      const doubt = this.inDoubt.get(transaction.id);
      if (doubt !== undefined) prepared.push(doubt.prepared);
      else refused.push(transaction.id);
      return vote;
    });
    this.#unwritten.aborts.push(...refused);
    // In this order: what is prepared may need locks that were free only after the decisions.
    if (votes.length > 0) this.writeDecisions(ctx);
    if (prepared.length > 0)
      ctx.persist({ type: 'prepared', participants, transactions: prepared });
    return votes;
  }

  /** Asked again, after a restart of this worker: it says what it said, or has decided since. */
  #knownVote({ id, operation }: Asked, participants: readonly NodeId[]): Vote | null {
    if (this.inDoubt.has(id)) {
      // Its locks have kept what it reads as it was.
      const { result } = this.#evaluate(id, operation);
      return { id, yes: true, result: this.#reports(id, participants) ? result : null };
    }
    if (!this.decisions.mayHave(id)) return null;
    return { id, yes: false, result: conflict(`${this.#self} had aborted it already`) };
  }

  #vote({ id, operation }: Asked, participants: readonly NodeId[], now: Millis): Vote {
    const footprint = footprintOf(operation);
    const holder = this.#locks.acquire(id, footprint);
    if (holder !== null) {
      this.decisions.remember(id, false);
      const why = `${this.#self} does not know yet what became of transaction ${holder}`;
      return { id, yes: false, result: conflict(why) };
    }
    const { writes, result } = this.#evaluate(id, operation);
    if (writes === null) {
      this.#locks.release(id, footprint);
      this.decisions.remember(id, false);
      return { id, yes: false, result };
    }
    const prepared = { id, reads: footprint.reads, writes };
    this.inDoubt.set(id, inDoubt(prepared, footprint, participants, now));
    return { id, yes: true, result: this.#reports(id, participants) ? result : null };
  }

  #evaluate(id: TransactionId, operation: DataOperation): Evaluation {
    const version = this.#versionOf(id);
    if (operation.type !== 'put') return evaluate(operation, version, this.#lookup);
    // What nothing depends on is not looked at: an entry is made when it is shown.
    const { key, value } = operation;
    const result = { type: 'done', version, existed: this.store.has(key) } as const;
    return { writes: [{ key, value }], result };
  }

  /** All come to the same result; one of them tells it. */
  #reports(id: TransactionId, participants: readonly NodeId[]): boolean {
    return participants[id % participants.length] === this.#self;
  }

  /** COMMIT and ABORT, from whoever knows. Locks are released, reads that waited are answered. */
  decide(commits: readonly TransactionId[], aborts: readonly TransactionId[]): void {
    // A COMMIT of what was aborted here can't be: it takes this worker's YES.
    const wrong = commits.find((id) => this.decisions.get(id) === false);
    if (wrong !== undefined) throw new PeerFault(`${wrong} is committed, aborted here`);
    for (const id of commits) if (this.#resolve(id, true)) this.#unwritten.commits.push(id);
    for (const id of aborts) if (this.#resolve(id, false)) this.#unwritten.aborts.push(id);
  }

  /** Decisions that are not durable, even when this turn is. */
  get unwrittenCount(): number {
    return this.#unwritten.commits.length + this.#unwritten.aborts.length;
  }

  writeDecisions(ctx: Ctx): void {
    if (this.unwrittenCount === 0) return;
    const { commits, aborts } = this.#unwritten;
    this.#unwritten = none();
    ctx.persist({ type: 'decided', commits, aborts });
    for (const id of commits) ctx.decide?.(`transaction ${id}`, 'committed');
    for (const id of aborts) ctx.decide?.(`transaction ${id}`, 'aborted');
  }

  /** False when there was nothing to decide any more. */
  #resolve(id: TransactionId, commit: boolean): boolean {
    const doubt = this.inDoubt.get(id);
    if (doubt === undefined) {
      // An ABORT that comes late answers a question asked before the decision was known: presumed, and wrong by now.
      return false;
    }
    this.inDoubt.delete(id);
    this.#locks.release(id, doubt.footprint);
    this.decisions.remember(id, commit);
    if (commit) this.#apply(doubt.prepared);
    for (const read of doubt.waiting) this.read(read);
    return true;
  }

  #apply({ id, writes }: Prepared): void {
    const version = this.#versionOf(id);
    for (const { key, value } of writes) this.store.merge({ key, version, value });
  }

  /**
   * Tells another participant that is in doubt what it can (cooperative termination). One who has not voted may
   * still refuse, and then has decided: that sets the other one free. One who voted YES, or can't remember, can't help.
   */
  onAsk(from: NodeId, ids: readonly TransactionId[], ctx: Ctx): void {
    for (const id of ids) {
      if (this.inDoubt.has(id) || this.decisions.mayHave(id)) continue;
      this.decisions.remember(id, false);
      this.#unwritten.aborts.push(id);
    }
    this.writeDecisions(ctx);
    const commits = ids.filter((id) => this.decisions.get(id) === true);
    const aborts = ids.filter((id) => this.decisions.get(id) === false);
    if (commits.length + aborts.length > 0) ctx.send(from, { type: 'tell', commits, aborts });
  }

  /** Answers now, or when the transaction in doubt that stands in the way is decided. */
  read(asked: Asked): void {
    for (const key of footprintOf(asked.operation).reads) {
      const writer = this.#locks.writerOf(key);
      if (writer === null) continue;
      this.inDoubt.get(writer)?.waiting.push(asked);
      return;
    }
    const { result } = this.#evaluate(asked.id, asked.operation);
    this.#answers.push({ id: asked.id, result });
  }

  takeAnswers(): readonly ReadResult[] {
    const answers = this.#answers;
    if (answers.length > 0) this.#answers = [];
    return answers;
  }

  /** The line to the coordinator is a new one: it asks again what it still wants to know. */
  forgetReads(): void {
    this.#answers = [];
    for (const doubt of this.inDoubt.values()) doubt.waiting = [];
  }

  merge(entries: readonly StoredEntry[]): void {
    for (const entry of entries) this.store.merge(entry);
  }

  /** Begins with an empty store, as a worker newly added; what it knew of transactions up to `upTo` is void. */
  reset(upTo: TransactionId, ctx: Ctx): void {
    this.writeDecisions(ctx);
    ctx.persist({ type: 'reset', upTo });
    this.#clear(upTo);
  }

  /** The journal is gone: until the store begins anew every question about a vote is met with silence, or with NO. */
  forgetAll(ctx: Ctx): void {
    ctx.persist({ type: 'lost' });
    this.decisions.forgetAll();
  }

  #clear(upTo: TransactionId): void {
    this.store.clear();
    this.#locks.clear();
    this.inDoubt.clear();
    this.decisions.restart(upTo);
  }

  /** The greatest id of which this worker has something on disk: what it acknowledged is no newer. */
  get holds(): TransactionId {
    let last = Math.max(this.decisions.last, this.store.newestStamp);
    for (const id of this.inDoubt.keys()) last = Math.max(last, id);
    return last;
  }

  #versionOf(id: TransactionId): Version {
    return { stamp: id, node: this.#coordinator };
  }

  /** What is not the store; to be taken the moment that a snapshot begins. */
  smallRecords(): DurableRecord[] {
    const records: DurableRecord[] = [...this.decisions.records()];
    const groups = new Map<string, { participants: readonly NodeId[]; transactions: Prepared[] }>();
    for (const { prepared, participants } of this.inDoubt.values()) {
      const name = participants.join(' ');
      const group = groups.get(name);
      if (group === undefined) groups.set(name, { participants, transactions: [prepared] });
      else group.transactions.push(prepared);
    }
    for (const group of groups.values()) records.push({ type: 'prepared', ...group });
    return records;
  }
}

function inDoubt(
  prepared: Prepared,
  footprint: Footprint,
  participants: readonly NodeId[],
  since: Millis,
): InDoubt {
  return { prepared, footprint, participants, since, askedAt: since, waiting: [] };
}

function none(): { commits: TransactionId[]; aborts: TransactionId[] } {
  return { commits: [], aborts: [] };
}
