/**
 * A cluster in memory for tests: every message, every sync and every answer is a step that can be watched, and a crash
 * can be put before or after any of them.
 *
 * It models what the protocol is promised and no more: a turn's output leaves when what was persisted so far is
 * durable, records that are not may survive a crash as a prefix, links keep order and may lose and double. Messages and
 * records pass through their shapes, so that nodes share nothing.
 */
import type { NodeId } from '../../../core/ids.js';
import type { ClientRequest, ClientResult, Operation } from '../../../core/operation.js';
import { SeededRandom } from '../../../core/random.js';
import type { Context, Rejoin } from '../../../core/replica.js';
import { type Message, messageShape, type Timer, type TwoPhaseCommit } from '../messages.js';
import { type DurableRecord, recordShape } from '../records.js';
import { TwoPhaseCommitReplica } from '../replica.js';
import { Agenda } from './agenda.js';

export interface HarnessOptions {
  readonly nodes: readonly NodeId[];
  readonly voteTimeoutMs?: number;
  readonly seed?: number;
  /** Begins a snapshot whenever so many records have been appended since the last one. */
  readonly snapshotEvery?: number;
  /** Makes the replica of a node; a test that plants a bug gives another one. */
  readonly create?: (self: NodeId, nodes: readonly NodeId[]) => TwoPhaseCommitReplica;
}

/** Something that a node does to the world outside its memory. */
export interface Step {
  readonly node: NodeId;
  readonly kind: 'persist' | 'sync' | 'send' | 'reply';
  readonly when: 'before' | 'after';
  /** A record, a message with its addressee, … in a few words. */
  readonly what: string;
  /** Records that a crash at this step may or may not lose. */
  readonly unsynced: number;
}

export type Fate = 'pass' | 'drop' | 'twice' | { readonly delayMs: number };

export interface Asked {
  readonly node: NodeId;
  readonly operation: Operation;
  readonly at: number;
  result: ClientResult | null;
  answeredAt: number;
}

class CrashSignal extends Error {}

interface Output {
  readonly position: number;
  readonly sends: (readonly [NodeId, Message])[];
  readonly replies: (readonly [number, ClientResult])[];
}

interface Life {
  readonly replica: TwoPhaseCommitReplica;
  readonly timers: Map<Timer, number>;
  readonly open: Map<number, Asked>;
  held: Output[];
  requests: number;
  snapshot: {
    readonly from: number;
    readonly drawn: DurableRecord[];
    rest: Iterator<DurableRecord>;
  } | null;
}

class HarnessNode {
  readonly id: NodeId;
  /** What a restart reads back. */
  durable: DurableRecord[] = [];
  unsynced: DurableRecord[] = [];
  sinceSnapshot = 0;
  life: Life | null = null;
  syncing = false;

  constructor(id: NodeId) {
    this.id = id;
  }

  get appended(): number {
    return this.durable.length + this.unsynced.length;
  }
}

const latencyMs = 1;
const syncMs = 0.25;

export class Harness {
  readonly nodes: readonly NodeId[];
  readonly random: SeededRandom;
  /** Every record that became durable on a node, in order; snapshots don't shorten it. */
  readonly history = new Map<NodeId, DurableRecord[]>();
  readonly sent: { readonly from: NodeId; readonly to: NodeId; readonly message: Message }[] = [];
  /** Decides what becomes of a message on its way. */
  fate: (from: NodeId, to: NodeId, message: Message) => Fate = () => 'pass';
  /** Called at every step; a test may crash the node from here. */
  onStep: ((step: Step) => void) | null = null;
  now = 0;
  readonly #options: HarnessOptions;
  readonly #nodes = new Map<NodeId, HarnessNode>();
  readonly #agenda = new Agenda();
  readonly #lastArrival = new Map<string, number>();

  constructor(options: HarnessOptions) {
    this.#options = options;
    this.nodes = options.nodes;
    this.random = new SeededRandom(options.seed ?? 1);
    for (const id of options.nodes) this.addMachine(id);
    for (const id of options.nodes) this.start(id);
  }

  /** A machine for a node that is to join; its disk holds no more than these records. */
  addMachine(id: NodeId, records: readonly DurableRecord[] = []): void {
    this.#nodes.set(id, new HarnessNode(id));
    this.#node(id).durable.push(...records);
    this.history.set(id, [...records]);
  }

  start(id: NodeId, nodes = this.nodes, rejoin: Rejoin | null = null): void {
    const node = this.#node(id);
    if (node.life !== null) return;
    const voteTimeoutMs = this.#options.voteTimeoutMs ?? 100;
    const replica =
      this.#options.create?.(id, nodes) ??
      new TwoPhaseCommitReplica({ self: id, nodes, options: { voteTimeoutMs } });
    for (const record of node.durable) replica.recover(record);
    node.life = {
      replica,
      timers: new Map(),
      open: new Map(),
      held: [],
      requests: 0,
      snapshot: null,
    };
    this.#turn(node, (ctx) => replica.onStart(ctx, rejoin));
  }

