import type { Millis, NodeId } from '../../core/ids.js';
import type {
  TraceData,
  TracedFate,
  TraceEvent,
  TypedData,
  VectorClock,
} from '../../core/trace-event.js';
import * as wire from '../../core/wire.js';

export type TraceSink = (event: TraceEvent) => void;

export interface TracerSetup {
  readonly node: NodeId;
  /** What events are dated by: see {@link TraceEvent}. */
  readonly now: () => Millis;
  readonly sink: TraceSink;
  /** What the node's last event before this start knew of, when there was one. */
  readonly clock?: VectorClock;
  /** False: a node is not asked for its role after each turn, which costs as much as the turn. */
  readonly hasRoles?: boolean;
}

/** Keeps the vector clock of one node, over all its starts or from one on, and hands its events to a sink. */
export class Tracer {
  readonly node: NodeId;
  readonly hasRoles: boolean;
  readonly #setup: TracerSetup;
  #clock: VectorClock;
  #isRunning = false;
  #role: string | null = null;

  constructor(setup: TracerSetup) {
    this.node = setup.node;
    this.hasRoles = setup.hasRoles ?? true;
    this.#setup = setup;
    this.#clock = setup.clock ?? {};
  }

  start(incarnation: number): void {
    this.#isRunning = true;
    this.event({ type: 'start', incarnation });
  }

  /** From now on until the next start nothing is told: a process that dies within a turn does not know it before its end. */
  stop(why: string | null): void {
    this.event({ type: 'stop', why });
    this.#isRunning = false;
  }

  /** Returns the clock of the event. */
  event(data: TraceData): VectorClock {
    const { node, now, sink } = this.#setup;
    if (!this.#isRunning) return this.#clock;
    const clock = { ...this.#clock, [node]: (this.#clock[node] ?? 0) + 1 };
    this.#clock = clock;
    sink({ node, atMs: now(), clock, data });
    return clock;
  }

  delivered(from: NodeId, { message, clock }: CarriedMessage): void {
    const known: Record<NodeId, number> = { ...this.#clock };
    for (const [node, count] of Object.entries(clock)) {
      if (count > (known[node] ?? 0)) known[node] = count;
    }
    this.#clock = known;
    this.event({ type: 'delivered', from, sent: clock[from] ?? 0, message });
  }

  role(role: string): void {
    if (role !== this.#role) this.event({ type: 'role', role });
    this.#role = role;
  }

  readonly fate = (
    type: TracedFate['type'],
    from: NodeId,
    to: NodeId,
    carried: CarriedMessage,
    why: string,
  ): void => this.#setup.sink(fateOf(carried, from, this.#setup.now(), { type, to, why }));
}

/** A message as it travels while a cluster traces: with the clock of its sending. */
export interface CarriedMessage<M extends TypedData = TypedData> {
  /** The message's: what links do may depend on it. */
  readonly type: string;
  readonly message: M;
  readonly clock: VectorClock;
}

/** What became of a message that `from` has sent. */
export function fateOf(
  { clock }: CarriedMessage,
  from: NodeId,
  atMs: Millis,
  fate: Omit<TracedFate, 'sent'>,
): TraceEvent {
  return { node: from, atMs, clock, data: { ...fate, sent: clock[from] ?? 0 } };
}

/** Nodes that have left the cluster stay in its clocks. */
const clockEntriesMax = 1024;
const clockEntries = wire.list(wire.pair(wire.name, wire.count), clockEntriesMax);

/** What is between two traced nodes takes {@link CarriedMessage}s for messages. */
export function carriedShape<M extends TypedData>(shape: wire.Shape<M>): wire.Shape<M> {
  const both = wire.pair(shape, clockEntries);
  const carried: wire.Shape<CarriedMessage<M>> = {
    write: ({ message, clock }, sink) => both.write([message, Object.entries(clock)], sink),
    read(source) {
      const [message, clock] = both.read(source);
      return { type: message.type, message, clock: Object.fromEntries(clock) };
    },
  };
  return carried as unknown as wire.Shape<M>;
}
