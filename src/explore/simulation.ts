import type { Millis, NodeId } from '../core/ids.js';
import { unreachable } from '../core/invariant.js';
import type { ClientResult, Operation } from '../core/operation.js';
import type { Random } from '../core/random.js';
import type { ProtocolTypes } from '../core/replica.js';
import { type Direction, type LinkRules, noRules } from '../faults/link-rules.js';
import type { SimCluster } from '../sim/cluster.js';
import type { NetworkConditions } from '../sim/network.js';
import type { World } from '../sim/world.js';
import { checkAgreement, type ReplicaState, type Violation } from './checks.js';
import { SimClient } from './client.js';
import type { Fault } from './faults.js';
import type { HistoryEntry } from './history.js';
import { drawBroken, partsOf } from './parts.js';
import type { Workload } from './workload.js';

/** How often, once healed, it is looked whether all is quiet. */
const lookMs = 20;

export interface SimulationSetup<P extends ProtocolTypes, Options> {
  readonly world: World;
  readonly cluster: SimCluster<P, Options>;
  readonly workload: Workload;
  /** The network when no fault changes it. */
  readonly conditions: NetworkConditions;
  /** Shared with whoever else finds some. */
  readonly violations: Violation[];
}

/** A cluster with its clients in a simulated world, and the faults that come and go in it. */
export class Simulation<P extends ProtocolTypes, Options> {
  readonly history: HistoryEntry[] = [];
  readonly #setup: SimulationSetup<P, Options>;
  readonly #world: World;
  readonly #cluster: SimCluster<P, Options>;
  readonly #clients: readonly SimClient[];
  readonly #active = new Set<Fault>();
  #healed = false;

