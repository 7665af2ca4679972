import { hash32, mix32 } from '../core/hash.js';
import type { Millis, NodeId } from '../core/ids.js';
import { list, type Shape } from '../core/wire.js';
import type { Direction } from '../faults/link-rules.js';
import { decodeCbor, encodeCbor } from '../runtime/cbor.js';
import type { Link } from '../runtime/ports.js';
import { steadyChance } from './chance.js';
import type { Process } from './process.js';
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

/** Numbers a direction: more nodes than this are not simulated. */
const nodesSpan = 0x10000;

/** Where batches for one node go at present. */
interface End<M> {
  readonly process: Process;
  handler: ((from: NodeId, messages: readonly M[], bytes: number) => void) | null;
  closed: boolean;
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

/** A batch of messages under way. */
interface Batch<M> {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly direction: number;
  readonly sentAt: Millis;
  readonly messages: readonly M[];
  /** Tells the types of its messages from others. */
  readonly checksum: number;
  /** What travels instead of the messages, where they are encoded. */
  readonly bytes: Uint8Array | null;
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
  readonly #index = new Map<NodeId, number>();
  readonly #ends = new Map<NodeId, End<M>>();
  /**
   * When the last batch under way in a direction arrives: the next one must not come before it. Only for directions
   * that have one: thousands of nodes have millions of directions.
   */
  readonly #lastArrival = new Map<number, Millis>();
  /** Directions that carry nothing for a while, and what waits there. */
  #stalled = new Map<number, Batch<M>[]>();
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
    if (!this.#index.has(node)) this.#index.set(node, this.#index.size);
  }

  /** The Link port for one incarnation of `self`; takes the place of the one before. */
  attach(self: NodeId, process: Process): Link<M> {
    const end: End<M> = { process, handler: null, closed: false };
    this.#ends.set(self, end);
    return {
      send: (to, messages) => {
        if (!end.closed) this.#send(self, to, messages);
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

  #send(from: NodeId, to: NodeId, messages: readonly M[]): void {
    const { world } = this.#setup;
    const batch: Batch<M> = {
      from,
      to,
      messages,
      direction: this.#directionOf(from, to),
      sentAt: world.now,
      checksum: this.#count(messages),
      // A copy: what encodeCbor returns is overwritten by what it encodes next.
      bytes: this.#encodes ? new Uint8Array(encodeCbor(this.#shape.toWire(messages))) : null,
    };
    this.#note('sent', batch);
    const stalled = this.#stalled.get(batch.direction);
    if (stalled === undefined) this.#carry(batch);
    else stalled.push(batch);
  }

  #carry(batch: Batch<M>): void {
    const arrival = this.#arrival(batch);
    if (arrival === null) this.#fate('lost', batch, 'it would take too long');
    else this.#setup.world.at(arrival, () => this.#arrive(batch));
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
    const now = directions.map(({ from, to }) => this.#directionOf(from, to));
    this.#stalled = new Map(now.map((direction) => [direction, before.get(direction) ?? []]));
    for (const [direction, waiting] of before) {
      if (!this.#stalled.has(direction)) for (const batch of waiting) this.#carry(batch);
    }
  }

  /** When a batch that is carried from now on arrives; `null` when it never does. */
  #arrival({ direction, sentAt }: Batch<M>): Millis | null {
    const { latencyMsMin, latencyMsMean, latencyMsMax, reorder } = this.#conditions;
    const { now } = this.#setup.world;
    const seed = mix32(this.#seed ^ mix32(direction));
    const fastMs = latencyMsMin - latencyMsMean * Math.log(1 - steadyChance(seed, now));
    const latencyMs = this.#spread === 1 ? fastMs : fastMs * this.#spread ** (seed / 2 ** 32);
    const earliest = reorder ? 0 : (this.#lastArrival.get(direction) ?? 0);
    const arrival = Math.max(now + latencyMs, earliest);
    if (arrival > sentAt + latencyMsMax) return null;
    this.#lastArrival.set(direction, arrival);
    return arrival;
  }

  #arrive(batch: Batch<M>): void {
    const { world } = this.#setup;
    const { from, to, direction, bytes } = batch;
    if (this.#lastArrival.get(direction) === world.now) this.#lastArrival.delete(direction);
    const end = this.#ends.get(to);
    if (end === undefined) return;
    if (end.process.isPaused) this.#fate('held', batch, `${to} is paused`);
    end.process.run(() => {
      if (end.closed || end.handler === null) return;
      const messages = bytes === null ? batch.messages : this.#shape.fromWire(decodeCbor(bytes));
      this.#note('delivered', batch);
      end.handler(from, messages, bytes?.length ?? 0);
    });
  }

  #fate(type: 'lost' | 'held', batch: Batch<M>, why: string): void {
    this.#note(type, batch);
    this.#setup.world.fate(batch.from, batch.messages, { type, to: batch.to, why });
  }

  #note(
    type: 'sent' | 'delivered' | 'lost' | 'held',
    { direction, checksum }: Pick<Batch<M>, 'direction' | 'checksum'>,
  ): void {
    this.#setup.world.trace.note(type, direction, checksum);
  }

  #directionOf(from: NodeId, to: NodeId): number {
    return this.#indexOf(from) * nodesSpan + this.#indexOf(to);
  }

  #indexOf(node: NodeId): number {
    const index = this.#index.get(node);
    if (index === undefined) throw new Error(`${node} is not in this network`);
    return index;
  }
}
