/**
 * The runtime's own test protocol: a register on every node, after Attiya, Bar-Noy and Dolev (JACM 1995).
 *
 * 1. To read, ask all for their version; of a majority's answers take the newest; have a majority store it; answer.
 * 2. To write, ask all likewise; stamp the value above the newest answer; have a majority store it; answer.
 *
 * Small enough to be right at a glance, and breakable on demand, so that tests can show that the simulator notices.
 */
import type { NodeId, RequestId } from '../../src/core/ids.js';
import type { Key } from '../../src/core/key.js';
import type { ClientRequest, KeyOperation } from '../../src/core/operation.js';
import {
  type Context,
  type Protocol,
  type ProtocolTypes,
  positionsEnd,
  type Replica,
  type ReplicaSetup,
  type ReplicaView,
  type StoredEntry,
} from '../../src/core/replica.js';
import { isNewer, type Version } from '../../src/core/version.js';
import * as wire from '../../src/core/wire.js';

export interface ToyOptions {
  /** What to get wrong. */
  readonly flaw:
    | 'none'
    /** Acknowledges what it has not persisted. */
    | 'forgets'
    /** Answers a read by itself. */
    | 'reads alone'
    /** Stamps without asking. */
    | 'writes blindly'
    /** Never brings up to date who missed a write. */
    | 'never spreads'
    /** Now and then answers twice. */
    | 'answers twice';
}

interface Stored extends StoredEntry {
  readonly type: 'stored';
}

type Message =
  | { readonly type: 'ask'; readonly phase: number; readonly key: Key }
  | {
      readonly type: 'told';
      readonly phase: number;
      readonly version: Version | null;
      readonly value: Uint8Array | null;
    }
  | ({ readonly type: 'store'; readonly phase: number } & StoredEntry)
  | { readonly type: 'held'; readonly phase: number; readonly key: Key; readonly version: Version };

interface Toy extends ProtocolTypes {
  readonly message: Message;
  readonly record: Stored;
  readonly timer: 'spread';
}

type Ctx = Context<Toy>;

interface Pending {
  readonly request: ClientRequest;
  readonly operation: Exclude<KeyOperation, { type: 'insert' | 'update' | 'cas' }>;
  readonly deadline: number;
  readonly asked: Set<NodeId>;
  readonly stored: Set<NodeId>;
  newest: { readonly version: Version; readonly value: Uint8Array | null } | null;
  /** What a majority has to store. */
  entry: StoredEntry | null;
}

const spreadMs = 40;

class ToyReplica implements Replica<Toy> {
  readonly #setup: ReplicaSetup<ToyOptions>;
  readonly #store = new Map<Key, StoredEntry>();
  /** Per peer, the keys whose present version it is not known to hold. */
  readonly #owed = new Map<NodeId, Set<Key>>();
  readonly #pending = new Map<number, Pending>();
  #phase = 0;
  #lastStamp = 0;

  constructor(setup: ReplicaSetup<ToyOptions>) {
    this.#setup = setup;
    for (const node of setup.nodes) if (node !== setup.self) this.#owed.set(node, new Set());
  }

  recover({ key, version, value }: Stored): void {
    this.#adopt({ key, version, value });
  }

  onStart(ctx: Ctx): void {
    // Phases of an earlier incarnation may still be answered: begin where it can't have come.
    this.#phase = Math.floor(ctx.random.next() * 2 ** 40);
    ctx.setTimer('spread', spreadMs);
  }