  constructor(setup: SimulationSetup<P, Options>) {
    const { world, cluster, workload } = setup;
    this.#setup = setup;
    this.#world = world;
    this.#cluster = cluster;
    const doors = cluster.hosts;
    this.#clients = Array.from({ length: workload.clients }, (_, index) => {
      return new SimClient({ world, index, workload, doors, history: this.history });
    });
  }

  start(): void {
    this.#cluster.start();
    for (const client of this.#clients) client.start();
  }

  /** Lets the faults happen while the clients work, for `durationMs`. */
  disturb(faults: readonly Fault[], durationMs: Millis): void {
    for (const fault of faults) {
      this.#world.after(fault.atMs, () => this.#begin(fault));
      this.#world.after(fault.atMs + fault.forMs, () => this.#end(fault));
    }
    this.#world.runUntil(this.#world.now + durationMs);
  }

  /** Ends all faults, stops the clients and lets them hear what they still wait for. */
  heal(): void {
    for (const client of this.#clients) client.stop();
    this.#healed = true;
    for (const fault of [...this.#active]) this.#end(fault);
    for (const host of this.#cluster.hosts) {
      host.resume();
      host.start();
    }
    // Whoever still waits for an answer gets one, or gives up, within its time-out.
    this.#world.runUntil(this.#world.now + this.#setup.workload.clientTimeoutMs);
  }

  /**
   * Breaks links and has one node of each part that is still connected stabilize it; then all nodes of a part must hold
   * the same. Mends the links. Every part has `patienceMs`.
   */
  stabilizeParts(random: Random, patienceMs: Millis): void {
    const { nodes } = this.#cluster;
    const broken = drawBroken(nodes, random);
    this.#cluster.setRules({ ...noRules, cuts: broken });
    // Sometimes at once, sometimes when every node knows whom it can't reach.
    this.#world.runUntil(this.#world.now + 2_000 * random.next() ** 3);
    const parts = partsOf(nodes, broken);
    const results = new Map(parts.map((part) => [part, null as ClientResult | null]));
    for (const part of parts) {
      this.#request(random.pick(part), { type: 'stabilize' }, patienceMs, (result) => {
        results.set(part, result);
        if (result?.type === 'stabilized') this.#checkPart(part);
      });
    }
    this.#world.runUntil(this.#world.now + patienceMs);
    for (const [part, result] of results) this.#checkStabilized(part, result);
    this.#cluster.setRules(noRules);
  }

  /** Waits until every request is answered, no node has work left and the replicas agree: within `patienceMs`. */
  settle(patienceMs: Millis): void {
    const giveUpAt = this.#world.now + patienceMs;
    while (this.#setup.violations.length === 0 && !this.isQuiet()) {
      if (this.#world.now >= giveUpAt) {
        this.#violateUnquiet(patienceMs);
        break;
      }
      this.#world.runUntil(this.#world.now + lookMs);
    }
  }

  isQuiet(): boolean {
    const idle = this.#cluster.hosts.every(
      (host) => host.view()?.unsettledCount === 0 && host.unansweredCount === 0,
    );
    return idle && checkAgreement(this.replicas()).length === 0;
  }

  /** The raw state of all nodes that are up. */
  replicas(): ReplicaState[] {
    return this.#cluster.hosts.flatMap((host) => {
      const view = host.view();
      if (view === null) return [];
      const entries = new Map([...view.entries()].map((entry) => [entry.key, entry]));
      return { node: host.id, entries, ownersOf: (key) => view.ownersOf(key) };
    });
  }

  #begin(fault: Fault): void {
    if (this.#healed) return;
    this.#active.add(fault);
    switch (fault.type) {
      case 'crash':
        this.#cluster.host(fault.node).crash(fault.how);
        break;
      case 'untimely power cut':
        this.#cluster.host(fault.node).crashUnsynced('power');
        break;
      case 'pause':
        this.#cluster.host(fault.node).pause();
        break;
      case 'clock':
        this.#cluster.setClock(fault.node, fault.skewMs);
        break;
      case 'cut':
      case 'delay':
      case 'conditions':
        this.#applyLinks();
        break;
      default:
        unreachable(fault, 'fault');
    }
  }

  #end(fault: Fault): void {
    if (!this.#active.delete(fault)) return;
    switch (fault.type) {
      case 'untimely power cut':
        this.#cluster.host(fault.node).crashUnsynced(null);
        this.#cluster.host(fault.node).start();
        break;
      case 'crash':
        this.#cluster.host(fault.node).start();
        break;
      case 'pause':
        this.#cluster.host(fault.node).resume();
        break;
      case 'clock':
        break;
      case 'cut':
      case 'delay':
      case 'conditions':
        this.#applyLinks();
        break;
      default:
        unreachable(fault, 'fault');
    }
  }

  #request(
    node: NodeId,
    operation: Operation,
    timeoutMs: Millis,
    answer: (result: ClientResult | null) => void,
  ): void {
    const request = { operation, level: null, session: null, floor: null, timeoutMs };
    this.#cluster.host(node).request(request, answer);
  }

  #checkPart(part: readonly NodeId[]): void {
    const replicas = this.replicas()
      .filter(({ node }) => part.includes(node))
      .map((replica) => ({ ...replica, ownersOf: () => part }));
    for (const { key, message } of checkAgreement(replicas)) {
      this.#violate('stabilize', `${part.join(', ')} are told to hold the same: ${message}`, key);
    }
  }

  #checkStabilized(part: readonly NodeId[], result: ClientResult | null): void {
    const told = result?.type === 'stabilized' ? [...result.nodes].sort().join(', ') : null;
    const meant = [...part].sort().join(', ');
    if (told === meant) return;
    const what = told === null ? JSON.stringify(result) : `of ${told}`;
    this.#violate('stabilize', `${meant} are connected, but stabilize answered ${what}`);
  }

  #applyLinks(): void {
    this.#cluster.setRules(rulesOf(this.#active));
    this.#applyConditions();
  }

  #applyConditions(): void {
    const conditions = { ...this.#setup.conditions };
    for (const fault of this.#active) {
      if (fault.type === 'conditions') Object.assign(conditions, fault.conditions);
    }
    this.#cluster.setConditions(conditions);
  }

  #violateUnquiet(patienceMs: Millis): void {
    const [disagreement] = checkAgreement(this.replicas());
    const nodes = this.#cluster.hosts.map((host) => {
      const view = host.view();
      const what = view === null ? ['is down'] : view.unsettled();
      const requests = `${host.unansweredCount} requests to answer`;
      return `${host.id}: ${[...what, requests].join(', ')}`;
    });
    const what = [...nodes, ...(disagreement === undefined ? [] : [disagreement.message])];
    this.#violate(
      'convergence',
      `not quiet ${patienceMs} ms after healing: ${what.join('; ')}`,
      disagreement?.key,
    );
  }

  #violate(check: string, message: string, key: Violation['key'] = null): void {
    this.#setup.violations.push({ check, key, message });
    this.#world.trace.violation(check, message);
  }
}

function rulesOf(active: Iterable<Fault>): LinkRules {
  const cuts: Direction[] = [];
  const delays: (Direction & { meanMs: Millis })[] = [];
  for (const fault of active) {
    if (fault.type === 'cut') cuts.push(...fault.cuts);
    else if (fault.type === 'delay') {
      delays.push(...fault.directions.map((direction) => ({ ...direction, meanMs: fault.meanMs })));
    }
  }
  return { ...noRules, cuts, delays };
}
