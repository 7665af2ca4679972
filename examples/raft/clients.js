// @ts-check
/**
 * What this server's own clients wait for. It goes to the leader, whoever that is (section 8), and is answered here: a command
 * when this server executes it, a read when this server has executed what was committed when it was asked.
 *
 * Whatever waits is sent again, now and then and to each new leader. A leader takes requests of one server in the order of their
 * numbers, and each number once; so it need only know the last.
 */

/** @import { ClientRequest, ClientResult } from 'kvx/protocol' */
/** @import { Ctx, Of } from './messages.js' */
/** @import { Server } from './server.js' */

/**
 * @typedef {Pick<ClientRequest, 'id' | 'operation'>} Asked
 * @typedef {Asked & { deadline: number, mayHappen: boolean, readIndex: number }} Waiting
 */

export class Clients {
  /** Of the last request. */
  number = 0;
  /** @type {Map<number, Waiting>} by their numbers, which grow */
  waiting = new Map();
  /** All that wait have been sent to the leader of this term, up to this number. */
  #sent = { term: 0, number: 0 };
  #sendAgainAt = 0;

  /** @param {Server} server */
  constructor(server) {
    this.server = server;
  }

  /** @param {ClientRequest} request @param {Ctx} ctx */
  onRequest({ id, timeoutMs, operation }, ctx) {
    this.number += 1;
    const asked = { id, operation, deadline: ctx.now + timeoutMs };
    this.waiting.set(this.number, { ...asked, mayHappen: false, readIndex: Infinity });
  }

  /** @param {Of<'read-at'>} message */
  onReadAt({ number, index }) {
    const waiting = this.waiting.get(number);
    if (waiting) waiting.readIndex = index;
  }

  /** @param {Ctx} ctx */
  onTurnEnd(ctx) {
    const { kit, leaderId, currentTerm: term, lastApplied, options } = this.server;
    const { timedOut, unavailable } = kit.results;
    // What a server tells itself is never lost.
    const isLate = ctx.now >= this.#sendAgainAt && leaderId !== ctx.self;
    if (leaderId !== null && (isLate || term !== this.#sent.term)) {
      this.#sendAgainAt = ctx.now + options.electionMs;
      this.#sent = { term, number: 0 };
    }
    for (const [number, waiting] of this.waiting) {
      const { operation, deadline, mayHappen, readIndex } = waiting;
      if (readIndex <= lastApplied) {
        this.answer(number, this.server.execute(operation, ctx.self), ctx);
      } else if (deadline <= ctx.now) {
        const late = mayHappen ? timedOut('not committed in time') : unavailable('no leader known');
        this.answer(number, late, ctx);
      } else if (leaderId !== null && number > this.#sent.number) {
        ctx.send(leaderId, { type: 'request', after: this.#sent.number, number, operation });
        this.#sent.number = number;
        waiting.mayHappen ||= operation.type !== 'get';
      }
    }
  }

  /** What is committed is safe, whatever this server's own disk has of it. @param {number} number @param {ClientResult} result @param {Ctx} ctx */
  answer(number, result, ctx) {
    const waiting = this.waiting.get(number);
    if (waiting) ctx.replyUnsynced(waiting.id, result);
    this.waiting.delete(number);
  }
}