  onRequest(request: ClientRequest, ctx: Ctx): void {
    const { operation, id, timeoutMs } = request;
    if (operation.type !== 'get' && operation.type !== 'put' && operation.type !== 'delete') {
      const message = 'a toy has no such operation';
      ctx.reply(id, { type: 'error', code: 'bad-request', definite: true, message });
      return;
    }
    const pending: Pending = {
      request,
      operation,
      deadline: ctx.now + timeoutMs,
      asked: new Set(),
      stored: new Set(),
      newest: null,
      entry: null,
    };
    this.#phase++;
    this.#pending.set(this.#phase, pending);
    const { flaw } = this.#setup.options;
    for (const to of ctx.peers) {
      ctx.sendUnsynced(to, { type: 'ask', phase: this.#phase, key: operation.key });
    }
    this.#onTold(this.#phase, ctx.self, this.#store.get(operation.key) ?? null, ctx);
    if (flaw === 'reads alone' || flaw === 'writes blindly')
      this.#decide(this.#phase, pending, ctx);
  }

  onMessage(from: NodeId, message: Message, ctx: Ctx): void {
    switch (message.type) {
      case 'ask': {
        const { version = null, value = null } = this.#store.get(message.key) ?? {};
        ctx.send(from, { type: 'told', phase: message.phase, version, value });
        break;
      }
      case 'told': {
        const { version, value } = message;
        this.#onTold(message.phase, from, version && { version, value }, ctx);
        break;
      }
      case 'store': {
        const { phase, key, version, value } = message;
        this.#take({ key, version, value }, ctx);
        ctx.send(from, { type: 'held', phase, key, version });
        break;
      }
      case 'held':
        if (!isNewer(this.#versionOf(message.key) as Version, message.version)) {
          this.#owed.get(from)?.delete(message.key);
        }
        this.#onHeld(message.phase, from, ctx);
        break;
    }
  }

  onTimer(_timer: 'spread', ctx: Ctx): void {
    ctx.setTimer('spread', spreadMs);
    for (const [phase, { deadline, request }] of this.#pending) {
      if (deadline > ctx.now) continue;
      this.#pending.delete(phase);
      const message = 'too few answers in time';
      ctx.reply(request.id, { type: 'error', code: 'timeout', definite: false, message });
    }
    if (this.#setup.options.flaw === 'never spreads') return;
    for (const [to, keys] of this.#owed) {
      for (const key of keys) {
        ctx.send(to, { type: 'store', phase: 0, ...(this.#store.get(key) as StoredEntry) });
      }
    }
  }

  onTurnEnd(): void {}

  *snapshot(): Iterable<Stored> {
    for (const entry of this.#store.values()) yield { type: 'stored', ...entry };
  }

  inspect(): ReplicaView {
    const owed = [...this.#owed.values()].reduce((sum, keys) => sum + keys.size, 0);
    const spreads = this.#setup.options.flaw !== 'never spreads';
    return {
      role: 'replica',
      keyCount: this.#store.size,
      unsettledCount: this.#pending.size + (spreads ? owed : 0),
      unsettled: () => [],
      suspects: [],
      facts: [['owed', owed]],
      lookup: (key) => this.#store.get(key),
      entries: () => this.#store.values(),
      walk: () => positionsEnd,
      ownersOf: () => this.#setup.nodes,
    };
  }

  #onTold(
    phase: number,
    from: NodeId,
    told: { readonly version: Version; readonly value: Uint8Array | null } | null,
    ctx: Ctx,
  ): void {
    const pending = this.#pending.get(phase);
    if (pending === undefined || pending.entry !== null) return;
    pending.asked.add(from);
    if (told !== null && isNewer(told.version, pending.newest?.version ?? null)) {
      pending.newest = told;
    }
    if (pending.asked.size >= this.#majority) this.#decide(phase, pending, ctx);
  }

  #decide(phase: number, pending: Pending, ctx: Ctx): void {
    const { operation, request } = pending;
    const { flaw } = this.#setup.options;
    if (operation.type === 'get') {
      const { version = null, value = null } = pending.newest ?? {};
      if (version === null || flaw === 'reads alone') {
        this.#finish(phase, request.id, ctx, version, value, true);
        return;
      }
      pending.entry = { key: operation.key, version, value };
    } else {
      this.#lastStamp = Math.max(this.#lastStamp, pending.newest?.version.stamp ?? 0) + 1;
      const version = { stamp: this.#lastStamp, node: ctx.self };
      const value = operation.type === 'put' ? operation.value : null;
      pending.entry = { key: operation.key, version, value };
    }
    this.#take(pending.entry, ctx);
    for (const to of ctx.peers) ctx.send(to, { type: 'store', phase, ...pending.entry });
    this.#onHeld(phase, ctx.self, ctx);
  }

  #onHeld(phase: number, from: NodeId, ctx: Ctx): void {
    const pending = this.#pending.get(phase);
    if (pending === undefined || pending.entry === null) return;
    pending.stored.add(from);
    if (pending.stored.size < this.#majority) return;
    const { version, value } = pending.entry;
    const isRead = pending.operation.type === 'get';
    this.#finish(phase, pending.request.id, ctx, version, value, isRead);
  }

  #finish(
    phase: number,
    id: RequestId,
    ctx: Ctx,
    version: Version | null,
    value: Uint8Array | null,
    isRead: boolean,
  ): void {
    this.#pending.delete(phase);
    const twice = this.#setup.options.flaw === 'answers twice' && ctx.random.chance(0.1);
    for (let time = 0; time < (twice ? 2 : 1); time++) {
      if (isRead) ctx.reply(id, { type: 'value', value, version });
      else ctx.reply(id, { type: 'done', version: version as Version, existed: null });
    }
  }

  #take(entry: StoredEntry, ctx: Ctx): void {
    if (!this.#adopt(entry)) return;
    if (this.#setup.options.flaw !== 'forgets') ctx.persist({ type: 'stored', ...entry });
  }

  #adopt(entry: StoredEntry): boolean {
    if (!isNewer(entry.version, this.#versionOf(entry.key))) return false;
    this.#store.set(entry.key, entry);
    this.#lastStamp = Math.max(this.#lastStamp, entry.version.stamp);
    for (const keys of this.#owed.values()) keys.add(entry.key);
    return true;
  }

  #versionOf(key: Key): Version | null {
    return this.#store.get(key)?.version ?? null;
  }

  get #majority(): number {
    return Math.floor(this.#setup.nodes.length / 2) + 1;
  }
}

const phase = wire.count;
const value = wire.nullable(wire.value);
const { key, version } = wire;

export const toyRegister: Protocol<Toy, ToyOptions> = {
  message: wire.union<Message>({
    ask: { phase, key },
    told: { phase, version: wire.nullable(version), value },
    store: { phase, key, version, value },
    held: { phase, key, version },
  }),
  record: wire.union<Stored>({ stored: { key, version, value } }),
  create: (setup) => new ToyReplica(setup),
};
