import { hashBytes, mix32 } from '../core/hash.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Random } from '../core/random.js';
import { list, type Shape } from '../core/wire.js';
import { decodeCbor, encodeCbor } from '../runtime/cbor.js';
import type { Link } from '../runtime/ports.js';
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
}

/**
 * All links between nodes, over virtual time.
 *
 * Every batch travels as the bytes it would have on a socket, so that nodes share nothing and every shape is put to
 * use. What is under way outlives its sender's crash and reaches whichever incarnation of the receiver runs when it
 * arrives: a real connection does not go that far, but an answer held back at the peer does.
 */
export class SimNetwork<M extends { readonly type: string }> {
  /** Messages sent, by type. */
  readonly sentCounts = new Map<string, number>();
  readonly #setup: SimNetworkSetup<M>;
  readonly #batch: Shape<readonly M[]>;
  readonly #conditions: NetworkConditions;
  readonly #random: Random;
  readonly #index = new Map<NodeId, number>();
  readonly #ends = new Map<NodeId, End<M>>();
  /**
   * When the last batch under way in a direction arrives: the next one must not come before it. Only for directions
   * that have one: thousands of nodes have millions of directions.
   */
  readonly #lastArrival = new Map<number, Millis>();
  /** How much slower than the conditions directions may be. */
  readonly #spread: number;
  /** From it and its number follows how slow a direction is, all the time. */
  readonly #slownessSeed: number;

  constructor(setup: SimNetworkSetup<M>) {
    this.#setup = setup;
    this.#batch = list(setup.message);
    this.#conditions = setup.conditions ?? fairConditions;
    this.#random = setup.world.random.fork();
    for (const node of setup.nodes) this.add(node);
    this.#spread = this.#random.chance(0.5) && setup.uneven !== false ? slownessMax : 1;
    this.#slownessSeed = this.#random.below(2 ** 32);
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
    for (const { type } of messages) {
      this.sentCounts.set(type, (this.sentCounts.get(type) ?? 0) + 1);
    }
    // A copy: what encodeCbor returns is overwritten by what it encodes next.
    const bytes = new Uint8Array(encodeCbor(this.#batch.toWire(messages)));
    const direction = this.#indexOf(from) * nodesSpan + this.#indexOf(to);
    const checksum = hashBytes(bytes);
    world.trace.batch('sent', from, to, direction, checksum, messages);
    const arrival = this.#arrival(direction);
    if (arrival === null) world.trace.batch('lost', from, to, direction, checksum, messages);
    else world.at(arrival, () => this.#arrive(from, to, direction, checksum, bytes));
  }

  /** When a batch sent now arrives; `null` when it never does. */
  #arrival(direction: number): Millis | null {
    const { latencyMsMin, latencyMsMean, latencyMsMax, reorder } = this.#conditions;
    const { now } = this.#setup.world;
    const fastMs = latencyMsMin - latencyMsMean * Math.log(1 - this.#random.next());
    const latencyMs = fastMs * this.#slownessOf(direction);
    const earliest = reorder ? 0 : (this.#lastArrival.get(direction) ?? 0);
    const arrival = Math.max(now + latencyMs, earliest);
    if (arrival > now + latencyMsMax) return null;
    this.#lastArrival.set(direction, arrival);
    return arrival;
  }

  #slownessOf(direction: number): number {
    if (this.#spread === 1) return 1;
    return this.#spread ** (mix32(this.#slownessSeed ^ mix32(direction)) / 2 ** 32);
  }

  #arrive(from: NodeId, to: NodeId, direction: number, checksum: number, bytes: Uint8Array): void {
    const { world } = this.#setup;
    if (this.#lastArrival.get(direction) === world.now) this.#lastArrival.delete(direction);
    const end = this.#ends.get(to);
    if (end === undefined) return;
    if (end.process.isPaused) {
      const messages = this.#batch.fromWire(decodeCbor(bytes));
      world.trace.batch('held', from, to, direction, checksum, messages);
    }
    end.process.run(() => {
      if (end.closed || end.handler === null) return;
      const messages = this.#batch.fromWire(decodeCbor(bytes));
      world.trace.batch('delivered', from, to, direction, checksum, messages);
      end.handler(from, messages, bytes.length);
    });
  }

  #indexOf(node: NodeId): number {
    const index = this.#index.get(node);
    if (index === undefined) throw new Error(`${node} is not in this network`);
    return index;
  }
}
