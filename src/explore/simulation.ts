import type { Millis, NodeId } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import type { Random } from '../core/random.js';
import type { ProtocolTypes, ReplicaView } from '../core/replica.js';
import { encodeUtf8 } from '../core/utf8.js';
import { noRules } from '../faults/link-rules.js';
import { drawBroken } from '../faults/swarm.js';
import { componentsOf } from '../faults/topology.js';
import type { Recorder } from '../history/recorder/recorder.js';
import type { SimCluster } from '../sim/cluster.js';
import { simEndpoints } from '../sim/endpoint.js';
import { clientLane } from '../sim/event-order.js';
import type { Host } from '../sim/host.js';
import { virtualTiming } from '../sim/virtual-time.js';
import type { World } from '../sim/world.js';
import { keysOf } from '../workload/generator.js';
import { SwarmClient } from './client.js';
import type { AskedOperation, RunDecisions } from './decisions.js';
import { DirectRequests } from './direct-requests.js';
import { brokennesses, type Disturbance } from './disturbance.js';
import { answeredOf, type HistoryEntry, versionsTold } from './history.js';
import { checkAgreement, checkCopies, type ReplicaState, type Violation } from './invariants.js';
import { DecidedOperations, DrawnOperations, type OperationSource } from './operation-source.js';
import type { Operator } from './operator.js';
import { drawSome, type SwarmProfile } from './profile.js';
import type { Workload } from './workload.js';

/** How often, once healed, it is looked whether all is quiet. */
const lookMs: Millis = 20;
const fewKeysMax = 8;
const returnMs: Millis = 60;
const changeMsMax: Millis = 5_000;
/** What the core is asked within so long must succeed, once it has taken over. */
const goOnMs: Millis = 250;
/** Longer than all that healthy nodes take, however slow their links and disks. */
const livenessPatienceMs: Millis = 1_500;
/** With fewer operations than this a share of them says nothing. */
const judgedOperationsMin = 8;
/** When so many are answered, nobody has to wait for the core to take over. */
const goingOnShareMin = 0.75;

export interface SimulationSetup<P extends ProtocolTypes, Options> {
  readonly world: World;
  readonly cluster: SimCluster<P, Options>;
  readonly disturbance: Disturbance<P, Options>;
  readonly operator: Operator<P, Options>;
  readonly options: Options;
  readonly profile: SwarmProfile;
  readonly workload: Workload;
  readonly recorder: Recorder;
  /** Drawn when left out. */
  readonly decisions?: RunDecisions | undefined;
  /** Shared with whoever else finds some. */
  readonly violations: Violation[];
}

/** A cluster with its clients in a simulated world, phase by phase. */
export class Simulation<P extends ProtocolTypes, Options> {
  readonly history: HistoryEntry[] = [];
  /** What clients asked, as decisions. */
  readonly asked: AskedOperation[] = [];
  readonly #setup: SimulationSetup<P, Options>;
  readonly #world: World;
  readonly #cluster: SimCluster<P, Options>;
  readonly #clients: readonly SwarmClient[];
  readonly #direct: DirectRequests<P, Options>;
  /** Who serves at present; `null`: all nodes. */
  #core: readonly NodeId[] | null = null;
  /** Somebody seems to be there who hears nothing, or who is not heard: what it is owed will never be settled. */
  #mayOwe = false;

