// @ts-check
/** @import { ClientRequest, Context, Key, Kit, NodeId, Operation, Replica, ReplicaSetup, StoredEntry } from 'kvx/protocol' */

/**
 * @typedef {{ type: 'ask', id: number, operation: Operation } | { type: 'answer', id: number, result: any }} Message
 * @typedef {({ type: 'stored' } & StoredEntry) | { type: 'executed', by: NodeId, id: number }} Rec
 * @typedef {{ message: Message, record: Rec, timer: 'look' }} Sole
 */

/** @implements {Replica<Sole>} */
export class SoleReplica {
  /** What was handed on, by its number there: the client's request, and until when it waits. */
  #waiting = new Map();
  #executed = new Set();
  #lastStamp = 0;
  #nextId = 0;
  #asked = 0;
  #keyCount = 0;

  /** @param {Kit} kit @param {ReplicaSetup<{ giveUpMs: number }>} setup */
  constructor(kit, setup) {
    this.kit = kit;
    this.setup = setup;
    this.table = new kit.EntryTable();
    this.sole = /** @type {NodeId} */ (setup.nodes[0]);
  }

  /** @param {Rec} record */
  recover(record) {
    if (record.type === 'executed') this.#executed.add(`${record.by} ${record.id}`);
    else if (this.kit.isNewer(record.version, this.table.get(record.key)?.version ?? null)) {
      this.#store(record);
    }
  }

  /** @param {Context<Sole>} ctx */
  onStart(ctx) {
    // Answers to an earlier self must not be taken for those to this one.
    this.#nextId = Math.floor(ctx.random.next() * 2 ** 40);
    ctx.setTimer('look', this.setup.options.giveUpMs);
  }

  /** @param {ClientRequest} request @param {Context<Sole>} ctx */
  onRequest({ id, operation, timeoutMs }, ctx) {
    if (ctx.self === this.sole) {
      ctx.reply(id, this.#execute(operation, ctx));
      return;
    }
    this.#nextId += 1;
    this.#waiting.set(this.#nextId, { id, until: ctx.now + timeoutMs });
    ctx.send(this.sole, { type: 'ask', id: this.#nextId, operation });
  }

  /** @param {NodeId} from @param {Message} message @param {Context<Sole>} ctx */
  onMessage(from, message, ctx) {
    if (message.type === 'ask') {
      const name = `${from} ${message.id}`;
      // It came twice; whoever waits hears of the first time, or of nothing.
      if (this.#executed.has(name)) return;
      this.#executed.add(name);
      ctx.persist({ type: 'executed', by: from, id: message.id });
      const result = this.#execute(message.operation, ctx);
      ctx.send(from, { type: 'answer', id: message.id, result });
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    ctx.reply(waiting.id, message.result);
  }

  /** @param {'look'} _timer @param {Context<Sole>} ctx */
  onTimer(_timer, ctx) {
    ctx.setTimer('look', this.setup.options.giveUpMs);
    for (const [number, { id, until }] of this.#waiting) {
      if (until > ctx.now) continue;
      this.#waiting.delete(number);
      ctx.reply(id, this.kit.results.timedOut(`${this.sole} did not answer in time`));
    }
  }

  onTurnEnd() {}

  /** @returns {Iterable<Rec>} */
  *snapshot() {
    for (const entry of this.table.entries()) yield { type: 'stored', ...entry };
    for (const name of this.#executed) {
      const [by = '', id] = name.split(' ');
      yield { type: 'executed', by, id: Number(id) };
    }
  }

  inspect() {
    const { table, setup, sole } = this;
    return {
      role: setup.self === sole ? 'sole' : 'door',
      keyCount: this.#keyCount,
      unsettledCount: this.#waiting.size,
      unsettled: () => [`${this.#waiting.size} requests handed on`],
      leader: sole,
      suspects: [],
      facts: /** @type {const} */ ([['asked', this.#asked]]),
      lookup: (/** @type {Key} */ key) => table.get(key),
      entries: () => table.entries(),
      walk: (/** @type {number} */ position, /** @type {any} */ visit) =>
        table.walk(position, visit),
      ownersOf: () => [sole],
    };
  }

  /** @param {Operation} operation @param {Context<Sole>} ctx */
  #execute(operation, ctx) {
    this.#asked += 1;
    if (this.kit.isAdmin(operation)) return this.kit.results.badRequest('it is the only one');
    const version = { stamp: this.#lastStamp + 1, node: ctx.self };
    const { writes, result } = this.kit.evaluate(operation, version, (key) => this.table.get(key));
    for (const { key, value } of writes ?? []) {
      const entry = { key, version, value };
      this.#store(entry);
      ctx.persist({ type: 'stored', ...entry });
    }
    return result;
  }

  /** @param {StoredEntry} entry */
  #store(entry) {
    this.#lastStamp = Math.max(this.#lastStamp, entry.version.stamp);
    const before = this.table.get(entry.key)?.value ?? null;
    this.#keyCount += Number(entry.value !== null) - Number(before !== null);
    this.table.put(entry.key, entry.value, entry.version);
  }
}
