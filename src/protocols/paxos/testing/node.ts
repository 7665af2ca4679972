/**
 * One node in a world that is moved by hand: its journal, its timers, and what its turns let out.
 *
 * It keeps the contract of `core/replica.ts` and nothing more: records are lost in a crash unless synced, what was sent
 * and replied is held until everything persisted so far is durable, a snapshot is drawn record by record while the
 * node works.
 */
import type { Millis, NodeId, RequestId } from '../../../core/ids.js';
import type { ClientResult } from '../../../core/operation.js';
import type { Random } from '../../../core/random.js';
import type { Rejoin } from '../../../core/replica.js';
import type { Batch } from '../command.js';
import { type Ctx, type Message, messageShape, type Timer } from '../messages.js';
import type { PaxosOptions } from '../options.js';
import { type DurableRecord, recordShape } from '../records.js';
import { PaxosReplica } from '../replica.js';
import type { StateMachine } from '../state/state-machine.js';
import { encodedAndBack } from './wire.js';

export interface Surroundings {
  readonly nodes: readonly NodeId[];
  readonly options: PaxosOptions;
  readonly random: Random;
  now(): Millis;
  send(from: NodeId, to: NodeId, message: Message): void;
  reply(node: NodeId, request: RequestId, result: ClientResult): void;
  observe(node: NodeId, machine: StateMachine, batch: Batch | null): void;
}

interface Held {
  readonly position: number;
  readonly release: () => void;
}

interface Snapshot {
  readonly source: Iterator<DurableRecord>;
  readonly drawn: DurableRecord[];
  /** Records of the log when it began. */
  readonly since: number;
}

export class TestNode {
  readonly id: NodeId;
  readonly #world: Surroundings;
  #replica: PaxosReplica | null = null;
  /** A snapshot, the records since it began, and how many of these are durable. */
  #base: readonly DurableRecord[] = [];
  #log: DurableRecord[] = [];
  #durable = 0;
  #appended = 0;
  #synced = 0;
  #held: Held[] = [];
  #snapshot: Snapshot | null = null;
  readonly #timers = new Map<Timer, Millis>();
  /** Off: nothing becomes durable, hence nothing leaves, before `sync`. */
  syncsAtOnce = true;

  constructor(id: NodeId, world: Surroundings) {
    this.id = id;
    this.#world = world;
  }

  get isUp(): boolean {
    return this.#replica !== null;
  }

  get replica(): PaxosReplica {
    if (this.#replica === null) throw new Error(`${this.id} is down`);
    return this.#replica;
  }

  get records(): readonly DurableRecord[] {
    return [...this.#base, ...this.#log];
  }

  fact(name: string): string | number | undefined {
    return this.replica.inspect().facts.find(([found]) => found === name)?.[1];
  }

  /** What it had on its disk is gone. */
  lose(): void {
    this.#base = [];
    this.#log = [];
    this.#durable = 0;
    this.#synced = this.#appended;
  }

  start(rejoin: Rejoin | null = null): void {
    const { nodes, options } = this.#world;
    const replica = new PaxosReplica({ self: this.id, nodes, options }, (machine, batch) =>
      this.#world.observe(this.id, machine, batch),
    );
    for (const record of this.records) replica.recover(encodedAndBack(recordShape, record));
    this.#replica = replica;
    this.turn((ctx) => replica.onStart(ctx, rejoin));
  }

  /** Of the records not yet durable, the first `kept` survive by luck. */
  crash(kept = 0): void {
    this.#replica = null;
    this.#timers.clear();
    this.#held = [];
    this.#snapshot = null;
    this.#log = this.#log.slice(0, this.#durable + kept);
    this.#durable = this.#log.length;
    this.#synced = this.#appended;
  }

  turn(hand: (ctx: Ctx) => void): void {
    const { replica } = this;
    const unsynced: (() => void)[] = [];
    const output: (() => void)[] = [];
    const ctx = this.#context(unsynced, output);
    hand(ctx);
    replica.onTurnEnd(ctx);
    for (const release of unsynced) release();
    for (const release of output) this.#held.push({ position: this.#appended, release });
    if (this.syncsAtOnce) this.sync();
    else this.#release();
  }

  sync(): void {
    this.#durable = this.#log.length;
    this.#synced = this.#appended;
    this.#release();
  }

  /** The earliest timer. */
  get nextTimerAt(): Millis {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#timers.values());
  }

  fireTimers(): void {
    this.turn((ctx) => {
      for (;;) {
        const due = [...this.#timers].find(([, at]) => at <= this.#world.now());
        if (due === undefined) break;
        this.#timers.delete(due[0]);
        this.replica.onTimer(due[0], ctx);
      }
    });
  }

  beginSnapshot(): void {
    const source = this.replica.snapshot()[Symbol.iterator]();
    this.#snapshot = { source, drawn: [], since: this.#log.length };
  }

  /** Draws up to `count` records; true when the snapshot is complete. Then it is durable and the older log is gone. */
  drawSnapshot(count = Number.POSITIVE_INFINITY): boolean {
    const snapshot = this.#snapshot;
    if (snapshot === null) return true;
    for (let at = 0; at < count; at++) {
      const { done, value } = snapshot.source.next();
      if (!done) {
        snapshot.drawn.push(value);
        continue;
      }
      this.sync();
      this.#base = snapshot.drawn;
      this.#log = this.#log.slice(snapshot.since);
      this.#durable = this.#log.length;
      this.#snapshot = null;
      return true;
    }
    return false;
  }

  get isDrawing(): boolean {
    return this.#snapshot !== null;
  }

  #release(): void {
    while (this.#held.length > 0 && (this.#held[0] as Held).position <= this.#synced) {
      (this.#held.shift() as Held).release();
    }
  }

  #context(unsynced: (() => void)[], output: (() => void)[]): Ctx {
    const { id } = this;
    const world = this.#world;
    const now = world.now();
    const copy = (message: Message) => encodedAndBack(messageShape, message);
    return {
      self: id,
      peers: world.nodes.filter((node) => node !== id),
      now,
      wallClock: 1_800_000_000_000 + now,
      random: world.random,
      persist: (record) => {
        this.#log.push(record);
        this.#appended += 1;
      },
      send: (to, message) => output.push(() => world.send(id, to, copy(message))),
      sendUnsynced: (to, message) => {
        if (to === id) throw new Error('what is unsynced can only go to others');
        unsynced.push(() => world.send(id, to, copy(message)));
      },
      reply: (request, result) => output.push(() => world.reply(id, request, result)),
      setTimer: (timer, after) => this.#timers.set(timer, now + Math.max(after, 0.001)),
      cancelTimer: (timer) => this.#timers.delete(timer),
      tell: () => {},
    };
  }
}
