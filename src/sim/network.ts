import { naturalLog, power } from '../core/alike.js';
import { hash32, mix32 } from '../core/hash.js';
import type { Millis, NodeId } from '../core/ids.js';
import { list, type Shape } from '../core/wire.js';
import type { Direction } from '../faults/link-rules.js';
import { decodeAs, encodeAs } from '../runtime/cbor.js';
import type { Link } from '../runtime/ports.js';
import { steadyChance } from './chance.js';
import { nodesSpan } from './event-order.js';
import { Happening } from './event-queue.js';
import type { Process } from './process.js';
import { type HashedType, hashed } from './trace.js';
import type { World } from './world.js';

/** How the simulated network treats each batch, without faults: those are link rules. */
export interface NetworkConditions {
  /** Every batch takes at least this. */
  readonly latencyMsMin: Millis;
  /** Mean of an exponentially distributed time on top. */
  readonly latencyMsMean: Millis;
  /** A batch that would take longer is lost instead: protocols may count on some such bound, however generous. */
  readonly latencyMsMax: Millis;
  /** Lets batches between two nodes overtake each other, against what the Link port promises. */
  readonly reorder: boolean;
}

export const fairConditions: NetworkConditions = {
  latencyMsMin: 0.1,
  latencyMsMean: 0.4,
  latencyMsMax: 2_000,
  reorder: false,
};

/** In every other uneven world, some directions are up to this many times slower than others. */
const slownessMax = 30;

/** Encoding and decoding takes a quarter of a run's time. */
const worldsAnEncoding = 8;

/** Where batches for one node go at present. */
interface End<M> {
  readonly process: Process;
  handler: ((from: NodeId, messages: readonly M[], bytes: number) => void) | null;
  closed: boolean;
}

/** A node, as far as the network knows it. */
interface Station<M> {
  readonly index: number;
  /** `null` until it first starts. */
  end: End<M> | null;
  /** From here, by receiver; only those in use: thousands of nodes have millions of them. */
  readonly lanes: Map<NodeId, Lane<M>>;
}

export interface SimNetworkSetup<M extends { readonly type: string }> {
  readonly world: World;
  /** Those that are there from the start. */
  readonly nodes: readonly NodeId[];
  readonly message: Shape<M>;
  /** Fair when left out. */
  readonly conditions?: NetworkConditions;
  /** False: all directions are equally fast. True when left out. */
  readonly uneven?: boolean;
  /** Left out: in one of {@link worldsAnEncoding} worlds. */
  readonly encodes?: boolean | undefined;
}

/** Messages of one type. */
interface TypeCount {
  readonly code: number;
  count: number;
}

/** The way from one node to another. */
interface Lane<M> {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly receiver: Station<M>;
  readonly arrive: (batch: Batch<M>) => void;
  /** Names it in the trace. */
  readonly direction: number;
  /** Its latencies are drawn from it. */
  readonly seed: number;
  /** How much slower it is than the conditions say, all the time. */
  readonly slowness: number;
  /** When the last batch arrives: the next one must not come before it. */
  lastArrival: Millis;
  /** What waits while it carries nothing; `null`: it carries. */
  waiting: Batch<M>[] | null;
}

/** A batch of messages under way. */
class Batch<M> extends Happening {
  readonly way: Lane<M>;
  readonly sentAt: Millis;
  readonly messages: readonly M[];
  /** Tells the types of its messages from others. */
  readonly checksum: number;
  /** What travels instead of the messages, where they are encoded. */
  readonly bytes: Uint8Array | null;

  constructor(
    way: Lane<M>,
    sentAt: Millis,
    messages: readonly M[],
    checksum: number,
    bytes: Uint8Array | null,
  ) {
    super();
    this.way = way;
    this.sentAt = sentAt;
    this.messages = messages;
    this.checksum = checksum;
    this.bytes = bytes;
  }

  happen(): void {
    this.way.arrive(this);
  }
}

/**
 * All links between nodes, over virtual time.
 *
 * In some worlds every batch travels as the bytes it would have on a socket, so that every shape is put to use. In the
 * others messages are handed over as they are, which is much faster: the same happens, as long as nobody changes what it
 * sent or was sent. What is under way outlives its sender's crash and reaches whichever incarnation of the receiver runs when it
 * arrives: a real connection does not go that far, but an answer held back at the peer does.
 */
export class SimNetwork<M extends { readonly type: string }> {
  readonly #setup: SimNetworkSetup<M>;
  readonly #shape: Shape<readonly M[]>;
  readonly #conditions: NetworkConditions;
  readonly #types = new Map<string, TypeCount>();
  readonly #stations = new Map<NodeId, Station<M>>();
  /** Those that carry nothing for a while. */
  #stalled = new Set<Lane<M>>();
  /** How much slower than the conditions directions may be. */
  readonly #spread: number;
  /** From it and its number follows how slow a direction is all the time, and how slow at present. */
  readonly #seed: number;
  readonly #encodes: boolean;

  constructor(setup: SimNetworkSetup<M>) {
    this.#setup = setup;
    this.#shape = list(setup.message);
    this.#conditions = setup.conditions ?? fairConditions;
    for (const node of setup.nodes) this.add(node);
    const random = setup.world.chance('network');
    this.#spread = random.chance(0.5) && setup.uneven !== false ? slownessMax : 1;
    this.#seed = random.below(2 ** 32);
    this.#encodes = setup.encodes ?? this.#seed % worldsAnEncoding === 0;
  }

