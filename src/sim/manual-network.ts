import { hashBytes } from '../core/hash.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Shape } from '../core/wire.js';
import { decodeAs, encodeAs } from '../runtime/cbor.js';
import type { Link } from '../runtime/ports.js';
import type { CarriedMessage } from '../runtime/tracing/tracer.js';
import type { HostNetwork } from './host-setup.js';
import type { Process } from './process.js';
import { hashed } from './trace.js';
import type { World } from './world.js';

/** A message under way. */
export interface Flight<M> {
  /** 1, 2, 3, … in the order sent. */
  readonly id: number;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: M;
  readonly sentAt: Millis;
}

/** `hold`: it waits for the caller. Else each copy of it arrives after so many milliseconds; without any it is lost. */
export type Fate = 'hold' | readonly Millis[];

/** Of a large message the beginning is enough to tell it from others. */
const hashedBytesMax = 4096;

interface Held<M> {
  readonly flight: Flight<M>;
  /** What travels: the message, or, where there is a sink of the trace, what carries it. */
  readonly carried: M;
  readonly bytes: Uint8Array;
  readonly checksum: number;
  /** Whoever has got the copy in `flight` may do with it what it likes: the next one is made anew. */
  isTaken: boolean;
}

interface End<M> {
  readonly process: Process;
  handler: ((from: NodeId, messages: readonly M[], bytes: number) => void) | null;
  isClosed: boolean;
}

/** The links of a cluster that is moved by hand: each message travels by itself, and arrives when it is told to. */
export class ManualNetwork<M extends { readonly type: string }> implements HostNetwork<M> {
  /** Decides what becomes of a message that is sent. */
  fate: (flight: Flight<M>) => Fate = () => 'hold';
  readonly #world: World;
  readonly #shape: Shape<M>;
  readonly #isTraced: boolean;
  readonly #ends = new Map<NodeId, End<M>>();
  readonly #held = new Map<number, Held<M>>();
  /** When the last message that goes by itself in a direction arrives: the next one does not come before it. */
  readonly #lastArrival = new Map<string, Millis>();
  readonly #keepsOrder: boolean;
  #sentCount = 0;

  constructor(world: World, shape: Shape<M>, keepsOrder: boolean) {
    this.#world = world;
    this.#shape = world.shapeOnLinks(shape);
    this.#isTraced = world.sink !== null;
    this.#keepsOrder = keepsOrder;
  }

  /** Under way at present, in the order sent. */
  get flights(): Flight<M>[] {
    return [...this.#held.values()].map(({ flight }) => flight);
  }

  /** The first of them that `which` picks. */
  find(which: (flight: Flight<M>) => boolean): Flight<M> | undefined {
    for (const { flight } of this.#held.values()) if (which(flight)) return flight;
    return undefined;
  }

  add(): void {}

  attach(self: NodeId, process: Process): Link<M> {
    const end: End<M> = { process, handler: null, isClosed: false };
    this.#ends.set(self, end);
    return {
      send: (to, messages) => {
        for (const message of messages) if (!end.isClosed) this.#send(self, to, message);
      },
      onReceive: (handler) => {
        end.handler = handler;
      },
      hold: () => {},
      bytesWaiting: 0,
      onRelief: () => {},
      close: () => {
        end.isClosed = true;
      },
    };
  }

  /** A message that nobody has sent arrives now. */
  forge(from: NodeId, to: NodeId, message: M): void {
    const carried = { type: message.type, message, clock: {} };
    this.#arrive(this.#encode(from, to, this.#isTraced ? (carried as unknown as M) : message));
  }

  /** It arrives now; at a node that is down it is lost. */
  deliver(id: number): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    this.#arrive(held);
  }

  drop(id: number): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    this.#fate('lost', held, 'dropped');
  }

  /** A second one of it is under way. */
  double(id: number): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    const flight = { ...held.flight, id: ++this.#sentCount };
    this.#held.set(flight.id, { ...held, flight, isTaken: true });
  }

  #send(from: NodeId, to: NodeId, message: M): void {
    const held = this.#encode(from, to, message);
    const fate = this.fate(held.flight);
    if (fate === 'hold') this.#held.set(held.flight.id, held);
    else if (fate.length > 0) this.#carry(held, fate);
    this.#note('sent', held);
    if (fate.length === 0) this.#fate('lost', held, 'dropped');
  }

  #encode(from: NodeId, to: NodeId, message: M): Held<M> {
    const bytes = new Uint8Array(encodeAs(this.#shape, message));
    const carried = decodeAs(this.#shape, bytes);
    const copy = this.#isTraced ? (carried as unknown as CarriedMessage<M>).message : carried;
    const id = ++this.#sentCount;
    const flight = { id, from, to, message: copy, sentAt: this.#world.now };
    const checksum = hashBytes(bytes.subarray(0, hashedBytesMax)) ^ bytes.length;
    return { flight, carried, bytes, checksum, isTaken: false };
  }

  #carry(held: Held<M>, delaysMs: readonly Millis[]): void {
    const { from, to } = held.flight;
    const direction = `${from}>${to}`;
    for (const [copy, delayMs] of delaysMs.entries()) {
      const earliest = this.#keepsOrder ? (this.#lastArrival.get(direction) ?? 0) : 0;
      const arrival = Math.max(this.#world.now + delayMs, earliest);
      this.#lastArrival.set(direction, arrival);
      const { id } = held.flight;
      const key = copy === 0 ? id : ++this.#sentCount;
      this.#held.set(key, held);
      this.#world.at(arrival, () => this.deliver(key));
    }
  }

  #arrive(held: Held<M>): void {
    const { flight, bytes } = held;
    const end = this.#ends.get(flight.to);
    if (!end?.process.isAlive) return this.#fate('lost', held, `${flight.to} is down`);
    if (end.process.isPaused) this.#fate('held', held, `${flight.to} is paused`);
    end.process.run(() => {
      if (end.isClosed || end.handler === null)
        return this.#fate('lost', held, `${flight.to} is down`);
      this.#note('delivered', held);
      const carried = held.isTaken ? decodeAs(this.#shape, bytes) : held.carried;
      held.isTaken = true;
      end.handler(flight.from, [carried], bytes.length);
    });
  }

  #fate(type: 'lost' | 'held', held: Held<M>, why: string): void {
    const { from, to } = held.flight;
    this.#note(type, held);
    this.#world.fate(from, [held.carried], { type, to, why });
  }

  #note(type: 'sent' | 'delivered' | 'lost' | 'held', { flight, checksum }: Held<M>): void {
    this.#world.trace.note(hashed[type], flight.id, checksum);
  }
}
