import type { Millis, NodeId } from '../../core/ids.js';
import { keyFromText } from '../../core/key.js';
import type { ClientResult, Operation } from '../../core/operation.js';
import type { ProtocolTypes, Rejoin, ReplicaView, StoredEntry } from '../../core/replica.js';
import type { TraceEvent } from '../../core/trace-event.js';
import type { UnsyncedFate } from '../../sim/disk.js';
import { type Fate, type Flight, ManualCluster, type ManualSetup } from '../../sim/manual.js';
import { contentsOf } from './operations.js';

/** Fates of a message in a cluster where messages go by themselves. */
export const pass: Fate = [1];
export const drop: Fate = [];
export const twice: Fate = [1, 3];

export interface Sent<M> {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: M;
}

/** A cluster moved by hand, with what tests of any mode need around it: it keeps what was sent and what became durable. */
export class TestCluster<P extends ProtocolTypes, Options> extends ManualCluster<P, Options> {
  /** All messages, whatever became of them. */
  readonly sent: Sent<P['message']>[] = [];
  /** Every record that became durable, in order; snapshots don't shorten it. */
  readonly durable = new Map<NodeId, P['record'][]>();
  /** Called with every message. */
  onSend: ((sent: Sent<P['message']>) => void) | null = null;
  /** Called at every event; a test may crash a node from here. */
  onEvent: ((event: TraceEvent) => void) | null = null;
  /** Persisted by this start of the node, and not durable yet; and how many were before. */
  readonly #undurable = new Map<NodeId, { records: P['record'][]; before: number }>();

  constructor(setup: ManualSetup<P, Options>) {
    super({ ...setup, sink: (event) => this.#hear(event) });
  }

  /** In the order of the cluster; all nodes are started. */
  static started<P extends ProtocolTypes, Options>(setup: ManualSetup<P, Options>) {
    const cluster = new TestCluster(setup);
    cluster.startAll();
    return cluster;
  }

  override start(node: NodeId, rejoin: Rejoin | null = null, nodes?: readonly NodeId[]): void {
    if (nodes !== undefined) this.apply({ do: 'configure', node, nodes });
    super.start(node, rejoin);
  }

  node(id: NodeId): NodeHandle<P, Options> {
    return new NodeHandle(this, id);
  }

  restart(node: NodeId, unsynced?: UnsyncedFate): void {
    this.crash(node, unsynced);
    this.start(node);
  }

  /** Delivers in order what is under way and `wanted`, and what follows from it; the rest stays. */
  deliverAll(wanted: (flight: Flight<P['message']>) => boolean = () => true): void {
    for (let budget = 100_000; budget > 0; budget--) {
      const flight = this.findFlight(wanted);
      if (flight === undefined) return;
      this.deliver(flight);
    }
    throw new Error('the messages never end');
  }

  /** Drops, and returns, what is under way and `which` picks. */
  take(which: (flight: Flight<P['message']>) => boolean): Flight<P['message']>[] {
    const taken = this.flights.filter(which);
    this.drop(...taken);
    return taken;
  }

  /** Hands a node a message as if `from` had sent it, and returns what it sends in that turn. */
  told(to: NodeId, from: NodeId, message: P['message']): Flight<P['message']>[] {
    const before = new Set(this.flights.map(({ id }) => id));
    this.forge(from, to, message);
    return this.flights.filter(({ id }) => !before.has(id));
  }

  /** Lets time pass until something holds; throws when it does not within `ms`. Returns how long it took. */
  waitUntil(holds: () => boolean, ms: Millis = 5000): Millis {
    const begin = this.now;
    while (!holds()) {
      if (this.now - begin >= ms) throw new Error(`it did not come to pass within ${ms} ms`);
      // No longer than until the next event, or the limit.
      this.world.runUntil(Math.min(begin + ms, this.world.nextAt));
      this.mustBeSound();
    }
    return this.now - begin;
  }

  /** A request, with time going on until it is answered. */
  ask(
    node: NodeId,
    operation: Operation,
    more: Parameters<this['request']>[2] = {},
  ): ClientResult | null {
    const ticket = this.request(node, operation, more);
    this.waitUntil(() => ticket.result !== null, 10_000);
    return ticket.result;
  }

  /**
   * Lets time pass until the node persists such a record, and crashes it: within the turn that persists it, or when it is
   * durable and nothing that waited for it has left.
   */
  crashAtRecord(node: NodeId, type: string, when: 'persist' | 'durable'): void {
    const before = this.durable.get(node)?.length ?? 0;
    const isIt = (event: TraceEvent): boolean => {
      if (event.data.type !== when || event.node !== node) return false;
      if (event.data.type === 'persist') return event.data.record.type === type;
      return (
        this.durable
          .get(node)
          ?.slice(before)
          .some((record) => record.type === type) === true
      );
    };
    this.onEvent = (event) => {
      if (isIt(event)) this.host(node).crash('power', 'lost');
    };
    this.waitUntil(() => !this.isUp(node));
    this.onEvent = null;
  }

  /** Records that the node has persisted and that are not durable. */
  undurableCount(node: NodeId): number {
    return this.#undurable.get(node)?.records.length ?? 0;
  }

  fact(node: NodeId, name: string): string | number | undefined {
    return this.view(node).facts.find(([known]) => known === name)?.[1];
  }

  held(node: NodeId, name: string): StoredEntry | undefined {
    return this.view(node).lookup(keyFromText(name));
  }

  contents(node: NodeId): string {
    return contentsOf(this.view(node));
  }

  #hear(event: TraceEvent): void {
    const { data } = event;
    switch (data.type) {
      case 'sent': {
        const sent = { from: event.node, to: data.to, message: data.message };
        this.sent.push(sent);
        this.onSend?.(sent);
        break;
      }
      case 'start':
        this.#undurable.set(event.node, { records: [], before: 0 });
        break;
      case 'persist':
        this.#undurable.get(event.node)?.records.push(data.record);
        break;
      case 'durable':
        this.#harden(event.node, data.position);
    }
    this.onEvent?.(event);
  }

  #harden(node: NodeId, position: number): void {
    const undurable = this.#undurable.get(node);
    if (undurable === undefined) return;
    const records = undurable.records.splice(0, position - undurable.before);
    undurable.before = position;
    const durable = this.durable.get(node) ?? [];
    durable.push(...records);
    this.durable.set(node, durable);
  }
}

