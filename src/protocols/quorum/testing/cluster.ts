/**
 * A cluster held in the hand: every message waits until a test delivers, drops or repeats it.
 *
 * Not a simulator. It keeps the replica's contract (a turn's sends wait for the turn's records, records that were not
 * synced are lost in a crash) and nothing else, so that a test can order events as a proof does.
 */
import type { Millis, NodeId, RequestId } from '../../../core/ids.js';
import { keyFromText } from '../../../core/key.js';
import type { ClientResult, KeyOperation, Level } from '../../../core/operation.js';
import { SeededRandom } from '../../../core/random.js';
import type { Rejoin, StoredEntry } from '../../../core/replica.js';
import { type Ctx, type Message, messageShape, type Timer } from '../messages.js';
import { parseQuorumOptions, type QuorumOptions } from '../options.js';
import { type DurableRecord, recordShape } from '../records.js';
import { QuorumReplica } from '../replica.js';

export interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: Message;
  readonly sentAt?: Millis;
}

/** An effect that may leave once the first `after` records are durable. */
interface HeldBack {
  readonly after: number;
  readonly release: () => void;
}

/** Unix time at which test clusters begin. */
export const wallClockStart = 1_800_000_000_000;

class TestNode implements Ctx {
  replica: QuorumReplica;
  up = true;
  /** Stopped: its timers do not fire. */
  paused = false;
  /** Added to the wall clock. */
  skewMs = 0;
  /** False: records become durable, and sends leave, only by `sync`. */
  autoSync = true;
  records: DurableRecord[] = [];
  durable = 0;
  readonly timers = new Map<Timer, Millis>();
  readonly random: SeededRandom;
  #heldBack: HeldBack[] = [];

  constructor(
    readonly cluster: TestCluster,
    readonly self: NodeId,
    readonly peers: readonly NodeId[],
  ) {
    this.random = new SeededRandom(peers.length + self.charCodeAt(1));
    this.replica = this.#create();
  }

  get now(): Millis {
    return this.cluster.now;
  }

  get wallClock(): Millis {
    return wallClockStart + this.cluster.now + this.skewMs;
  }

  persist(record: DurableRecord): void {
    this.records.push(recordShape.fromWire(recordShape.toWire(record)));
  }

  send(to: NodeId, message: Message): void {
    this.#hold(() => this.cluster.launch(this.self, to, message));
  }

  sendUnsynced(to: NodeId, message: Message): void {
    this.cluster.launch(this.self, to, message);
  }

  reply(request: RequestId, result: ClientResult): void {
    this.#hold(() => this.cluster.answer(request, result));
  }

  setTimer(timer: Timer, after: Millis): void {
    this.timers.set(timer, this.now + after);
  }

  cancelTimer(timer: Timer): void {
    this.timers.delete(timer);
  }

  tell(): void {}

  turn(input: (replica: QuorumReplica, ctx: Ctx) => void): void {
    input(this.replica, this);
    this.replica.onTurnEnd(this);
    if (this.autoSync) this.sync();
  }

  /** What was persisted so far is durable; what waited for it leaves. */
  sync(): void {
    this.durable = this.records.length;
    const free = this.#heldBack;
    this.#heldBack = [];
    for (const { release } of free) release();
  }

  crash(): void {
    this.up = false;
    this.records.length = this.durable;
    this.#heldBack = [];
    this.timers.clear();
  }

  /** `snapshot`: stands for the records before `from`, as a journal's snapshot that began there does. */
  restart(snapshot: readonly DurableRecord[] = [], from = 0, rejoin: Rejoin | null = null): void {
    this.replica = this.#create();
    for (const record of [...snapshot, ...this.records.slice(from)]) this.replica.recover(record);
    this.up = true;
    this.turn((replica, ctx) => replica.onStart(ctx, rejoin));
  }

  #create(): QuorumReplica {
    const { nodes, options } = this.cluster;
    return new QuorumReplica({ self: this.self, nodes, options });
  }

  #hold(release: () => void): void {
    this.#heldBack.push({ after: this.records.length, release });
  }
}

export interface ClusterShape {
  readonly nodes?: number;
  readonly options?: Partial<QuorumOptions>;
}

export class TestCluster {
  readonly nodes: readonly NodeId[];
  readonly options: QuorumOptions;
  now: Millis = 0;
  /** Messages on their way, in the order sent. */
  wire: Envelope[] = [];
  /** Whether a message sent from one node to another is lost at once. */
  isCut: (from: NodeId, to: NodeId) => boolean = () => false;
  readonly results = new Map<RequestId, ClientResult>();
  readonly #byName = new Map<NodeId, TestNode>();
  #requests = 0;

