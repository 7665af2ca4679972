/**
 * One node in a cluster on virtual time: its journal, its timers, and what its turns let out.
 *
 * It keeps the contract of `core/replica.ts` and nothing more: what is sent and replied is held until everything persisted
 * so far is durable, a crash loses any suffix of what is not, a snapshot is drawn record by record while the node works.
 */
import type { Millis, NodeId, RequestId } from '../../../core/ids.js';
import type { ClientRequest, ClientResult } from '../../../core/operation.js';
import type { Random } from '../../../core/random.js';
import type { Rejoin } from '../../../core/replica.js';
import type { Ctx, Message, Timer } from '../messages.js';
import type { GossipOptions } from '../options.js';
import { type DurableRecord, recordShape } from '../records.js';
import { GossipReplica } from '../replica.js';

export interface Surroundings {
  readonly options: GossipOptions;
  readonly random: Random;
  readonly now: Millis;
  launch(from: NodeId, to: NodeId, message: Message): void;
  answer(request: RequestId, result: ClientResult): void;
}

interface HeldBack {
  /** Records that must be durable first. */
  readonly after: number;
  readonly release: () => void;
}

export class TestNode implements Ctx {
  replica: GossipReplica;
  isUp = false;
  /** False: records become durable, and sends leave, only by `sync`. */
  syncsAtOnce = true;
  readonly timers = new Map<Timer, Millis>();
  /** A snapshot, and the records since it began. */
  #base: readonly DurableRecord[] = [];
  #log: DurableRecord[] = [];
  #durable = 0;
  #heldBack: HeldBack[] = [];
  readonly #unsynced: (() => void)[] = [];
  #snapshot: {
    readonly source: Iterator<DurableRecord>;
    readonly drawn: DurableRecord[];
    readonly since: number;
  } | null = null;

  constructor(
    readonly world: Surroundings,
    readonly self: NodeId,
    readonly peers: readonly NodeId[],
  ) {
    this.replica = this.#create();
  }

  get now(): Millis {
    return this.world.now;
  }

  /** Of no use for stamps, which are logical. */
  get wallClock(): Millis {
    return 1_800_000_000_000 + this.world.now;
  }

  get random(): Random {
    return this.world.random;
  }

  get records(): readonly DurableRecord[] {
    return [...this.#base, ...this.#log];
  }

  get unsyncedCount(): number {
    return this.#log.length - this.#durable;
  }

  get nextTimerAt(): Millis {
    return Math.min(Number.POSITIVE_INFINITY, ...this.timers.values());
  }

  persist(record: DurableRecord): void {
    this.#log.push(recordShape.fromWire(recordShape.toWire(record)));
  }

  send(to: NodeId, message: Message): void {
    this.#hold(() => this.world.launch(this.self, to, message));
  }

  sendUnsynced(to: NodeId, message: Message): void {
    this.#unsynced.push(() => this.world.launch(this.self, to, message));
  }

  reply(request: RequestId, result: ClientResult): void {
    this.#hold(() => this.world.answer(request, result));
  }

  setTimer(timer: Timer, after: Millis): void {
    this.timers.set(timer, this.now + Math.max(after, 0.001));
  }

  cancelTimer(timer: Timer): void {
    this.timers.delete(timer);
  }

  tell(): void {}

  receive(from: NodeId, message: Message): void {
    this.#turn((replica) => replica.onMessage(from, message, this));
  }

  request(request: ClientRequest): void {
    this.#turn((replica) => replica.onRequest(request, this));
  }

  fireDue(): void {
    for (const [timer, at] of [...this.timers]) {
      if (at > this.now) continue;
      this.timers.delete(timer);
      this.#turn((replica) => replica.onTimer(timer));
    }
  }

  sync(): void {
    this.#durable = this.#log.length;
    const free = this.#heldBack;
    this.#heldBack = [];
    for (const { release } of free) release();
  }

  /** Of the records that are not durable, the first `kept` survive by luck. */
  crash(kept = 0): void {
    this.isUp = false;
    this.#log = this.#log.slice(0, this.#durable + kept);
    this.#durable = this.#log.length;
    this.#heldBack = [];
    this.#snapshot = null;
    this.timers.clear();
  }

  /** Its disk holds the first `kept` records and nothing else. */
  lose(kept = 0): void {
    this.#log = [...this.records].slice(0, kept);
    this.#base = [];
    this.#durable = this.#log.length;
  }

  start(rejoin: Rejoin | null = null): void {
    this.replica = this.#create();
    for (const record of this.records) this.replica.recover(record);
    this.isUp = true;
    this.#turn((replica) => replica.onStart(this, rejoin));
  }

  beginSnapshot(): void {
    const source = this.replica.snapshot()[Symbol.iterator]();
    this.#snapshot = { source, drawn: [], since: this.#log.length };
  }

  /** Draws up to `count` records; true when the snapshot is complete, durable, and the older log gone. */
  drawSnapshot(count = Number.POSITIVE_INFINITY): boolean {
    const snapshot = this.#snapshot;
    if (snapshot === null) return true;
    for (let drawn = 0; drawn < count; drawn++) {
      const next = snapshot.source.next();
      if (next.done === true) {
        const durable = Math.max(0, this.#durable - snapshot.since);
        this.#base = snapshot.drawn;
        this.#log = this.#log.slice(snapshot.since);
        this.#heldBack = this.#heldBack.map(({ after, release }) => ({
          after: after - snapshot.since,
          release,
        }));
        this.#durable = durable;
        this.#snapshot = null;
        return true;
      }
      snapshot.drawn.push(recordShape.fromWire(recordShape.toWire(next.value)));
    }
    return false;
  }

  #turn(hand: (replica: GossipReplica) => void): void {
    hand(this.replica);
    this.replica.onTurnEnd(this);
    for (const release of this.#unsynced.splice(0)) release();
    if (this.syncsAtOnce) this.sync();
    else this.#release();
  }

  #release(): void {
    while ((this.#heldBack[0]?.after ?? Number.POSITIVE_INFINITY) <= this.#durable) {
      this.#heldBack.shift()?.release();
    }
  }

  #hold(release: () => void): void {
    this.#heldBack.push({ after: this.#log.length, release });
  }

  #create(): GossipReplica {
    const nodes = [this.self, ...this.peers];
    return new GossipReplica({ self: this.self, nodes, options: this.world.options });
  }
}
