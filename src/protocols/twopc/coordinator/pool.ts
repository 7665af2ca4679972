/**
 * The workers, and which of them make up the pool.
 *
 * **The pool is the set of workers that hold every committed transaction**, in their stores or in doubt. All of it
 * votes on every transaction, and only it answers reads. A worker that fails to vote leaves it, and that is durable
 * before any commit that goes on without it; it comes back when it has caught up (`joins.ts`). The coordinator keeps no
 * copy of the data, so the pool must never run empty: its last worker is not dropped, however silent.
 *
 * For each worker it is kept what it still owes us, a vote, an acknowledgement or an answer to a read, and so what must
 * be said to it again when its line begins anew.
 */

import type { Millis, NodeId } from '../../../core/ids.js';
import type { ClientResult, DataOperation } from '../../../core/operation.js';
import { TransientMap, TransientSet } from '../../../core/transient.js';
import { batchesOf } from '../../shared/batches.js';
import { Line } from '../line.js';
import type { Answer, Asked, Ctx } from '../messages.js';
import { bytesOfResult, type Footprint } from '../operations.js';
import type { Times } from '../options.js';
import type { DurableRecord, MemberState, TransactionId } from '../records.js';

/** Whom to answer: a client of this node, or a worker that forwarded its client's request. */
export interface Origin {
  /** `null`: this node. */
  readonly worker: NodeId | null;
  /** Which life of the worker. */
  readonly start: number;
  /** The request's number at its node. */
  readonly number: number;
}

/** A request on its way through the coordinator. */
export interface Pending {
  readonly origin: Origin;
  readonly operation: DataOperation;
  readonly bytes: number;
  readonly deadline: Millis;
}

export interface Read {
  readonly id: TransactionId;
  readonly pending: Pending;
  readonly askedAt: Millis;
}

/** In phase one. */
export interface Transaction {
  readonly id: TransactionId;
  readonly pending: Pending;
  /** The same for all workers. */
  readonly asked: Asked;
  readonly footprint: Footprint;
  readonly voters: Voters;
  readonly voteDeadline: Millis;
  votesMissing: number;
  /** What the client will hear if it commits. */
  result: ClientResult | null;
}

/** What one turn has to say to one worker. */
class Outbox {
  commits: TransactionId[] = [];
  aborts: TransactionId[] = [];
  voteRequests: Transaction[] = [];
  reads: Read[] = [];
  answers: Answer[] = [];
}

export class Member {
  readonly node: NodeId;
  inPool: boolean;
  holdsUpTo: number;
  /** The greatest commit that it has acknowledged, as far as it is known: it must hold that for ever. */
  acknowledged: TransactionId = 0;
  /** Of the line to it: one for each life of the coordinator, and another when it is removed and added again. */
  epoch = 0;
  line: Line | null = null;
  lastHeard: Millis = 0;
  /** Pieces it says it has copied in the join under way. */
  copied = 0;
  /** Since when it owes a vote on a transaction that its client has given up; `null` when it has voted since. */
  owesVoteSince: Millis | null = null;
  /** Asked to vote, and has not. */
  readonly unvoted = new TransientMap<TransactionId, Transaction>();
  /** Committed, and not acknowledged. */
  readonly unacknowledged = new TransientSet<TransactionId>();
  /** Asked to read, and has not answered. */
  readonly reads = new TransientMap<TransactionId, Read>();
  outbox = new Outbox();

  constructor({ node, inPool, holdsUpTo }: MemberState) {
    this.node = node;
    this.inPool = inPool;
    this.holdsUpTo = holdsUpTo;
    if (inPool) this.acknowledged = holdsUpTo;
  }

  /** It has begun a new life: what it owes us is said again, what we were about to say besides is void. */
  connect(start: number): void {
    this.line = new Line(this.node, this.epoch, start);
    this.copied = 0;
    this.owesVoteSince = null;
    this.outbox = new Outbox();
    this.outbox.commits.push(...this.unacknowledged);
    this.outbox.voteRequests.push(...this.unvoted.values());
    this.outbox.reads.push(...this.reads.values());
  }

  /** Heard of lately, and takes in what is said to it. */
  isResponsive(now: Millis, { suspicionMs }: Times): boolean {
    if (now - this.lastHeard >= suspicionMs) return false;
    return this.line === null || this.line.silentFor(now) < suspicionMs;
  }