  constructor(setup: SimulationSetup<P, Options>) {
    const { world, cluster, workload, recorder, profile } = setup;
    this.#setup = setup;
    this.#world = world;
    this.#cluster = cluster;
    this.#direct = new DirectRequests(world, cluster, workload, this.history);
    this.#clients = Array.from({ length: workload.clients }, (_, index) => {
      const links = world.chance(`links of client ${index}`);
      const timing = virtualTiming(world, links, clientLane(index));
      return new SwarmClient({
        ...{ world, index, workload, timing, history: this.history, asked: this.asked },
        source: this.#sourceOf(index),
        onAnswer: (entry) => this.#checkCopies(entry),
        endpoints: simEndpoints(() => this.#served, timing),
        record: recorder.client(workload.sessions === null ? null : `c${index}`),
        sessionSupport: profile.sessions,
      });
    });
  }

  start(): void {
    this.#cluster.start();
    for (const client of this.#clients) client.start();
  }

  /** Safety: the clients work while faults come and go. */
  disturb(durationMs: Millis): void {
    this.#world.runUntil(this.#world.now + durationMs);
    this.#setup.operator.stop();
  }

  /**
   * All faults end, and the clients with them: what was left undone is not made up for by what is asked later. With
   * `absenceMs` faults stay on for at least so long after the last operation; then nodes lose power that have nothing left
   * to make durable, and what they know must be there again.
   */
  rest(random: Random, absenceMs: Millis | null): readonly NodeId[] {
    const { disturbance, workload } = this.#setup;
    if (absenceMs !== null) {
      disturbance.hold();
      this.#world.runUntil(this.#world.now + goOnMs);
      this.#endClients();
      this.#world.runUntil(this.#world.now + Math.max(absenceMs, workload.clientTimeoutMs));
      const { hosts } = this.#cluster;
      const owing = hosts.filter((host) => (host.view()?.unsettledCount ?? 0) > 0);
      const one = random.pick(owing.length > 0 ? owing : hosts);
      const some = random.chance(0.3) ? drawSome(hosts, 1, random) : [one];
      for (const host of some) if (host.isDurable) disturbance.break(host.id, 'without power');
    }
    disturbance.heal();
    this.#endClients();
    return [];
  }

  /**
   * Liveness: nodes that are enough are healed, the others are broken for good. The clients go on, and what they ask of the
   * core must succeed. Returns the nodes left broken.
   */
  demandLiveness(random: Random): readonly NodeId[] {
    const { disturbance, operator, profile } = this.#setup;
    disturbance.heal();
    this.#world.runUntil(this.#world.now + (profile.gathersMs ?? 0));
    const changedBy = this.#world.now + changeMsMax;
    // Who leaves takes no writes, and who lost its data serves when it has copied it. Links keep their order: where something
    // was delayed, what was sent since the faults ended comes after it.
    const mayRefuse = (): boolean =>
      operator.isHandingOver ||
      this.#cluster.nodes.some((node) => this.#view(node)?.role === 'copying') ||
      this.#cluster.hosts.some((host) => host.isHolding);
    while (mayRefuse() && this.#world.now < changedBy) {
      this.#world.runUntil(this.#world.now + lookMs);
    }
    const core = this.#drawCore(random);
    const broken = this.#cluster.nodes.filter((node) => !core.includes(node));
    for (const node of broken) {
      const how = random.pick(brokennesses);
      disturbance.break(node, how);
      if (how === 'deaf' || how === 'mute') this.#mayOwe = true;
    }
    this.#core = core;
    for (const client of this.#clients) client.patienceMs = livenessPatienceMs;
    const judgedFrom = this.#world.now + profile.takeoverMs;
    let asked: readonly HistoryEntry[];
    do {
      const from = this.history.length;
      this.#world.runUntil(this.#world.now + goOnMs);
      asked = this.history.slice(from);
    } while (this.#world.now < judgedFrom + goOnMs && !this.#isGoingOn(asked));
    this.#endClients();
    this.#judgeSuccess(asked, core);
    return broken;
  }

  /** Mends what was left broken, and has the clients ask for a while when nodes come back that were away for long. */
  healAll(absenceMs: Millis): void {
    this.#world.runUntil(this.#world.now + absenceMs);
    this.#setup.disturbance.heal();
    this.#core = null;
    this.#mayOwe = false;
    if (absenceMs === 0) return;
    for (const client of this.#clients) if (client.isIdle) client.start();
    this.#world.runUntil(this.#world.now + returnMs);
    this.#endClients();
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
    const parts = componentsOf(nodes, broken);
    const results = new Map(parts.map((part) => [part, null as ClientResult | null]));
    for (const part of parts) {
      this.#direct.send(random.pick(part), { type: 'stabilize' }, patienceMs, (result) => {
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
    while (this.#setup.violations.length === 0) {
      const unquiet = this.#unquiet();
      if (unquiet.length === 0) return;
      if (this.#world.now >= giveUpAt) {
        this.#violate('convergence', `not quiet after ${patienceMs} ms: ${unquiet.join('; ')}`);
        return;
      }
      this.#world.runUntil(this.#world.now + lookMs);
    }
  }

  /** Every key once more through every node that serves, one after the other; of many keys each through one of them. */
  readAll(): void {
    const { recorder, workload } = this.#setup;
    // By a client each: what one node shows says nothing of what the next has to show.
    const readers = this.#served.map(({ id }) => ({ node: id, record: recorder.client() }));
    const keys = keysOf(workload);
    for (const [at, key] of keys.entries()) {
      const some = keys.length > fewKeysMax ? [readers[at % readers.length]] : readers;
      for (const reader of some) {
        // Whoever leaves meanwhile is asked no more.
        if (reader !== undefined && this.#cluster.has(reader.node))
          this.#direct.ask(reader.node, { type: 'get', key }, reader.record);
      }
    }
  }

  /** Every key can be written within `patienceMs`: nothing keeps it locked for good. */
  writeAll(random: Random, patienceMs: Millis): void {
    const record = this.#setup.recorder.client();
    const giveUpAt = this.#world.now + patienceMs;
    for (const [nth, key] of keysOf(this.#setup.workload).slice(0, fewKeysMax).entries()) {
      const operation = { type: 'put', key, value: encodeUtf8(`end.${nth}`) } as const;
      for (;;) {
        const { id } = random.pick(this.#served);
        const result = this.#direct.ask(id, operation, record);
        if (result.type !== 'error') break;
        if (this.#world.now >= giveUpAt) {
          const why = `${id} said ${result.code}: ${result.message}`;
          this.#violate('liveness', `all are there, and nobody writes it: ${why}`, key);
          return;
        }
        this.#world.runUntil(this.#world.now + lookMs);
      }
    }
  }

  get hasTombstones(): boolean {
    return this.replicas().some(({ entries }) =>
      [...entries.values()].some(({ value }) => value === null),
    );
  }

  /** The raw state of the nodes that serve and are up. */
  replicas(): ReplicaState[] {
    return this.#served.flatMap(({ id }) => {
      const view = this.#view(id);
      if (view === null) return [];
      const entries = new Map([...view.entries()].map((entry) => [entry.key, entry]));
      return { node: id, entries, ownersOf: (key) => view.ownersOf(key) };
    });
  }

  /** Every pending request is answered or times out. */
  #endClients(): void {
    for (const client of this.#clients) client.stop();
    const giveUpAt = this.#world.now + livenessPatienceMs + lookMs;
    while (this.#world.now < giveUpAt && !this.#clients.every(({ isIdle }) => isIdle)) {
      this.#world.runUntil(this.#world.now + lookMs);
    }
  }

  get #served(): readonly Host<P, Options>[] {
    const core = this.#core;
    return core === null
      ? this.#cluster.hosts
      : this.#cluster.hosts.filter(({ id }) => core.includes(id));
  }

  #sourceOf(index: number): OperationSource {
    const { decisions, workload } = this.#setup;
    if (decisions === undefined) {
      return new DrawnOperations(workload, index, this.#world.chance(`client ${index}`));
    }
    return new DecidedOperations(decisions.operations.filter(({ client }) => client === index));
  }

  /** While nodes change, or copy from all others, nobody can say who is enough. */
  #drawCore(random: Random): readonly NodeId[] {
    const { profile, options, workload, operator } = this.#setup;
    const { nodes } = this.#cluster;
    const levels = { read: workload.readLevels, write: workload.writeLevels };
    const view = (node: NodeId) => this.#view(node);
    const core = profile.core(random, { nodes, options, levels, view });
    const isMending =
      operator.change !== null || nodes.some((node) => view(node)?.role === 'copying');
    return random.chance(0.2) || isMending ? nodes : core;
  }

  /** The core has surely taken over. */
  #isGoingOn(asked: readonly HistoryEntry[]): boolean {
    const { entries, answered } = answeredOf(asked, this.#setup.profile);
    const least = Math.max(judgedOperationsMin, goingOnShareMin * entries.length);
    return answered.length >= least;
  }

  #judgeSuccess(asked: readonly HistoryEntry[], core: readonly NodeId[]): void {
    const { profile, operator } = this.#setup;
    const { entries, answered } = answeredOf(asked, this.#setup.profile);
    if (entries.length < judgedOperationsMin || operator.change !== null) return;
    if (answered.length >= profile.successShareMin * entries.length) return;
    const failed = entries.find((entry) => !answered.includes(entry)) as HistoryEntry;
    const { result } = failed;
    const why = result?.type === 'error' ? `${result.code}: ${result.message}` : 'no answer';
    this.#violate(
      'liveness',
      `${core.join(', ')} are enough, and answered ${answered.length} of ${entries.length} operations; ` +
        `${failed.node} said ${why}; ${this.#unquiet().join('; ')}`,
    );
  }

  /** While the cluster works: what has too few copies for a moment may have enough of them in the end. */
  #checkCopies(entry: HistoryEntry): void {
    const { profile, options, disturbance } = this.#setup;
    const least = profile.copies(entry.level, options);
    // The only copy may be on a disk that is lost.
    if (least < (disturbance.rotten > 0 ? 2 : 1)) return;
    const [told] = versionsTold(entry);
    if (told === undefined) return;
    const owners = this.#cluster.hosts
      .find(({ isUp }) => isUp)
      ?.view()
      ?.ownersOf(told.key);
    const held = (owners ?? []).map((node) => {
      const view = this.#view(node);
      if (view === null || view.role === 'copying') return { node, held: 'unknown' as const };
      return { node, held: view.lookup(told.key) ?? null };
    });
    if (held.length === 0) return;
    for (const { check, message, key } of checkCopies(entry, least, held))
      this.#violate(check, message, key);
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

  #view(node: NodeId): ReplicaView | null {
    return this.#cluster.host(node).view();
  }

  /** What is not quiet, by name. */
  #unquiet(): string[] {
    const { change } = this.#setup.operator;
    const waiting = this.#served.flatMap(({ id, unansweredCount }) => {
      const view = this.#view(id);
      if (view === null) return [`${id} is down`];
      const unsettled =
        view.unsettledCount > 0 && !this.#mayOwe ? [`${id}: ${view.unsettled().join(', ')}`] : [];
      const requests =
        unansweredCount > 0 ? [`${id}: ${unansweredCount} requests not answered`] : [];
      return [...unsettled, ...requests];
    });
    const [disagreement] = waiting.length > 0 ? [] : checkAgreement(this.replicas());
    return [
      ...(change === null ? [] : [change]),
      ...waiting,
      ...(disagreement === undefined ? [] : [`${disagreement.key}: ${disagreement.message}`]),
    ];
  }

  #violate(check: string, message: string, key: Violation['key'] = null): void {
    this.#setup.violations.push({ check, key, message });
    this.#world.violation(check, message);
  }
}
