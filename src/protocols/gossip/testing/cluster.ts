/**
 * A cluster on virtual time for tests of the protocol alone: links are there or not, messages take their time, get
 * lost, doubled and overtaken as a test says, nodes crash and recover from their records.
 */
import type { Millis, NodeId, RequestId } from '../../../core/ids.js';
import { keyFromText } from '../../../core/key.js';
import type { ClientResult, Operation, SessionFloor } from '../../../core/operation.js';
import { SeededRandom } from '../../../core/random.js';
import type { StoredEntry } from '../../../core/replica.js';
import { type Message, messageShape } from '../messages.js';
import { type GossipOptions, parseGossipOptions } from '../options.js';
import { type Surroundings, TestNode } from './node.js';

export interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: Message;
}

interface Flight extends Envelope {
  readonly at: Millis;
}

export interface ClusterShape {
  readonly nodes?: number;
  readonly options?: Partial<GossipOptions>;
  readonly seed?: number;
  /** Links that there are; all when left out. */
  readonly links?: readonly (readonly [NodeId, NodeId])[];
  /** False: nodes are made, but not started. */
  readonly started?: boolean;
}

export const latencyMs = 1;

export class TestCluster implements Surroundings {
  readonly options: GossipOptions;
  readonly random: SeededRandom;
  readonly nodes = new Map<NodeId, TestNode>();
  readonly results = new Map<RequestId, ClientResult>();
  /** Sees everything that is sent over a link that is there. */
  onSend: (envelope: Envelope) => void = () => {};
  /** Hears of everything that is sent where no link is. */
  onLost: () => void = () => {};
  /** When the copies of a message arrive, counted from now; none: it is lost. */
  fate: (envelope: Envelope) => readonly Millis[] = () => [latencyMs];
  now: Millis = 0;
  sentCount = 0;
  /** By arrival; those before `#landed` have arrived. */
  readonly #flights: Flight[] = [];
  #landed = 0;
  #links: Set<string> | null;
  #lastRequest = 0;

  constructor({ nodes = 3, options = {}, seed = 1, links, started = true }: ClusterShape = {}) {
    this.options = parseGossipOptions({ ...options });
    this.random = new SeededRandom(seed);
    const names = Array.from({ length: nodes }, (_, at) => `n${at + 1}`);
    this.#links = links === undefined ? null : new Set(links.flatMap(([a, b]) => bothWays(a, b)));
    for (const name of names) this.make(name, names);
    if (started) for (const node of this.nodes.values()) node.start();
  }

  /** A node of which nobody is told. */
  make(name: NodeId, all: readonly NodeId[]): TestNode {
    const peers = all.filter((peer) => peer !== name);
    const node = new TestNode(this, name, peers);
    this.nodes.set(name, node);
    return node;
  }