  /** `survivors`: how many of the records not yet synced a crash leaves on the disk. */
  crash(id: NodeId, survivors = 0): void {
    const node = this.#node(id);
    if (node.life === null) return;
    node.life = null;
    node.syncing = false;
    const kept = node.unsynced.slice(0, survivors);
    node.durable.push(...kept);
    this.history.get(id)?.push(...kept);
    node.unsynced = [];
  }

  readonly isUp = (id: NodeId): boolean => this.#node(id).life !== null;

  unsyncedOf(id: NodeId): number {
    return this.#node(id).unsynced.length;
  }

  view(id: NodeId) {
    const { life } = this.#node(id);
    if (life === null) throw new Error(`${id} is down`);
    return life.replica.inspect();
  }

  request(id: NodeId, operation: Operation, more: Partial<ClientRequest> = {}): Asked {
    const asked: Asked = {
      node: id,
      operation,
      at: this.now,
      result: null,
      answeredAt: Number.NaN,
    };
    const node = this.#node(id);
    const { life } = node;
    if (life === null) {
      const message = `${id} is down`;
      asked.result = { type: 'error', code: 'unavailable', definite: true, message };
      return asked;
    }
    life.requests += 1;
    const number = life.requests;
    life.open.set(number, asked);
    this.#turn(node, (ctx) => {
      const request = { level: null, session: null, floor: null, timeoutMs: 5000, ...more };
      life.replica.onRequest({ ...request, id: number, operation }, ctx);
    });
    return asked;
  }

  /** Hands a message to a node as if it came from another, now. */
  deliver(from: NodeId, to: NodeId, message: Message): void {
    const node = this.#nodes.get(to);
    if (node?.life) this.#turn(node, (ctx) => node.life?.replica.onMessage(from, message, ctx));
  }

  at(ms: number, run: () => void): void {
    this.#agenda.add(ms, run);
  }

  /** Lets time pass. */
  run(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const next = this.#agenda.takeUntil(until);
      if (next === null) break;
      this.now = next.at;
      next.run();
    }
    this.now = until;
  }

  /** Lets time pass until something holds; throws when it does not within `ms`. */
  runUntil(holds: () => boolean, ms = 5000): void {
    const until = this.now + ms;
    while (!holds()) {
      const next = this.#agenda.takeUntil(until);
      if (next === null) throw new Error(`it did not come to pass within ${ms} ms`);
      this.now = next.at;
      next.run();
    }
  }

  #node(id: NodeId): HarnessNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`there is no ${id}`);
    return node;
  }

  #turn(node: HarnessNode, hand: (ctx: Context<TwoPhaseCommit>) => void): void {
    const life = node.life as Life;
    const output: Output = { position: 0, sends: [], replies: [] };
    const unsynced: (readonly [NodeId, Message])[] = [];
    try {
      const ctx = this.#context(node, life, output, unsynced);
      hand(ctx);
      life.replica.onTurnEnd(ctx);
    } catch (error) {
      if (error instanceof CrashSignal) return;
      throw error;
    }
    for (const [to, message] of unsynced)
      this.#release(node, life, () => this.#send(node, to, message));
    if (node.life !== life) return;
    life.held.push({ ...output, position: node.appended });
    this.#stepSnapshot(node, life);
    this.#open(node, life);
    if (node.life === life && node.unsynced.length > 0 && !node.syncing) this.#sync(node, life);
  }

  #context(
    node: HarnessNode,
    life: Life,
    output: Output,
    unsynced: (readonly [NodeId, Message])[],
  ): Context<TwoPhaseCommit> {
    return {
      self: node.id,
      peers: this.nodes.filter((id) => id !== node.id),
      ...{ now: this.now, wallClock: 1_800_000_000_000 + this.now },
      random: this.random,
      persist: (record) => {
        this.#point(node, life, 'persist', 'before', () => record.type);
        if (node.life !== life) throw new CrashSignal();
        node.unsynced.push(recordShape.fromWire(recordShape.toWire(record)));
        this.#point(node, life, 'persist', 'after', () => record.type);
        if (node.life !== life) throw new CrashSignal();
      },
      send: (to, message) => output.sends.push([to, copyOf(message)]),
      sendUnsynced: (to, message) => unsynced.push([to, copyOf(message)]),
      reply: (number, result) => output.replies.push([number, result]),
      setTimer: (timer, after) => {
        const deadline = this.now + Math.max(after, 0.001);
        life.timers.set(timer, deadline);
        this.at(deadline, () => {
          if (node.life !== life || life.timers.get(timer) !== deadline) return;
          life.timers.delete(timer);
          this.#turn(node, (ctx) => life.replica.onTimer(timer, ctx));
        });
      },
      cancelTimer: (timer) => life.timers.delete(timer),
      tell() {},
    };
  }

  #sync(node: HarnessNode, life: Life): void {
    node.syncing = true;
    const target = node.unsynced.length;
    this.at(this.now + syncMs, () => {
      if (node.life !== life) return;
      this.#point(node, life, 'sync', 'before', () => `${target} records`);
      if (node.life !== life) return;
      const synced = node.unsynced.splice(0, target);
      node.durable.push(...synced);
      this.history.get(node.id)?.push(...synced);
      node.syncing = false;
      this.#point(node, life, 'sync', 'after', () => `${target} records`);
      this.#open(node, life);
      if (node.life === life && node.unsynced.length > 0) this.#sync(node, life);
    });
  }

  /** Lets go what waited for nothing but what is durable now. */
  #open(node: HarnessNode, life: Life): void {
    while (node.life === life) {
      const output = life.held[0];
      if (output === undefined || output.position > node.durable.length) return;
      life.held.shift();
      for (const [to, message] of output.sends) {
        this.#release(node, life, () => this.#send(node, to, message));
      }
      for (const [number, result] of output.replies) {
        this.#release(node, life, () => this.#reply(node, life, number, result));
      }
    }
  }

  #release(node: HarnessNode, life: Life, act: () => void): void {
    if (node.life === life) act();
  }

  #send(node: HarnessNode, to: NodeId, message: Message): void {
    const { life } = node;
    const what = () => `${message.type} to ${to}`;
    this.#point(node, life, 'send', 'before', what);
    if (node.life !== life) return;
    this.sent.push({ from: node.id, to, message });
    const fate = this.fate(node.id, to, message);
    if (fate !== 'drop') {
      const delayMs = typeof fate === 'object' ? fate.delayMs : latencyMs;
      this.#carry(node.id, to, message, delayMs);
      if (fate === 'twice') this.#carry(node.id, to, message, 3 * delayMs);
    }
    this.#point(node, life, 'send', 'after', what);
  }

  #carry(from: NodeId, to: NodeId, message: Message, delayMs: number): void {
    const direction = `${from}>${to}`;
    const arrival = Math.max(this.now + delayMs, this.#lastArrival.get(direction) ?? 0);
    this.#lastArrival.set(direction, arrival);
    this.at(arrival, () => this.deliver(from, to, message));
  }

  #reply(node: HarnessNode, life: Life, number: number, result: ClientResult): void {
    this.#point(node, life, 'reply', 'before', () => result.type);
    if (node.life !== life) return;
    const asked = life.open.get(number);
    if (asked === undefined) throw new Error(`${node.id} answered request ${number} twice`);
    life.open.delete(number);
    asked.result = result;
    asked.answeredAt = this.now;
    this.#point(node, life, 'reply', 'after', () => result.type);
  }

  #point(
    node: HarnessNode,
    life: Life | null,
    kind: Step['kind'],
    when: Step['when'],
    what: () => string,
  ): void {
    if (this.onStep === null || life === null || node.life !== life) return;
    this.onStep({ node: node.id, kind, when, what: what(), unsynced: node.unsynced.length });
  }

  /** Begins a snapshot, which is drawn in the turns that follow. */
  beginSnapshot(id: NodeId): void {
    const node = this.#node(id);
    if (node.life === null || node.life.snapshot !== null) return;
    const rest = node.life.replica.snapshot()[Symbol.iterator]();
    node.life.snapshot = { from: node.appended, drawn: [], rest };
  }

  /** Draws a snapshot while the node works, one record a turn. */
  #stepSnapshot(node: HarnessNode, life: Life): void {
    if (life.snapshot === null) {
      const { snapshotEvery } = this.#options;
      if (snapshotEvery === undefined || node.appended - node.sinceSnapshot < snapshotEvery) return;
      this.beginSnapshot(node.id);
      return;
    }
    const next = life.snapshot.rest.next();
    if (!next.done) {
      life.snapshot.drawn.push(recordShape.fromWire(recordShape.toWire(next.value)));
      return;
    }
    const { from, drawn } = life.snapshot;
    // Complete only once all that was appended before it began is durable, as a real one is.
    if (node.durable.length < from) return;
    for (const output of life.held) {
      Object.assign(output, { position: output.position - from + drawn.length });
    }
    node.durable = [...drawn, ...node.durable.slice(from)];
    node.sinceSnapshot = drawn.length;
    life.snapshot = null;
  }
}

function copyOf(message: Message): Message {
  return messageShape.fromWire(messageShape.toWire(message));
}