  constructor({ nodes = 3, options = {} }: ClusterShape = {}) {
    this.nodes = Array.from({ length: nodes }, (_, at) => `n${at + 1}`);
    this.options = parseQuorumOptions(options, nodes);
    for (const name of this.nodes) {
      const peers = this.nodes.filter((peer) => peer !== name);
      this.#byName.set(name, new TestNode(this, name, peers));
    }
    for (const node of this.#byName.values()) node.turn((replica, ctx) => replica.onStart(ctx));
    this.settle();
    // Past the comparisons that follow a start, so that with long intervals nothing happens unasked.
    this.advance(1000);
  }

  node(name: NodeId): TestNode {
    const node = this.#byName.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }

  launch(from: NodeId, to: NodeId, message: Message): void {
    if (this.isCut(from, to)) return;
    const copy = messageShape.fromWire(messageShape.toWire(message));
    this.wire.push({ from, to, message: copy, sentAt: this.now });
  }

  answer(request: RequestId, result: ClientResult): void {
    if (this.results.has(request)) throw new Error(`request ${request} was answered twice`);
    this.results.set(request, result);
  }

  request(
    through: NodeId,
    operation: KeyOperation,
    level: Level | null = null,
    timeoutMs = 5000,
  ): RequestId {
    const id = ++this.#requests;
    const request = { id, operation, level, session: null, floor: null, timeoutMs };
    this.node(through).turn((replica, ctx) => replica.onRequest(request, ctx));
    return id;
  }

  /** A request, delivered through to its answer. */
  ask(through: NodeId, operation: KeyOperation, level: Level | null = null): ClientResult {
    const id = this.request(through, operation, level);
    this.deliverAll();
    for (let waited = 0; waited < 6000 && !this.results.has(id); waited += 25) this.advance(25);
    return this.resultOf(id);
  }

  resultOf(request: RequestId): ClientResult {
    const result = this.results.get(request);
    if (result === undefined) throw new Error(`request ${request} has no answer yet`);
    return result;
  }

  /** Hands over one message that waits on the wire. */
  deliver(envelope: Envelope): void {
    const at = this.wire.indexOf(envelope);
    if (at >= 0) this.wire.splice(at, 1);
    this.hand(envelope);
  }

  /** Hands over a message that need not be on the wire: a duplicate, or one that was kept back. */
  hand({ from, to, message }: Envelope): void {
    const node = this.node(to);
    if (node.up) node.turn((replica, ctx) => replica.onMessage(from, message, ctx));
  }

  /** Delivers in order, those that follow from it too, until none is left that `which` picks. */
  deliverAll(which: (envelope: Envelope) => boolean = () => true): void {
    for (;;) {
      const envelope = this.wire.find(which);
      if (envelope === undefined) return;
      this.deliver(envelope);
    }
  }

  /** Takes off the wire, and returns, what `which` picks. */
  take(which: (envelope: Envelope) => boolean): Envelope[] {
    const taken = this.wire.filter(which);
    this.wire = this.wire.filter((envelope) => !taken.includes(envelope));
    return taken;
  }

  /** Time passes and timers fire in order; messages stay where they are unless `delivering`. */
  advance(ms: Millis, delivering = true): void {
    const until = this.now + ms;
    for (;;) {
      const next = this.#nextTimer(until);
      if (next === null) break;
      this.now = Math.max(this.now, next.at);
      next.node.timers.delete(next.timer);
      next.node.turn((replica, ctx) => replica.onTimer(next.timer, ctx));
      if (delivering) this.deliverAll();
    }
    this.now = until;
  }

  /** Lets everything run until each node says that it has nothing left to do. Returns how long it took. */
  settle(limitMs: Millis = 60_000): Millis {
    const start = this.now;
    this.deliverAll();
    while (this.unsettled() > 0) {
      if (this.now - start > limitMs) throw new Error(`not settled after ${limitMs} ms`);
      this.advance(50);
    }
    return this.now - start;
  }

  unsettled(): number {
    let count = 0;
    for (const node of this.#byName.values()) {
      if (node.up) count += node.replica.inspect().unsettledCount;
    }
    return count;
  }

  held(name: NodeId, key: string): StoredEntry | undefined {
    return this.node(name).replica.inspect().lookup(keyFromText(key));
  }

  /** What the replicas of each key hold, where they do not all hold the same version; empty when they agree. */
  disagreements(): string[] {
    const found = new Set<string>();
    for (const { replica } of this.#byName.values()) {
      const view = replica.inspect();
      for (const { key } of view.entries()) {
        const versions = view.ownersOf(key).map((owner) => this.#describe(owner, key));
        if (new Set(versions).size > 1) found.add(`${key}: ${versions.join(' ')}`);
      }
    }
    return [...found];
  }

  /** A key whose replicas, first to last, are these. */
  keyOwnedBy(...owners: readonly NodeId[]): string {
    const view = this.node(this.nodes[0] as NodeId).replica.inspect();
    for (let at = 0; at < 100_000; at++) {
      const found = view.ownersOf(keyFromText(`key${at}`));
      if (owners.every((owner, place) => found[place] === owner)) return `key${at}`;
    }
    throw new Error(`no key belongs to ${owners.join(', ')}`);
  }

  #describe(name: NodeId, key: string): string {
    const held = this.held(name, key);
    return held === undefined ? '-' : `${held.version.stamp}@${held.version.node}`;
  }

  #nextTimer(until: Millis): { node: TestNode; timer: Timer; at: Millis } | null {
    let next: { node: TestNode; timer: Timer; at: Millis } | null = null;
    for (const node of this.#byName.values()) {
      if (node.paused) continue;
      for (const [timer, at] of node.timers) {
        if (at <= until && (next === null || at < next.at)) next = { node, timer, at };
      }
    }
    return next;
  }
}
