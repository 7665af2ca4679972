import type { Millis, NodeId } from '../../../core/ids.js';
import type { ClientResult, Operation, SessionFloor } from '../../../core/operation.js';
import type { Fate, Flight } from '../../../sim/manual.js';
import { modeNamed } from '../../registry.js';
import { textOf } from '../../testing/operations.js';
import { type NodeHandle, type Sent, TestCluster } from '../../testing/test-cluster.js';
import type { Gossip, Message } from '../messages.js';
import { type GossipOptions, parseGossipOptions } from '../options.js';

export type Envelope = Sent<Message>;

export interface ClusterShape {
  readonly nodes?: number;
  readonly options?: Partial<GossipOptions>;
  readonly seed?: number;
  /** Links that there are; all when left out. */
  readonly links?: readonly (readonly [NodeId, NodeId])[];
  /** So long does a turn wait for what else comes. */
  readonly turnMs?: Millis;
}

export const latencyMs = 1;

/** Messages go by themselves over links that are there. */
export class GossipCluster extends TestCluster<Gossip, GossipOptions> {
  readonly options: GossipOptions;
  /** Hears of everything that is sent where no link is. */
  onLost: () => void = () => {};
  sentCount = 0;
  #links: Set<string> | null;
  #carry: (flight: Flight<Message>) => Fate = () => [latencyMs];

  constructor({ nodes = 3, options: given = {}, links, ...setup }: ClusterShape = {}) {
    const options = parseGossipOptions({ ...given });
    const names = Array.from({ length: nodes }, (_, at) => `n${at + 1}`);
    super({
      protocol: modeNamed('gossip').protocol,
      options,
      nodes: names,
      keepsOrder: false,
      ...setup,
    });
    this.options = options;
    this.#links = links === undefined ? null : new Set(links.flatMap(([a, b]) => bothWays(a, b)));
    super.fate = (flight) => this.#fateOf(flight);
    this.startAll();
  }

  override get fate(): (flight: Flight<Message>) => Fate {
    return this.#carry;
  }

  /** Of a message whose link is there. */
  override set fate(carry: (flight: Flight<Message>) => Fate) {
    this.#carry = carry;
  }

  /** A node of which nobody is told. */
  make(name: NodeId, all: readonly NodeId[]): NodeHandle<Gossip, GossipOptions> {
    const others = all.filter((other) => other !== name);
    this.apply({ do: 'configure', node: name, nodes: [name, ...others] });
    return this.node(name);
  }

  connectAll(): void {
    this.#links = null;
  }

  connect(a: NodeId, b: NodeId): void {
    for (const link of bothWays(a, b)) this.#links?.add(link);
  }

  /** What is on its way there does not arrive. */
  cut(a: NodeId, b: NodeId): void {
    this.#links ??= new Set(this.nodes.flatMap((from) => this.nodes.map((to) => `${from}>${to}`)));
    for (const link of bothWays(a, b)) this.#links.delete(link);
    this.take(({ from, to }) => !this.isLinked(from, to));
  }

  isLinked(from: NodeId, to: NodeId): boolean {
    return this.#links === null || this.#links.has(`${from}>${to}`);
  }

  /** All up nodes that can be reached from this one, itself included, sorted. */
  partOf(name: NodeId): NodeId[] {
    const part = new Set([name]);
    for (const node of part) {
      for (const other of this.up) if (this.isLinked(node, other)) part.add(other);
    }
    return [...part].sort();
  }

  override ask(
    through: NodeId,
    operation: Operation,
    more: { readonly floor?: SessionFloor | null } = {},
  ): ClientResult {
    return super.ask(through, operation, more) as ClientResult;
  }

  /** Hands over a message as if `from` had sent it. */
  hand(from: NodeId, to: NodeId, message: Message): void {
    if (this.isLinked(from, to)) this.forge(from, to, message);
  }

  override fact(name: NodeId, fact: string): number {
    return Number(super.fact(name, fact) ?? 0);
  }

  get unsettledCount(): number {
    return this.up.reduce((sum, node) => sum + this.view(node).unsettledCount, 0);
  }

  /** The store as text, sorted; tombstones are marked, or left out where they may be collected. */
  dump(name: NodeId, withTombstones = false): string {
    return [...this.view(name).entries()]
      .filter(({ value }) => withTombstones || value !== null)
      .map(({ key, version, value }) => `${key}=${textOf(value)}@${version.stamp}/${version.node}`)
      .sort()
      .join(' ');
  }

  agree(names: readonly NodeId[] = this.up): boolean {
    return new Set(names.map((name) => this.dump(name))).size <= 1;
  }

  #fateOf(flight: Flight<Message>): Fate {
    if (!this.isLinked(flight.from, flight.to)) {
      this.onLost();
      return [];
    }
    this.sentCount += 1;
    return this.#carry(flight);
  }
}

function bothWays(a: NodeId, b: NodeId): string[] {
  return [`${a}>${b}`, `${b}>${a}`];
}