  /** Messages sent, by type. */
  get sentCounts(): ReadonlyMap<string, number> {
    return new Map([...this.#types].map(([type, { count }]) => [type, count]));
  }

  /** One node more; does nothing when it is known. Whoever left is still known: what is sent to it is lost. */
  add(node: NodeId): void {
    if (this.#stations.has(node)) return;
    this.#stations.set(node, { index: this.#stations.size, end: null, lanes: new Map() });
  }

  /** The Link port for one incarnation of `self`; takes the place of the one before. */
  attach(self: NodeId, process: Process): Link<M> {
    const end: End<M> = { process, handler: null, closed: false };
    const station = this.#station(self);
    station.end = end;
    return {
      send: (to, messages) => {
        if (!end.closed) this.#send(station.lanes.get(to) ?? this.#openLane(self, to), messages);
      },
      onReceive: (handler) => {
        end.handler = handler;
      },
      // The virtual network has room for everything.
      hold: () => {},
      bytesWaiting: 0,
      onRelief: () => {},
      close: () => {
        end.closed = true;
      },
    };
  }

  #send(lane: Lane<M>, messages: readonly M[]): void {
    const checksum = this.#count(messages);
    // A copy: what is returned is overwritten by what it encodes next.
    const bytes = this.#encodes ? new Uint8Array(encodeAs(this.#shape, messages)) : null;
    const batch = new Batch(lane, this.#setup.world.now, messages, checksum, bytes);
    this.#note(hashed.sent, batch);
    if (lane.waiting === null) this.#carry(batch);
    else lane.waiting.push(batch);
  }

  #carry(batch: Batch<M>): void {
    const arrival = this.#arrival(batch);
    if (arrival === null) this.#fate('lost', batch, 'it would take too long');
    else this.#setup.world.schedule(arrival, batch, batch.way.direction);
  }

  /** Returns a number that tells their types from others. */
  #count(messages: readonly M[]): number {
    let checksum = 0;
    for (const { type } of messages) {
      let counted = this.#types.get(type);
      if (counted === undefined) {
        counted = { code: hash32(type), count: 0 };
        this.#types.set(type, counted);
      }
      counted.count++;
      checksum = mix32(checksum ^ counted.code);
    }
    return checksum;
  }

  /** Whatever becomes of its sender, what is sent in these directions waits until they are no longer among them. */
  setStalled(directions: readonly Direction[]): void {
    const before = this.#stalled;
    this.#stalled = new Set(
      directions.map(
        ({ from, to }) => this.#station(from).lanes.get(to) ?? this.#openLane(from, to),
      ),
    );
    for (const lane of this.#stalled) lane.waiting ??= [];
    for (const lane of before) if (!this.#stalled.has(lane)) this.#release(lane);
  }

  #release(lane: Lane<M>): void {
    const waiting = lane.waiting ?? [];
    lane.waiting = null;
    for (const batch of waiting) this.#carry(batch);
  }

  /** When a batch that is carried from now on arrives; `null` when it never does. */
  #arrival({ way, sentAt }: Batch<M>): Millis | null {
    const { latencyMsMin, latencyMsMean, latencyMsMax, reorder } = this.#conditions;
    const { now } = this.#setup.world;
    const fastMs = latencyMsMin - latencyMsMean * naturalLog(1 - steadyChance(way.seed, now));
    const earliest = reorder ? 0 : way.lastArrival;
    const arrival = Math.max(now + fastMs * way.slowness, earliest);
    if (arrival > sentAt + latencyMsMax) return null;
    way.lastArrival = arrival;
    return arrival;
  }

  readonly #arrive = (batch: Batch<M>): void => {
    const { to, receiver } = batch.way;
    const { end } = receiver;
    if (end === null) return;
    const { process } = end;
    if (process.isPaused) {
      this.#fate('held', batch, `${to} is paused`);
      process.run(() => this.#deliver(batch, end));
    } else if (process.isAlive) this.#deliver(batch, end);
  };

  #deliver(batch: Batch<M>, end: End<M>): void {
    if (end.closed || end.handler === null) return;
    const { way, messages, bytes } = batch;
    const arrived = bytes === null ? messages : decodeAs(this.#shape, bytes);
    this.#note(hashed.delivered, batch);
    end.handler(way.from, arrived, bytes?.length ?? 0);
  }

  #fate(type: 'lost' | 'held', batch: Batch<M>, why: string): void {
    const { way, messages } = batch;
    this.#note(hashed[type], batch);
    this.#setup.world.fate(way.from, messages, { type, to: way.to, why });
  }

  #note(type: HashedType, { way, checksum }: Batch<M>): void {
    this.#setup.world.trace.note(type, way.direction, checksum);
  }

  #openLane(from: NodeId, to: NodeId): Lane<M> {
    const [sender, receiver] = [this.#station(from), this.#station(to)];
    const direction = sender.index * nodesSpan + receiver.index;
    const seed = mix32(this.#seed ^ mix32(direction));
    const slowness = power(this.#spread, seed / 2 ** 32);
    const lane: Lane<M> = {
      ...{ from, to, receiver, arrive: this.#arrive },
      ...{ direction, seed, slowness, lastArrival: 0, waiting: null },
    };
    sender.lanes.set(to, lane);
    return lane;
  }

  #station(node: NodeId): Station<M> {
    const station = this.#stations.get(node);
    if (station === undefined) throw new Error(`${node} is not in this network`);
    return station;
  }
}