  node(name: NodeId): TestNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`there is no ${name}`);
    return node;
  }

  get up(): TestNode[] {
    return [...this.nodes.values()].filter(({ isUp }) => isUp);
  }

  get flights(): readonly Envelope[] {
    return this.#flights.slice(this.#landed);
  }

  connectAll(): void {
    this.#links = null;
  }

  connect(a: NodeId, b: NodeId): void {
    for (const link of bothWays(a, b)) this.#links?.add(link);
  }

  cut(a: NodeId, b: NodeId): void {
    const names = [...this.nodes.keys()];
    this.#links ??= new Set(names.flatMap((from) => names.map((to) => `${from}>${to}`)));
    for (const link of bothWays(a, b)) this.#links.delete(link);
  }

  isLinked(from: NodeId, to: NodeId): boolean {
    return this.#links === null || this.#links.has(`${from}>${to}`);
  }

  /** All up nodes that can be reached from this one, itself included, sorted. */
  partOf(name: NodeId): NodeId[] {
    const part = new Set([name]);
    for (const node of part) {
      for (const other of this.up) if (this.isLinked(node, other.self)) part.add(other.self);
    }
    return [...part].sort();
  }

  launch(from: NodeId, to: NodeId, message: Message): void {
    if (!this.isLinked(from, to)) return this.onLost();
    const copy = messageShape.fromWire(messageShape.toWire(message));
    const envelope = { from, to, message: copy };
    this.sentCount += 1;
    this.onSend(envelope);
    for (const delay of this.fate(envelope)) this.#board({ ...envelope, at: this.now + delay });
  }

  answer(request: RequestId, result: ClientResult): void {
    if (this.results.has(request)) throw new Error(`request ${request} was answered twice`);
    this.results.set(request, result);
  }

  request(
    through: NodeId,
    operation: Operation,
    { floor = null, timeoutMs = 5000 }: { floor?: SessionFloor | null; timeoutMs?: Millis } = {},
  ): RequestId {
    const id = ++this.#lastRequest;
    this.node(through).request({ id, operation, level: null, session: null, floor, timeoutMs });
    return id;
  }

  /** A request, with time going on until it is answered. */
  ask(through: NodeId, operation: Operation, floor: SessionFloor | null = null): ClientResult {
    const id = this.request(through, operation, { floor });
    this.runUntil(() => this.results.has(id), 6000);
    return this.results.get(id) as ClientResult;
  }

  /** Hands over a message as if `from` had sent it. */
  hand(from: NodeId, to: NodeId, message: Message): void {
    const node = this.nodes.get(to);
    if (node?.isUp && this.isLinked(from, to)) node.receive(from, message);
  }

  /** Time passes: timers fire and messages arrive, in order. */
  run(ms: Millis): void {
    const end = this.now + ms;
    while (this.#step(end));
    this.now = end;
  }

  /** Throws when it takes longer than `ms`. Returns how long it took. */
  runUntil(done: () => boolean, ms: Millis): Millis {
    const start = this.now;
    while (!done()) {
      if (this.now - start >= ms) throw new Error(`not done within ${ms} ms`);
      if (!this.#step(start + ms)) this.now = start + ms;
    }
    return this.now - start;
  }

  held(name: NodeId, key: string): StoredEntry | undefined {
    return this.node(name).replica.inspect().lookup(keyFromText(key));
  }

  fact(name: NodeId, fact: string): number {
    const facts = this.node(name).replica.inspect().facts;
    return Number(facts.find(([found]) => found === fact)?.[1] ?? 0);
  }

  get unsettledCount(): number {
    return this.up.reduce((sum, { replica }) => sum + replica.inspect().unsettledCount, 0);
  }

  /** The store as text, sorted; tombstones are marked, or left out where they may be collected. */
  dump(name: NodeId, withTombstones = false): string {
    const view = this.node(name).replica.inspect();
    return [...view.entries()]
      .filter(({ value }) => withTombstones || value !== null)
      .map(({ key, version, value }) => `${key}=${text(value)}@${version.stamp}/${version.node}`)
      .sort()
      .join(' ');
  }

  agree(names: readonly NodeId[] = this.up.map(({ self }) => self)): boolean {
    return new Set(names.map((name) => this.dump(name))).size <= 1;
  }

  /** After those that arrive at the same time. */
  #board(flight: Flight): void {
    if (this.#landed > 1000) this.#flights.splice(0, this.#landed);
    if (this.#landed > 1000) this.#landed = 0;
    let low = this.#landed;
    let high = this.#flights.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#flights[middle] as Flight).at <= flight.at) low = middle + 1;
      else high = middle;
    }
    this.#flights.splice(low, 0, flight);
  }

  #step(until: Millis): boolean {
    const nextFlight = this.#flights[this.#landed];
    let nextNode: TestNode | null = null;
    for (const node of this.nodes.values()) {
      if (node.isUp && node.nextTimerAt < (nextNode?.nextTimerAt ?? Number.POSITIVE_INFINITY)) {
        nextNode = node;
      }
    }
    const flightAt = nextFlight?.at ?? Number.POSITIVE_INFINITY;
    const timerAt = nextNode?.nextTimerAt ?? Number.POSITIVE_INFINITY;
    if (Math.min(flightAt, timerAt) > until) return false;
    this.now = Math.max(this.now, Math.min(flightAt, timerAt));
    if (nextFlight !== undefined && flightAt <= timerAt) {
      this.#landed += 1;
      this.hand(nextFlight.from, nextFlight.to, nextFlight.message);
    } else {
      nextNode?.fireDue();
    }
    return true;
  }
}

function bothWays(a: NodeId, b: NodeId): string[] {
  return [`${a}>${b}`, `${b}>${a}`];
}

const decoder = new TextDecoder();

export function text(value: Uint8Array | null | undefined): string | null {
  return value === null || value === undefined ? null : decoder.decode(value);
}
