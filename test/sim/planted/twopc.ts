import type { Plant } from './plant.js';

const participant = 'src/protocols/twopc/worker/participant.ts';
const transactions = 'src/protocols/twopc/coordinator/transactions.ts';

export const twoPhaseCommitPlants: readonly Plant[] = [
  {
    name: 'locks are lost on restart',
    file: participant,
    old: `      const holder = this.#locks.acquire(id, doubt.footprint);
      invariant(holder`,
    now: `      doubt.footprint = { reads: [], writes: [] } as never;
      const holder = null as number | null;
      invariant(holder`,
  },
  {
    name: 'a late PREPARE after ABORT is taken for a new one',
    file: participant,
    old: `    this.inDoubt.delete(id);
    this.#locks.release(id, doubt.footprint);
    this.decisions.remember(id, commit);`,
    now: `    this.inDoubt.delete(id);
    this.#locks.release(id, doubt.footprint);
    if (commit) this.decisions.remember(id, commit);`,
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
    old: `    ctx.persist({ type: 'decided', commits: committed, aborts: aborted });`,
    now: '',
  },
  {
    name: 'the coordinator commits when one vote is missing',
    file: transactions,
    old: '    if (transaction.votesMissing === 0) this.#commit(transaction, ctx);',
    now: '    if (transaction.votesMissing <= 1 && transaction.result !== null) this.#commit(transaction, ctx);',
  },
  {
    name: 'what a transaction reads is not locked',
    file: participant,
    old: `    const holder = this.#locks.acquire(id, footprint);
    if (holder !== null) {`,
    now: `    const holder = this.#locks.acquire(id, { ...footprint, reads: [] });
    Object.assign(footprint, { reads: [] });
    if (holder !== null) {`,
  },
  {
    name: 'a compare-and-set is evaluated before it is ordered',
    file: 'src/protocols/twopc/worker/worker.ts',
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
    name: 'reads do not wait for what is in doubt',
    file: participant,
    old: '      if (writer === null) continue;',
    now: '      if (writer !== -1) continue;',
  },
  {
    name: 'a transaction that is in doubt is aborted when the coordinator is silent',
    file: 'src/protocols/twopc/worker/termination.ts',
    old: '      if (!coordinatorIsSilent) continue;',
    now: `      if (!coordinatorIsSilent) continue;
      this.#participant.decide([], [id], ctx);`,
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
];
