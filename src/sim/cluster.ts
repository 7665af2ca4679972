import type { Decision } from '../core/decision.js';
import type { NodeId } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import type { Protocol, ProtocolTypes, Rejoin } from '../core/replica.js';
import { type Direction, type LinkRules, noRules } from '../faults/link-rules.js';
import type { MessageCounts } from '../runtime/links/single-messages.js';
import type { WorstPlan } from '../runtime/worst-reads.js';
import { addFacts, Host } from './host.js';
import { fairConditions, type NetworkConditions, SimNetwork } from './network.js';
import { SimStorage } from './storage.js';
import { hashed } from './trace.js';
import type { World } from './world.js';

/** Longest sync where all disks are alike and good. */
const evenSyncMsMax = 1;

export interface SimClusterSetup<P extends ProtocolTypes, Options> {
  readonly world: World;
  readonly protocol: Protocol<P, Options>;
  /** A node that lacks what it had made durable starts and copies; in other modes it does not start. */
  readonly copiesByItself?: boolean;
  readonly nodes: readonly NodeId[];
  /** As the mode parsed them. */
  readonly options: Options;
  readonly rules?: LinkRules;
  /** Fair when left out. */
  readonly conditions?: NetworkConditions;
  /** Links and disks differ in speed, drawn for each. */
  readonly uneven: boolean;
  /** Messages travel as bytes; in one of eight worlds when left out. */
  readonly encodes?: boolean | undefined;
  /** Hears what nodes hold for good. */
  readonly onDecision?: (node: NodeId, decision: Decision) => void;
  /** Reads return the worst that is legal; absent: what they find. */
  readonly worst?: WorstPlan | null | undefined;
  /** Of messages that faults mean alone, over all starts of all nodes; absent: there are no such faults. */
  readonly counts?: MessageCounts;
  /** What is on the node's disk is damaged: it may not start. */
  readonly isDamaged?: (node: NodeId) => boolean;
  /** Its process is about to crash. */
  readonly onCrash?: ((host: Host<P, Options>) => void) | undefined;
  /** Something happened that never may. */
  readonly onViolation: (what: string) => void;
}

/**
 * A cluster in a simulated world that somebody else drives: nodes come and go, links are cut, disks fail. Nothing happens
 * by itself but what its nodes do.
 */
// biome-ignore lint/suspicious/noExplicitAny: whoever does not say which protocol it is takes any.
export class SimCluster<P extends ProtocolTypes = any, Options = any> {
  readonly #setup: SimClusterSetup<P, Options>;
  readonly #network: SimNetwork<P['message']>;
  readonly #hosts = new Map<NodeId, Host<P, Options>>();
  /** `null` once nodes have come or gone. */
  #hostList: readonly Host<P, Options>[] | null = null;
  readonly #storages = new Map<NodeId, SimStorage<P['record']>>();
  /** What nodes that have gone told of themselves. */
  readonly #pastFacts = new Map<string, number>();
  /** Also those that have gone: a number in the trace means one node. */
  #hostCount = 0;
  #rules: LinkRules;

  constructor(setup: SimClusterSetup<P, Options>) {
    const { world, protocol, nodes, options, uneven, conditions = fairConditions, encodes } = setup;
    this.#setup = setup;
    this.#rules = setup.rules ?? noRules;
    this.#network = new SimNetwork({
      world,
      nodes,
      message: world.shapeOnLinks(protocol.message),
      uneven,
      conditions,
      encodes,
    });
    for (const id of nodes) this.#makeHost(id, nodes, options);
  }

  /** In the order in which they came. */
  get nodes(): readonly NodeId[] {
    return [...this.#hosts.keys()];
  }

  get hosts(): readonly Host<P, Options>[] {
    this.#hostList ??= [...this.#hosts.values()];
    return this.#hostList;
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

  has(node: NodeId): boolean {
    return this.#hosts.has(node);
  }

  host(node: NodeId): Host<P, Options> {
    const host = this.#hosts.get(node);
    invariant(host !== undefined, 'it is a node of this cluster');
    return host;
  }

  storage(node: NodeId): SimStorage<P['record']> {
    const storage = this.#storages.get(node);
    invariant(storage !== undefined, 'it is a node of this cluster');
    return storage;
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
    this.#setup.world.trace.note(hashed.rules, rules.cuts.length, rules.delays.length);
  }

  /** What is sent in these directions from now on arrives when they are no longer among them. */
  setStalled(directions: readonly Direction[]): void {
    this.#network.setStalled(directions);
  }

  /**
   * Starts one node more; that the protocol takes it in is for others to see to. It gets these options, and so do the
   * others when they start the next time.
   */
  add(node: NodeId, options: Options): void {
    invariant(!this.#hosts.has(node), `${node} is new to this cluster`);
    const nodes = [...this.#hosts.keys(), node];
    for (const host of this.#hosts.values()) host.reconfigure(nodes, options);
    this.#makeHost(node, nodes, options).start();
  }

  /** Kills a node for good. The others get these options when they start the next time. */
  remove(node: NodeId, options: Options): void {
    const host = this.host(node);
    host.crash('kill');
    this.#addFactsOf(host, this.storage(node), this.#pastFacts);
    this.#hosts.delete(node);
    this.#hostList = null;
    this.#storages.delete(node);
    for (const other of this.#hosts.values()) other.reconfigure(this.nodes, options);
  }

  /** Kills a node and starts it on an empty disk, told that it begins anew. */
  rejoin(node: NodeId, removal: Rejoin['removal']): void {
    const host = this.host(node);
    host.crash('kill');
    this.storage(node).beginAnew(removal);
    host.start();
  }

  /** Numbers that nodes tell of themselves, over all nodes and incarnations; messages by type; what disks met. */
  facts(): Map<string, number> {
    const totals = new Map(this.#pastFacts);
    for (const [type, count] of this.#network.sentCounts) totals.set(`sent: ${type}`, count);
    for (const [node, host] of this.#hosts) this.#addFactsOf(host, this.storage(node), totals);
    return totals;
  }

  #addFactsOf(
    host: Host<P, Options>,
    storage: SimStorage<P['record']>,
    totals: Map<string, number>,
  ): void {
    for (const [name, value] of host.pastFacts) totals.set(name, (totals.get(name) ?? 0) + value);
    const view = host.view();
    if (view !== null) addFacts(totals, view);
    storage.addFacts(totals);
  }

  #makeHost(id: NodeId, nodes: readonly NodeId[], options: Options): Host<P, Options> {
    const { world, protocol, copiesByItself = false, uneven } = this.#setup;
    const { isDamaged, worst, counts, onDecision, onCrash, onViolation } = this.#setup;
    const index = this.#hostCount++;
    const storage = new SimStorage({
      ...{ world, node: { id, index }, shape: protocol.record, copiesByItself },
      ...(uneven ? {} : { syncMsMax: evenSyncMsMax }),
    });
    const host: Host<P, Options> = new Host({
      ...{
        world,
        id,
        index,
        nodes,
        protocol,
        options,
        storage,
        isDamaged,
        worst,
        counts,
        onViolation,
      },
      network: this.#network,
      onCrash: onCrash && (() => onCrash(host)),
      ...(onDecision === undefined
        ? {}
        : { onDecision: (decision: Decision) => onDecision(id, decision) }),
    });
    host.setRules(this.#rules);
    this.#hosts.set(id, host);
    this.#hostList = null;
    this.#storages.set(id, storage);
    return host;
  }
}
