// @ts-check
/** @import { ClientRequest, ClientResult, Context, DataOperation, Kit, ModeFactory, ReplicaSetup, StoredEntry } from 'kvx/protocol' */
/** @typedef {{ type: 'copy' } & StoredEntry} Copy */
/** @typedef {{ message: Copy | { type: 'held', stamp: number }, record: Copy, timer: 'resend' }} PrimaryBackup */
/** @typedef {Context<PrimaryBackup>} Ctx */
/** @typedef {{ id: number, result: ClientResult, deadline: number }} Client */
/** @typedef {{ copy: Copy, missing: Set<string>, client: Client | null }} Write */

/** @type {ModeFactory} */
export default (kit) => {
  const { count, key, nullable, union, value, version } = kit.wire;
  const copy = { key, value: nullable(value), version };
  return {
    name: 'primary-backup',
    summary: 'the first node takes what is written and copies it to all others',
    acknowledgedBy: 'all in the pool',
    coordinatesAlone: true,
    // Clients ask any node, and most of these refuse.
    simulation: { successShareMin: 0 },
    protocol: {
      message: union({ copy, held: { stamp: count } }),
      record: union({ copy }),
      create: (setup) => new Replica(kit, setup),
    },
  };
};

class Replica {
  stamp = 0;
  /** By stamp: what was written, which backups are not known to hold it, and who waits for that. @type {Map<number, Write>} */
  open = new Map();

  /** @param {Kit} kit @param {ReplicaSetup<object>} setup */
  constructor(kit, { self, nodes }) {
    this.kit = kit;
    this.primary = nodes[0] ?? self;
    this.table = new kit.EntryTable();
    this.view = kit.viewOf({
      nodes,
      table: () => this.table,
      role: () => (self === this.primary ? 'primary' : 'backup'),
      work: () => [['writes that a backup may lack', this.open.size]],
    });
  }

  /** @param {Copy} copy */
  recover(copy) {
    this.store(copy);
  }

  /** @param {Ctx} ctx */
  onStart(ctx) {
    ctx.setTimer('resend', 50);
    if (ctx.self !== this.primary) return;
    // It does not know any more what the others hold.
    for (const entry of this.table.entries()) this.send({ type: 'copy', ...entry }, null, ctx);
  }

  /** @param {ClientRequest} request @param {Ctx} ctx */
  onRequest({ id, operation, timeoutMs }, ctx) {
    if (operation.type !== 'get' && ctx.self !== this.primary) {
      return ctx.reply(id, this.kit.results.unavailable(`${this.primary} is the primary`));
    }
    const asked = /** @type {DataOperation} */ (operation);
    const version = { stamp: this.stamp + 1, node: ctx.self };
    const { writes, result } = this.kit.evaluate(asked, version, (key) => this.table.get(key));
    const [write] = writes ?? [];
    if (!write) return ctx.reply(id, result);
    const client = { id, result, deadline: ctx.now + timeoutMs };
    this.write({ type: 'copy', ...write, version }, client, ctx);
  }

  /** @param {string} from @param {PrimaryBackup['message']} message @param {Ctx} ctx */
  onMessage(from, message, ctx) {
    if (message.type === 'copy') {
      if (this.store(message)) ctx.persist(message);
      ctx.send(from, { type: 'held', stamp: message.version.stamp });
    } else {
      const write = this.open.get(message.stamp);
      write?.missing.delete(from);
      if (write?.missing.size !== 0) return;
      this.open.delete(message.stamp);
      if (write.client) ctx.reply(write.client.id, write.client.result);
    }
  }

  /** @param {'resend'} timer @param {Ctx} ctx */
  onTimer(timer, ctx) {
    ctx.setTimer(timer, 50);
    for (const write of this.open.values()) {
      for (const backup of write.missing) ctx.send(backup, write.copy);
      if (write.client === null || write.client.deadline > ctx.now) continue;
      ctx.reply(write.client.id, this.kit.results.timedOut('a backup does not answer'));
      write.client = null;
    }
  }

  onTurnEnd() {}

  *snapshot() {
    for (const entry of this.table.entries()) yield { type: 'copy', ...entry };
  }

  inspect() {
    return this.view;
  }

  /** @param {Copy} copy @param {Client} client @param {Ctx} ctx */
  write(copy, client, ctx) {
    this.store(copy);
    ctx.persist(copy);
    this.send(copy, client, ctx);
  }

  /** @param {Copy} copy @param {Client | null} client @param {Ctx} ctx */
  send(copy, client, ctx) {
    this.open.set(copy.version.stamp, { copy, missing: new Set(ctx.peers), client });
    for (const backup of ctx.peers) ctx.send(backup, copy);
  }

  /** False: it held this, or something newer. @param {StoredEntry} copy */
  store({ key, value, version }) {
    this.stamp = Math.max(this.stamp, version.stamp);
    if (!this.kit.isNewer(version, this.table.get(key)?.version ?? null)) return false;
    this.table.put(key, value, version);
    return true;
  }
}