/** One node of a cluster, for tests that do much with one. */
export class NodeHandle<P extends ProtocolTypes, Options> {
  constructor(
    readonly cluster: TestCluster<P, Options>,
    readonly id: NodeId,
  ) {}

  get view(): ReplicaView {
    return this.cluster.view(this.id);
  }

  /** What its wall clock shows. */
  get wallClock(): Millis {
    return this.cluster.host(this.id).wallClock.read();
  }

  set skewMs(ms: Millis) {
    this.cluster.apply({ do: 'skew', node: this.id, ms });
  }

  /** False: nothing becomes durable, hence nothing leaves that waits for it, before `sync`. */
  set syncsAtOnce(does: boolean) {
    this.cluster.apply({ do: does ? 'release syncs' : 'hold syncs', node: this.id });
  }

  sync(): void {
    this.cluster.apply({ do: 'sync', node: this.id });
  }

  /** What comes meanwhile is handled in one turn. */
  inOneTurn(ask: () => void): void {
    this.cluster.apply({ do: 'pause', node: this.id });
    ask();
    this.cluster.apply({ do: 'resume', node: this.id });
  }

  crash(unsynced?: UnsyncedFate): void {
    this.cluster.crash(this.id, unsynced);
  }

  start(rejoin: Rejoin | null = null): void {
    this.cluster.start(this.id, rejoin);
  }

  /** It gets an empty disk, while it is down. */
  wipe(): void {
    this.cluster.apply({ do: 'wipe', node: this.id });
  }

  /** A snapshot begins at the end of a turn that does nothing else. */
  snapshot(): void {
    this.cluster.apply({ do: 'snapshot', node: this.id });
  }
}