  /** Sends what the turn has gathered. Decisions first: they free locks that the vote requests behind them need. */
  flush(ctx: Ctx): void {
    const { commits, aborts, voteRequests, reads, answers } = this.outbox;
    this.outbox = new Outbox();
    // Without a line all but the answers is said when there is one, see `connect`; nobody waits for those any more.
    const { line } = this;
    if (line === null) return;
    if (commits.length > 0 || aborts.length > 0) {
      line.send({ type: 'decision', commits, aborts }, ctx);
    }
    this.#sendVoteRequests(line, voteRequests, ctx);
    for (const batch of batchesOf(reads, (read) => read.pending.bytes)) {
      const asked = batch.map(({ id, pending }) => ({ id, operation: pending.operation }));
      line.send({ type: 'read', reads: asked }, ctx);
    }
    for (const batch of batchesOf(answers, (answer) => bytesOfResult(answer.result))) {
      line.send({ type: 'answer', answers: batch }, ctx);
    }
  }

  #sendVoteRequests(line: Line, transactions: readonly Transaction[], ctx: Ctx): void {
    // What was decided in the turn that began it needs no vote any more.
    const open = transactions.filter((transaction) => this.unvoted.has(transaction.id));
    for (const voters of new Set(open.map((transaction) => transaction.voters))) {
      const same = open.filter((transaction) => transaction.voters === voters);
      for (const batch of batchesOf(same, ({ pending }) => pending.bytes)) {
        const asked = batch.map((transaction) => transaction.asked);
        line.send({ type: 'vote-request', participants: voters.nodes, transactions: asked }, ctx);
      }
    }
  }
}

/** The pool at one time; a new object whenever it changes. */
export interface Voters {
  readonly members: readonly Member[];
  readonly nodes: readonly NodeId[];
}

export class Pool {
  readonly times: Times;
  readonly #members = new Map<NodeId, Member>();
  #generation = 0;
  #voters: Voters = { members: [], nodes: [] };

  constructor(times: Times) {
    this.times = times;
  }

  recover(generation: number, members: readonly MemberState[]): void {
    if (generation < this.#generation) return;
    this.#generation = generation;
    this.#members.clear();
    for (const state of members) this.#members.set(state.node, new Member(state));
    this.#refresh();
  }

  /** The first start of all: nobody holds anything, so everybody holds everything. */
  begin(workers: readonly NodeId[], ctx: Ctx): void {
    if (this.#generation > 0) return;
    for (const node of workers) {
      this.#members.set(node, new Member({ node, inPool: true, holdsUpTo: 0 }));
    }
    this.#changed(ctx);
  }

  get(node: NodeId): Member | undefined {
    return this.#members.get(node);
  }

  /** Every worker, in the order they were added. */
  get members(): Iterable<Member> {
    return this.#members.values();
  }

  get size(): number {
    return this.#members.size;
  }

  get voters(): Voters {
    return this.#voters;
  }

  /** Adds a worker that is to copy everything before it takes part. */
  add(node: NodeId, epoch: number, ctx: Ctx): void {
    const member = new Member({ node, inPool: false, holdsUpTo: 0 });
    member.epoch = epoch;
    member.lastHeard = Number.NEGATIVE_INFINITY;
    this.#members.set(node, member);
    ctx.tell({ what: 'adds the member', node });
    this.#changed(ctx);
  }

  remove(member: Member, ctx: Ctx): void {
    this.#members.delete(member.node);
    ctx.tell({ what: 'removes the member', node: member.node });
    this.#changed(ctx);
  }

  /** `last` is the greatest id given out: all transactions up to it had the worker among their voters. */
  leave(member: Member, last: TransactionId, ctx: Ctx): void {
    member.inPool = false;
    ctx.tell({ what: 'pool loses', node: member.node });
    member.holdsUpTo = last;
    this.#changed(ctx);
  }

  /** Nothing is known of what it holds any more. */
  startOver(member: Member, ctx: Ctx): void {
    member.holdsUpTo = 0;
    member.acknowledged = 0;
    this.#changed(ctx);
  }

  enter(member: Member, ctx: Ctx): void {
    member.inPool = true;
    ctx.tell({ what: 'pool gains', node: member.node });
    this.#changed(ctx);
  }

  record(): DurableRecord {
    const members = [...this.#members.values()].map(({ node, inPool, holdsUpTo, acknowledged }) => {
      return { node, inPool, holdsUpTo: inPool ? acknowledged : holdsUpTo };
    });
    return { type: 'members', generation: this.#generation, members };
  }

  #changed(ctx: Ctx): void {
    this.#generation += 1;
    this.#refresh();
    // Durable before anything that rests on it: a commit without the one who left is appended later than this.
    ctx.persist(this.record());
  }

  #refresh(): void {
    const members = [...this.#members.values()].filter((member) => member.inPool);
    this.#voters = { members, nodes: members.map((member) => member.node) };
  }
}

/** Answers a request, once; a worker that has restarted has no use for the answer any more. */
export function respond(origin: Origin, result: ClientResult, pool: Pool, ctx: Ctx): void {
  const { worker, start, number } = origin;
  if (worker === null) {
    ctx.reply(number, result);
    return;
  }
  const member = pool.get(worker);
  if (member?.line?.start === start) member.outbox.answers.push({ number, result });
}
