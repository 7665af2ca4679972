// @ts-check
/**
 * What this server's own clients wait for. Commands and reads go to the leader, whoever that is (section 8), and are answered
 * here: a command when this server executes it, a read when this server has executed what was committed when it was asked. Until
 * then they are sent again, now and then and to each new leader.
 */

/** @import { ClientRequest, ClientResult, DataOperation } from 'kvx/protocol' */
/** @import { Command, Ctx, Of } from './messages.js' */
/** @import { Server } from './server.js' */

export class Clients {
  /** Greater in each start of this server, so that no number means two commands. */
  life = 0;
  #server;
  /** @type {Map<number, { id: number, deadline: number, operation: DataOperation }>} by their numbers: 1, 2, 3, … */
  #waiting = new Map();
  #number = 0;
  /** The leader of this term has been sent all up to a number. */
  #sentTo = { term: 0, number: 0 };
  /** Above it nothing was ever sent to anybody. */
  #sentMax = 0;
  #sendAgainAt = 0;
  /** @type {Of<'read-at'>[]} */
  #readable = [];

  /** @param {Server} server */
  constructor(server) {
    this.#server = server;
  }

  get count() {
    return this.#waiting.size;
  }

  /** @param {ClientRequest} request @param {Ctx} ctx */
  onRequest({ id, timeoutMs, operation }, ctx) {
    const asked = /** @type {DataOperation} */ (operation);
    this.#number += 1;
    this.#waiting.set(this.#number, { id, deadline: ctx.now + timeoutMs, operation: asked });
  }

  /** It is committed, whatever this server's own disk has of it. @param {Command} command @param {ClientResult} result @param {Ctx} ctx */
  onApplied({ life, number }, result, ctx) {
    if (life === this.life) this.#answer(number, result, ctx);
  }

  /** What a snapshot shows to have been executed, this server did not execute itself. @param {Ctx} ctx */
  onSnapshot(ctx) {
    const { kit, machine } = this.#server;
    for (const number of this.#waiting.keys()) {
      if (!machine.hasExecuted({ origin: ctx.self, life: this.life, number })) continue;
      this.#answer(number, kit.results.timedOut('it was executed while this node was away'), ctx);
    }
  }

  /** @param {Of<'read-at'>} message */
  onReadAt(message) {
    if (message.life === this.life) this.#readable.push(message);
  }

  /** @param {Ctx} ctx */
  onTick(ctx) {
    const { unavailable, timedOut } = this.#server.kit.results;
    for (const [number, { deadline, operation }] of this.#waiting) {
      if (deadline > ctx.now) continue;
      const isSafe = operation.type === 'get' || number > this.#sentMax;
      const result = isSafe ? unavailable('no leader is known') : timedOut('not committed in time');
      this.#answer(number, result, ctx);
    }
  }

  /** @param {Ctx} ctx */
  onTurnEnd(ctx) {
    this.#answerReads(ctx);
    const { leaderId, currentTerm: term, options } = this.#server;
    if (leaderId === null) return;
    // What a server tells itself is never lost.
    const isOld = ctx.now >= this.#sendAgainAt && leaderId !== ctx.self;
    if (isOld || term !== this.#sentTo.term) {
      this.#sentTo = { term, number: 0 };
      this.#sendAgainAt = ctx.now + options.electionMs;
    }
    if (this.#sentTo.number < this.#number) this.#send(leaderId, ctx);
  }

  /** @param {Ctx} ctx */
  #answerReads(ctx) {
    const { machine } = this.#server;
    this.#readable = this.#readable.filter(({ number: last, index }) => {
      if (index > machine.lastApplied) return true;
      for (const [number, { operation }] of this.#waiting) {
        if (number > last) break;
        if (operation.type === 'get') this.#answer(number, machine.read(operation), ctx);
      }
      return false;
    });
  }

  /** @param {string} leader @param {Ctx} ctx */
  #send(leader, ctx) {
    const { kit } = this.#server;
    const { life } = this;
    const unsent = [...this.#waiting].filter(([number]) => number > this.#sentTo.number);
    const commands = unsent.flatMap(([number, { operation }]) =>
      operation.type === 'get' ? [] : { number, operation },
    );
    const [floor = 0] = this.#waiting.keys();
    for (const some of kit.batchesOf(commands, ({ operation }) => kit.operationBytes(operation))) {
      ctx.send(leader, { type: 'forward', life, floor, commands: some });
    }
    if (commands.length < unsent.length) {
      ctx.send(leader, { type: 'read-index', life, number: this.#number });
    }
    this.#sentTo.number = this.#number;
    this.#sentMax = this.#number;
  }

  /** @param {number} number @param {ClientResult} result @param {Ctx} ctx */
  #answer(number, result, ctx) {
    const client = this.#waiting.get(number);
    if (client) ctx.replyUnsynced(client.id, result);
    this.#waiting.delete(number);
  }
}
