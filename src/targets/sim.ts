import { type Endpoint, type Timing, withConnection } from '../client/endpoint.js';
import { handOver } from '../client/stabilize.js';
import type { ClusterControl, NodeState } from '../cluster/cluster.js';
import type { DownReport } from '../cluster/down.js';
import type { ChangeReport } from '../cluster/membership.js';
import { failure, halfDone } from '../cluster/pending-change.js';
import { readsWorst, worstPlanOf } from '../config/reads.js';
import { type ClusterSpec, rulesOf } from '../config/spec.js';
import { DecisionLedger } from '../core/decision.js';
import { usageError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { nextName } from '../core/node-order.js';
import type { ClientResult } from '../core/operation.js';
import {
  type ActiveFault,
  type FaultsChange,
  isOver,
  linkRulesOf,
  nodeFaultsOf,
  withoutNode,
} from '../faults/active.js';
import type { CrashKind, CrashMoment } from '../faults/fault.js';
import type { LinkRules } from '../faults/link-rules.js';
import type { FaultListener } from '../history/faults.js';
import { modeNamed } from '../protocols/registry.js';
import { MessageCounts } from '../runtime/links/single-messages.js';
import { faultChanges } from '../runtime/tracing/fault-track.js';
import type { TraceSink } from '../runtime/tracing/tracer.js';
import { worldBeginMs } from '../sim/clock.js';
import { SimCluster } from '../sim/cluster.js';
import { SimEndpoint } from '../sim/endpoint.js';
import { type AfterPromises, VirtualTime } from '../sim/virtual-time.js';
import { World, type WorldWatch } from '../sim/world.js';
import { modeWithBug } from '../zoo/bugs.js';
import { askForChange, changedOptions, type Deployment, hostState } from './sim-deployment.js';
import { alreadyUp, checkNewName, checkSame, isDead, notStarted } from './sim-refusals.js';
import {
  anotherNemesis,
  type Capability,
  changeMsDefault,
  ImpossibleState,
  type NodeChangeOptions,
  type NodeCounts,
  noCluster,
  type Target,
  type TargetReport,
  type TargetSpec,
  type TargetUpOptions,
} from './target.js';
import { brokenNow, ToldFaults } from './told-faults.js';

const clusterName = 'sim';
/** How long a cluster may take to answer once it is started, and to agree on a change of its nodes. */
const upMsMax: Millis = 10_000;

export interface SimTargetSetup {
  readonly seed: number;
  readonly afterPromises: AfterPromises;
  /** A mistake that its nodes make: a name of `zoo/bugs.ts`. */
  readonly bug?: string | undefined;
  /** Hears what happens. */
  readonly sink?: TraceSink;
  readonly watch?: WorldWatch;
}

/** A cluster on virtual time: the same seed and the same script, the same run. */
export class SimTarget implements Target {
  readonly name = clusterName;
  readonly runtime = 'sim';
  readonly sessions = null;
  readonly capabilities: readonly Capability[] = [
    ...(['show what each node holds', 'cut links', 'make nodes fail to answer'] as const),
    ...(['kill and restart nodes', 'pause nodes', 'add and remove nodes'] as const),
    ...(['cut the power of nodes', 'kill nodes at a moment', 'damage disks'] as const),
  ];
  readonly #world: World;
  readonly #time: VirtualTime;
  #hasNemesis = false;
  readonly #told = new ToldFaults();
  readonly tellTrace: World['tell'] = (data) => this.#world.tell(data);
  readonly #contradictions: string[] = [];
  readonly #bug: string | undefined;
  #deployment: Deployment | null = null;

  constructor({ afterPromises, bug, ...world }: SimTargetSetup) {
    this.#bug = bug;
    this.#world = new World({ ...world, eventsMax: Number.POSITIVE_INFINITY });
    this.#time = new VirtualTime(this.#world, this.#world.chance('clients'), afterPromises);
  }

  wallClock(): Millis {
    return worldBeginMs + this.#world.now;
  }

  get timing(): Timing {
    return this.#time.timing;
  }

  /** Of everything that happened. */
  get traceHash(): string {
    return this.#world.trace.hash;
  }

  get contradictions(): readonly string[] {
    return this.#contradictions;
  }

  /** As it is, for who sees all; `null`: there is none. */
  get cluster(): SimCluster | null {
    return this.#deployment?.cluster ?? null;
  }

  get spec(): TargetSpec | null {
    const deployment = this.#deployment;
    if (!deployment?.isUp) return null;
    const { spec, cluster, founders, retired, change } = deployment;
    const members = { nodes: cluster.nodes, founders, retired };
    return { ...spec, ...members, ...(change === null ? {} : { change }) };
  }

  async up(spec: ClusterSpec, { fresh = false }: TargetUpOptions = {}): Promise<TargetReport> {
    const begin = this.#world.now;
    const before = fresh ? null : this.#deployment;
    if (this.#deployment?.isUp) throw alreadyUp();
    if (before !== null) checkSame({ ...before.spec, nodes: before.cluster.nodes }, spec);
    const deployment = before ?? this.#deploy(spec);
    this.#deployment = deployment;
    deployment.isUp = true;
    deployment.cluster.start();
    this.#tell();
    await Promise.all(this.endpoints().map((endpoint) => answers(endpoint)));
    return {
      outcome: before === null ? 'created' : 'resumed',
      nodes: await this.control.states(),
      ...{ copying: [], folder: null },
      tookMs: this.#world.now - begin,
      notes: [],
    };
  }

  async down({ wipe } = { wipe: false }): Promise<DownReport> {
    const deployment = this.#up();
    deployment.cluster.stop();
    this.#setFaults([]);
    deployment.nextFaultId = 1;
    deployment.isUp = false;
    this.#told.tell([]);
    if (wipe) this.#deployment = null;
    return { wasUp: true, wiped: wipe, copyOf: null, tookMs: 0 };
  }

  endpoints(): readonly Endpoint[] {
    const deployment = this.#up();
    return deployment.cluster.nodes.map((node) => this.#endpoint(deployment, node));
  }

  readonly control: ClusterControl = {
    start: async (node) => {
      const host = this.#host(node);
      host.start();
      this.#tell();
      if (!host.isUp) throw notStarted(node, host.failure);
      await answers(this.#endpoint(this.#up(), node));
    },
    kill: async (node) => this.#crash(node, 'kill'),
    crash: async (node, how, when) => this.#crash(node, how, when),
    pause: async (node) => {
      this.#checkRunning('pause', node);
      this.#host(node).pause();
      this.#tell();
    },
    resume: async (node) => {
      this.#checkRunning('resume', node);
      this.#host(node).resume();
      this.#tell();
    },
    restart: async (node) => {
      await this.control.kill(node);
      await this.control.start(node);
    },
    states: async () => this.#up().cluster.nodes.map((node) => this.#state(node)),
  };

  faults(): readonly ActiveFault[] {
    return this.#up().faults;
  }

  async changeFaults(change: FaultsChange): Promise<void> {
    const deployment = this.#up();
    this.#setFaults(
      change(deployment.faults, (fault) => {
        return { ...fault, id: deployment.nextFaultId++, since: this.wallClock() };
      }),
    );
    this.#tell();
  }

  async watchFaults(listener: FaultListener): Promise<() => void> {
    return this.#told.watch(listener);
  }

  #crash(node: NodeId, how: CrashKind, when: CrashMoment | null = null): void {
    const host = this.#host(node);
    if (when === 'sending') host.crashMidway(how);
    else if (when === 'unsynced') host.crashUnsynced(how);
    else host.crash(how);
    this.#tell();
  }

  #tell(): void {
    const { cluster, faults } = this.#up();
    const states = cluster.nodes.map((node) => this.#state(node));
    this.#told.tell(brokenNow(faults, states));
  }

  rules(): LinkRules {
    return this.#up().cluster.rules;
  }

  async asOnlyNemesis<T>(work: () => Promise<T>): Promise<T> {
    if (this.#hasNemesis) throw anotherNemesis(null);
    this.#hasNemesis = true;
    try {
      return await work();
    } finally {
      this.#hasNemesis = false;
    }
  }

  async addNode(wanted: NodeId | null, options: NodeChangeOptions = {}): Promise<ChangeReport> {
    const begin = this.#world.now;
    const deployment = this.#up();
    const { cluster, founders, retired, change } = deployment;
    if (change !== null && (change.type !== 'add' || (wanted ?? change.node) !== change.node)) {
      throw halfDone(change);
    }
    const node = wanted ?? change?.node ?? nextName({ nodes: cluster.nodes, founders, retired });
    const nodeOptions = changedOptions(deployment);
    if (change === null) {
      if (cluster.nodes.includes(node)) return this.#changed(node, begin);
      checkNewName(node, retired);
      cluster.add(node, nodeOptions);
    }
    const result = await this.#reconfigure('add', node, options);
    if (result.type === 'error') {
      if (result.definite) {
        cluster.remove(node, nodeOptions);
        deployment.change = null;
      }
      throw failure(result, `${node} was not added`, 'add', node);
    }
    deployment.change = null;
    return this.#changed(node, begin);
  }

  async removeNode(node: NodeId, options: NodeChangeOptions = {}): Promise<ChangeReport> {
    const begin = this.#world.now;
    const deployment = this.#up();
    const nodeOptions = changedOptions(deployment);
    this.#host(node);
    const { change } = deployment;
    if (change !== null && change.node !== node) throw halfDone(change);
    const handsOver =
      deployment.mode.membership?.handsOver === true && deployment.cluster.nodes.length > 1;
    if (handsOver && !options.force) {
      const { timeoutMs = changeMsDefault } = options;
      await handOver(this.#endpoint(deployment, node), timeoutMs, this.timing);
    }
    const result = await this.#reconfigure('remove', node, options);
    if (result.type === 'error') {
      if (result.definite) deployment.change = change;
      throw failure(result, `${node} was not removed`, 'remove', node);
    }
    deployment.change = null;
    deployment.cluster.remove(node, nodeOptions);
    deployment.retired.push(node);
    this.#setFaults(withoutNode(deployment.faults, node));
    this.#tell();
    return this.#changed(node, begin);
  }

  rejoinNode(): Promise<never> {
    return Promise.reject(
      usageError("a simulated cluster can't bring back nodes that lost their data"),
    );
  }

  async counts(): Promise<NodeCounts> {
    const { cluster } = this.#up();
    return { messages: cluster.sentCount, syncs: cluster.facts().get('syncs') ?? 0 };
  }

  explain(error: unknown): unknown {
    return error;
  }

  async close(): Promise<void> {
    if (this.#deployment?.isUp) await this.down();
    this.#deployment = null;
  }

  #deploy(spec: ClusterSpec): Deployment {
    const bug = this.#bug;
    const mode = modeWithBug(modeNamed(spec.mode), bug);
    const { nodes, options } = spec;
    const decisions = new DecisionLedger();
    // After what the sender sends, not within it.
    const counts = new MessageCounts(() => this.#world.after(0, () => this.#endSingles(counts)));
    const cluster = new SimCluster({
      world: this.#world,
      protocol: mode.protocol,
      nodes,
      options,
      uneven: false,
      worst: readsWorst(spec) ? worstPlanOf(spec) : null,
      rules: rulesOf(spec),
      counts,
      onDecision: (node, decision) => {
        const contradiction = decisions.add(node, decision);
        if (contradiction === null) return;
        this.#contradictions.push(contradiction);
        this.#world.violation('decision', contradiction);
      },
      onViolation: (what) =>
        this.#time.fail(bug === undefined ? new Error(what) : new ImpossibleState(what)),
    });
    return {
      // Whoever has this target hears all of it, or nobody.
      spec: { ...spec, name: clusterName, trace: 'off' },
      mode,
      cluster,
      founders: nodes,
      retired: [],
      change: null,
      isUp: false,
      faults: [],
      nextFaultId: 1,
    };
  }

  #setFaults(faults: readonly ActiveFault[]): void {
    const deployment = this.#up();
    const { cluster, spec } = deployment;
    if (faults === deployment.faults) return;
    for (const change of faultChanges(deployment.faults, faults)) this.#world.tell(change);
    deployment.faults = faults;
    cluster.setRules(linkRulesOf(rulesOf(spec), faults));
    for (const host of cluster.hosts) host.setFaults(nodeFaultsOf(host.id, faults));
  }

  /** A fault that means single messages is over with the last of them. */
  #endSingles(counts: MessageCounts): void {
    const before = this.#deployment?.faults ?? [];
    const left = before.filter((fault) => !isOver(fault, (rule) => counts.isDone(rule)));
    if (left.length === before.length) return;
    this.#setFaults(left);
    this.#tell();
  }

  #endpoint({ cluster }: Deployment, node: NodeId): Endpoint {
    return new SimEndpoint(cluster.host(node), this.timing);
  }

  #reconfigure(
    change: 'add' | 'remove',
    node: NodeId,
    { timeoutMs = changeMsDefault }: NodeChangeOptions,
  ): Promise<ClientResult> {
    const asking = { endpoints: this.endpoints(), timing: this.timing, timeoutMs };
    return askForChange(this.#up(), { change, node }, asking);
  }

  #changed(node: NodeId, begin: Millis): ChangeReport {
    return { node, nodes: this.#up().cluster.nodes, tookMs: this.#world.now - begin };
  }

  #up(): Deployment {
    if (this.#deployment?.isUp) return this.#deployment;
    throw noCluster();
  }

  #host(node: NodeId): ReturnType<SimCluster['host']> {
    const { cluster } = this.#up();
    if (cluster.nodes.includes(node)) return cluster.host(node);
    throw usageError(`there is no node ${node}; the nodes are ${cluster.nodes.join(', ')}`);
  }

  #state(node: NodeId): NodeState {
    return hostState(this.#host(node));
  }

  #checkRunning(step: string, node: NodeId): void {
    if (this.#host(node).isUp) return;
    throw isDead(step, node);
  }
}

async function answers(endpoint: Endpoint): Promise<void> {
  await withConnection(endpoint, (connection) => connection.status(upMsMax), upMsMax);
}
