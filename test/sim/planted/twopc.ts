import type { Plant } from './plant.js';

const participant = 'src/protocols/twopc/worker/participant.ts';
const transactions = 'src/protocols/twopc/coordinator/transactions.ts';
const pool = 'src/protocols/twopc/coordinator/pool.ts';
const worker = 'src/protocols/twopc/worker/worker.ts';
const line = 'src/protocols/twopc/line.ts';

/** Messages of this type go out at once, without waiting for what they rest on. */
const unsynced = (type: string) => ({
  file: line,
  old: `    this.#unseen.push(message);
    ctx.send(this.peer, message);`,
  now: `    this.#unseen.push(message);
    if (body.type === '${type}') ctx.sendUnsynced(this.peer, message);
    else ctx.send(this.peer, message);`,
});

export const twoPhaseCommitPlants: readonly Plant[] = [
  {
    name: 'locks are lost on restart',
    file: participant,
    old: `      const holder = this.#locks.acquire(id, doubt.footprint);
      invariant(holder`,
    now: `      const holder = null as number | null;
      invariant(holder`,
  },
  {
    name: 'a late PREPARE after ABORT is taken for a new one',
    file: participant,
    old: `    if (!this.decisions.mayHave(id)) return null;
    return {`,
    now: `    if (id > 0) return null;
    return {`,
  },
  {
    name: 'a decision is forgotten before all have acknowledged it',
    file: transactions,
    old: '      if (committed.missing === 0) this.#end(id);\n    }\n  }\n\n  #end(',
    now: '      this.#end(id);\n    }\n  }\n\n  #end(',
  },
  {
    name: 'the coordinator does not persist its commits',
    file: transactions,
    old: "      ctx.persist({ type: 'committed', ids, participants });",
    now: '      void ids;\n      void participants;',
  },
  {
    name: 'a worker votes YES without having prepared durably',
    file: participant,
    old: `      ctx.persist({ type: 'prepared', participants, transactions: prepared });`,
    now: '      void prepared;',
  },
  {
    name: 'a worker does not persist what was decided',
    file: participant,
    old: `    ctx.persist({ type: 'decided', commits, aborts });`,
    now: '',
  },
  {
    name: 'the coordinator commits when one vote is missing',
    file: transactions,
    old: '    if (transaction.votesMissing === 0) this.#commit(transaction, ctx);',
    now: '    if (transaction.votesMissing <= 1 && transaction.result !== null) this.#commit(transaction, ctx);',
  },
  {
    // At the workers alone it changes nothing: what is undecided is locked at the coordinator, too.
    name: 'what a transaction reads is not locked',
    file: 'src/protocols/twopc/operations.ts',
    old: '    else reads.add(step.key);',
    now: '    else if (isReadOnly(operation)) reads.add(step.key);',
  },
  {
    name: 'a compare-and-set is evaluated before it is ordered',
    file: worker,
    old: '    } else this.forwards.add(request, ctx);',
    now: `    } else {
      const { operation } = request;
      const isConditional = operation.type === 'cas' || operation.type === 'insert';
      const actual = isConditional ? (this.participant.store.get(operation.key)?.value ?? null) : null;
      const expected = operation.type === 'cas' ? operation.expected : null;
      if (isConditional && operation.value !== null && String(actual) === String(expected)) {
        const blind = { type: 'put', key: operation.key, value: operation.value } as const;
        this.forwards.add({ ...request, operation: blind }, ctx);
      } else this.forwards.add(request, ctx);
    }`,
  },
  {
    // Reads that come over the line come after all COMMITs before them: such a one need not wait.
    name: 'reads do not wait for what is in doubt: a worker answers its own clients at once',
    file: worker,
    old: '    } else this.forwards.add(request, ctx);',
    now: `    } else if (request.operation.type === 'get') {
      const held = this.participant.store.get(request.operation.key);
      const [value, version] = [held?.value ?? null, held?.version ?? null];
      ctx.reply(request.id, { type: 'value', value, version });
    } else this.forwards.add(request, ctx);`,
  },
  {
    name: 'a transaction that is in doubt is aborted when the coordinator is silent',
    file: 'src/protocols/twopc/worker/termination.ts',
    old: '      if (!coordinatorIsSilent) continue;',
    now: `      if (!coordinatorIsSilent) continue;
      this.participant.decide([], [id]);`,
  },
  {
    name: 'only the first write of a transaction is applied',
    file: participant,
    old: '    for (const { key, value } of writes) this.store.merge({ key, version, value });',
    now: '    for (const { key, value } of writes.slice(0, 1)) this.store.merge({ key, version, value });',
  },
  {
    name: 'a restarted coordinator answers that it is still undecided, for ever',
    file: transactions,
    old: "    return this.#undecided.has(id) ? 'undecided' : 'aborted';",
    now: "    return 'undecided';",
  },
  { name: 'COMMIT leaves before the commit is durable', ...unsynced('decision') },
  { name: 'YES leaves before what is voted on is durable', ...unsynced('vote') },
  { name: 'an acknowledgement leaves before the commit is durable', ...unsynced('ack') },
  {
    name: 'a worker that has told others that it aborts forgets that it has',
    file: participant,
    old: `      this.decisions.remember(id, false);
      this.#unwritten.aborts.push(id);`,
    now: `      ctx.send(from, { type: 'tell', commits: [], aborts: [id] });
      this.#unwritten.aborts.push(id);`,
  },
  {
    name: 'what is in doubt is aborted on restart',
    file: participant,
    old: '          this.inDoubt.set(id, inDoubt(prepared, footprint, record.participants, 0));',
    now: '          this.decisions.remember(id, false);',
  },
  {
    name: 'who is in doubt hears that what is undecided was aborted',
    file: transactions,
    old: "    return this.#undecided.has(id) ? 'undecided' : 'aborted';",
    now: "    return 'aborted';",
  },
  {
    name: 'a line takes messages twice',
    file: line,
    old: `    if (stamp.number === this.#received + 1) {
      this.#received += 1;`,
    now: `    if (stamp.number <= this.#received + 1) {
      this.#received = Math.max(this.#received, stamp.number);`,
  },
  {
    name: 'a write is forwarded again to a coordinator that has restarted',
    file: 'src/protocols/twopc/worker/forwards.ts',
    old: '      if (this.maySendAgain(forward)) {\n        forward.sent = false;',
    now: '      if (forward.number > 0) {\n        forward.sent = false;',
  },
  {
    name: 'what a worker has not acknowledged is forgotten when it leaves the pool',
    file: 'src/protocols/twopc/coordinator/coordinator.ts',
    old: '    this.pool.leave(member, this.ids.last, ctx);',
    now: '    this.pool.leave(member, this.ids.last, ctx);\n    this.transactions.forget(member);',
  },
  {
    name: 'that a worker has left the pool is not persisted',
    file: pool,
    old: '    member.holdsUpTo = last;\n    this.#changed(ctx);',
    now: '    member.holdsUpTo = last;\n    this.#generation += 1;\n    this.#refresh();',
  },
  {
    name: 'a worker is back in the pool before it has copied the last changes',
    file: 'src/protocols/twopc/coordinator/joins.ts',
    old: '    current.holdUntil = ctx.now + this.#pool.times.voteTimeoutMs;',
    now: `    if (current.joiner.copied >= 0) {
      this.#current = null;
      this.#pool.enter(current.joiner, ctx);
      return;
    }
    current.holdUntil = ctx.now + this.#pool.times.voteTimeoutMs;`,
  },
  {
    name: 'an abort leaves its locks behind',
    file: transactions,
    old: `  #abort(transaction: Transaction, result: ClientResult, ctx: Ctx): void {
    this.#decided(transaction);`,
    now: `  #abort(transaction: Transaction, result: ClientResult, ctx: Ctx): void {
    this.#undecided.delete(transaction.id);
    this.#undecidedBytes -= transaction.pending.bytes;`,
  },
];
