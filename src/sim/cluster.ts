import type { NodeId } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import type { LinkRules } from '../faults/link-rules.js';
import type { AnyMode } from '../protocols/registry.js';
import { Host } from './host.js';
import { fairConditions, type NetworkConditions, SimNetwork } from './network.js';
import { SimStorage } from './storage.js';
import type { World } from './world.js';

/** Longest sync: disks of one cluster are alike and good. */
const syncMsMax = 1;

export interface SimClusterSetup {
  readonly world: World;
  readonly mode: AnyMode;
  readonly nodes: readonly NodeId[];
  /** As the mode parsed them. */
  readonly options: unknown;
  readonly rules: LinkRules;
  /** Fair when left out. */
  readonly conditions?: NetworkConditions;
  /** Something happened that never may. */
  readonly onViolation: (what: string) => void;
}

// biome-ignore lint/suspicious/noExplicitAny: which protocol it is, is the mode's own business.
type AnyHost = Host<any, unknown>;

/**
 * A cluster in a simulated world that somebody else drives, step by step: nodes come and go, links are cut, and nothing
 * happens by itself but what its nodes do: what goes wrong is what its driver makes go wrong.
 */
export class SimCluster {
  readonly #setup: SimClusterSetup;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly #network: SimNetwork<any>;
  readonly #hosts = new Map<NodeId, AnyHost>();
  /** Also those that have gone: a number in the trace means one node. */
  #hostCount = 0;
  #rules: LinkRules;

  constructor(setup: SimClusterSetup) {
    const { world, mode, nodes, options, rules } = setup;
    this.#setup = setup;
    this.#rules = rules;
    const { message } = mode.protocol;
    this.#network = new SimNetwork({ world, nodes, message, uneven: false });
    this.#network.conditions = setup.conditions ?? fairConditions;
    for (const id of nodes) this.#makeHost(id, nodes, options);
  }

  /** In the order in which they came. */
  get nodes(): readonly NodeId[] {
    return [...this.#hosts.keys()];
  }

  /** Messages between nodes so far. */
  get sentCount(): number {
    let sum = 0;
    for (const count of this.#network.sentCounts.values()) sum += count;
    return sum;
  }

  get rules(): LinkRules {
    return this.#rules;
  }

  host(node: NodeId): AnyHost {
    const host = this.#hosts.get(node);
    invariant(host !== undefined, `${node} is a node of this cluster`);
    return host;
  }

  /** Starts every node that is down. */
  start(): void {
    for (const host of this.#hosts.values()) host.start();
  }

  /** Kills every node; what is durable stays. */
  stop(): void {
    for (const host of this.#hosts.values()) host.crash('kill');
  }

  setRules(rules: LinkRules): void {
    this.#rules = rules;
    for (const host of this.#hosts.values()) host.setRules(rules);
    this.#setup.world.trace.rules(rules);
  }

  /**
   * Starts one node more; that the protocol takes it in is for others to see to. It gets these options, and so do the
   * others when they start the next time.
   */
  add(node: NodeId, options: unknown): void {
    invariant(!this.#hosts.has(node), `${node} is new to this cluster`);
    const nodes = [...this.#hosts.keys(), node];
    for (const host of this.#hosts.values()) host.reconfigure(nodes, options);
    this.#makeHost(node, nodes, options).start();
  }

  /** Kills a node for good. The others get these options when they start the next time. */
  remove(node: NodeId, options: unknown): void {
    this.host(node).crash('kill');
    this.#hosts.delete(node);
    for (const host of this.#hosts.values()) host.reconfigure(this.nodes, options);
  }

  #makeHost(id: NodeId, nodes: readonly NodeId[], options: unknown): AnyHost {
    const { world, mode, onViolation } = this.#setup;
    const index = this.#hostCount++;
    const shape = mode.protocol.record;
    const storage = new SimStorage({ world, node: { id, index }, shape, syncMsMax });
    const host = new Host({
      world,
      id,
      index,
      nodes,
      protocol: mode.protocol,
      options,
      network: this.#network,
      storage,
      onViolation,
    });
    host.setRules(this.#rules);
    this.#hosts.set(id, host);
    return host;
  }
}
