import { randomBytes } from 'node:crypto';
import { askStatus } from '../client/ask.js';
import type { Endpoint, Timing } from '../client/endpoint.js';
import { checkUp, notUp } from '../cluster/checks.js';
import type { ClusterControl } from '../cluster/cluster.js';
import type { DownReport } from '../cluster/down.js';
import { endpointsOf } from '../cluster/endpoints.js';
import type { ChangeReport } from '../cluster/membership.js';
import {
  type MetricsPlace,
  metricsPlacesOf,
  type RespPlace,
  respPlacesOf,
} from '../cluster/node-ports.js';
import type { RejoinReport } from '../cluster/rejoin.js';
import { lastWordsOf } from '../cluster/state/last-words.js';
import { alone } from '../cluster/state/lock.js';
import { conditionOf } from '../cluster/state/pidfile.js';
import {
  faultsStamp,
  isUp,
  nemesisLock,
  readFaults,
  rulesInForce,
} from '../cluster/state/run-file.js';
import {
  checkSessionName,
  hasSession,
  keepSession,
  loadSession,
} from '../cluster/state/sessions.js';
import { type Cluster, chooseCluster, clusterFolder, openCluster } from '../cluster/state/state.js';
import type { ClusterSpec, RuntimeName } from '../config/spec.js';
import { type ErrorCode, KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { ActiveFault, FaultsChange } from '../faults/active.js';
import type { LinkRules } from '../faults/link-rules.js';
import type { FaultListener } from '../history/faults.js';
import { realTiming } from '../node/timing.js';
import type { MetricFamily } from '../runtime/metrics/family.js';
import { FaultWatch } from './fault-watch.js';
import {
  anotherNemesis,
  type Capability,
  changeMsDefault,
  type NodeChangeOptions,
  type NodeCounts,
  noCluster,
  type SessionStore,
  type Target,
  type TargetReport,
  type TargetSpec,
  type TargetUpOptions,
} from './target.js';
import { ToldFaults } from './told-faults.js';

type NodeChange = Required<NodeChangeOptions>;

/** What starts and changes clusters loads when it is needed: most commands only talk to nodes. */
const loaded = () => import('../cluster/cluster.js');

const countsMs: Millis = 2000;

interface LocalSetup {
  readonly name: string;
  readonly runtime: RuntimeName;
  readonly signal: AbortSignal;
  /** `null`: it is not up yet. */
  readonly cluster: Cluster | null;
  /**
   * `target`: it is there for as long as the target is. `user`: it outlives the target. `others`: it was up before, and may
   * neither be started nor stopped.
   */
  readonly owner: 'target' | 'user' | 'others';
  /** The flags of `cluster up` that led here, save the name: for advice. */
  readonly typed?: string;
  /** Its nodes write down what they do, and this gets the cluster's folder when they have stopped, before it is gone. */
  readonly onTrace?: ((folder: string) => void) | undefined;
}

/** A fresh cluster of real nodes, in the usual home, that is gone when the target is closed. */
export function ownTarget(
  runtime: RuntimeName,
  signal: AbortSignal,
  onTrace?: LocalSetup['onTrace'],
): Target {
  const name = `run-${randomBytes(4).toString('hex')}`;
  return new LocalTarget({ name, runtime, signal, cluster: null, owner: 'target', onTrace });
}

/** The cluster of this name, to be started or stopped. */
export function namedTarget(
  { name, runtime }: Pick<ClusterSpec, 'name' | 'runtime'>,
  signal: AbortSignal,
  typed?: string,
): Target {
  const setup = { name, runtime, signal, cluster: null, owner: 'user' } as const;
  return new LocalTarget(typed === undefined ? setup : { ...setup, typed });
}

/** A cluster that somebody else started, and that stays as it is when the target is closed. */
export function attachedTarget(cluster: Cluster, signal: AbortSignal): Target {
  const { name, runtime } = cluster.record;
  return new LocalTarget({ name, runtime, signal, cluster, owner: 'others' });
}

/** The cluster that `--cluster` and its substitutes mean. Throws `cluster` (exit 3) unless it is up. */
export function chooseUpCluster(flag: string | undefined): Cluster {
  const cluster = chooseCluster(flag);
  checkUp(cluster);
  return cluster;
}

/** Real nodes, on threads or processes. */
class LocalTarget implements Target {
  readonly timing: Timing = realTiming;
  readonly wallClock = Date.now;
  readonly name: string;
  readonly runtime: RuntimeName;
  readonly capabilities: readonly Capability[] = [
    ...(['show what each node holds', 'cut links', 'make nodes fail to answer'] as const),
    ...(['kill and restart nodes', 'pause nodes', 'add and remove nodes'] as const),
    ...(['keep the data of removed nodes', 'bring back nodes that lost their data'] as const),
    ...(['take Redis clients', 'be scraped', 'be measured'] as const),
  ];
  readonly #setup: LocalSetup;
  #cluster: Cluster | null;
  #ruled: { readonly stamp: string; readonly cluster: Cluster; readonly rules: LinkRules } | null =
    null;
  #wasUp = false;
  readonly #told = new ToldFaults();
  #watch: FaultWatch | null = null;

  /** When its signal aborts while the cluster starts, nothing is left of it. */
  constructor(setup: LocalSetup) {
    this.#setup = setup;
    this.#cluster = setup.cluster;
    this.name = setup.name;
    this.runtime = setup.runtime;
  }

  get spec(): TargetSpec | null {
    if (this.#cluster === null) return null;
    const { change, ...record } = this.#cluster.record;
    if (change === undefined) return record;
    const { type, node, by } = change;
    return { ...record, change: { type, node, pid: conditionOf(by) === 'gone' ? null : by.pid } };
  }

  async up(spec: ClusterSpec, options: TargetUpOptions = {}): Promise<TargetReport> {
    const { name, runtime, signal, owner, typed, onTrace } = this.#setup;
    if (owner === 'others') throw notOurs('start');
    const { fresh = false, onReady = () => {} } = options;
    this.#wasUp = true;
    const { sweepOrphans, upCluster } = await loaded();
    if (owner === 'target') await sweepOrphans(process.env);
    const { cluster, ...report } = await upCluster(
      { ...spec, name, runtime, ...(onTrace && { trace: 'on' as const }) },
      {
        ...{ fresh, signal, isPrivate: owner === 'target' },
        onProgress: ({ node, event }) => event === 'ready' && onReady(node),
        ...(typed === undefined ? {} : { typed }),
      },
    );
    this.#cluster = cluster;
    await this.#watchIfHeard();
    return { ...report, folder: cluster.folder };
  }

  async down({ wipe } = { wipe: false }): Promise<DownReport> {
    const { name, owner } = this.#setup;
    if (owner === 'others') throw notOurs('stop');
    if (owner === 'target' && this.#cluster === null) throw noCluster();
    this.#endWatch();
    this.#cluster = null;
    const { downCluster } = await loaded();
    return downCluster(name, { wipe });
  }

  endpoints(): readonly Endpoint[] {
    return endpointsOf(this.#up());
  }

  get respPlaces(): readonly RespPlace[] {
    return respPlacesOf(this.#up());
  }

  get metricsPlaces(): readonly MetricsPlace[] {
    return metricsPlacesOf(this.#up());
  }

  async metricsOf(node: NodeId, timeoutMs: Millis): Promise<readonly MetricFamily[]> {
    return (await loaded()).askMetrics(this.#up(), node, timeoutMs);
  }

  get control(): ClusterControl {
    const cluster = this.#up();
    const control = async () => (await loaded()).control(cluster);
    const stopping = async (node: NodeId, step: 'kill' | 'pause' | 'restart') => {
      const order = async () => (await control())[step](node);
      const state = step === 'pause' ? 'paused' : 'dead';
      await (this.#watch === null ? order() : this.#watch.ordering(node, state, order));
    };
    return {
      start: async (node) => (await control()).start(node),
      kill: (node) => stopping(node, 'kill'),
      pause: (node) => stopping(node, 'pause'),
      resume: async (node) => (await control()).resume(node),
      restart: (node) => stopping(node, 'restart'),
      states: async () => (await control()).states(),
    };
  }

  faults(): readonly ActiveFault[] {
    return readFaults(this.#up().folder).faults;
  }

  async changeFaults(change: FaultsChange): Promise<void> {
    const { changeFaults } = await loaded();
    await changeFaults(this.#up(), change);
    // Others may have added nodes, and removed some.
    this.#cluster = openCluster(this.#up().folder);
  }

  async watchFaults(listener: FaultListener): Promise<() => void> {
    const stop = this.#told.watch(listener);
    await this.#watchIfHeard();
    return () => {
      stop();
      if (!this.#told.isHeard) this.#endWatch();
    };
  }

  async #watchIfHeard(): Promise<void> {
    if (!this.#told.isHeard || this.#cluster === null) return;
    this.#watch ??= new FaultWatch(this.#cluster.folder, this.#told);
    await this.#watch.firstLook;
  }

  #endWatch(): void {
    this.#watch?.stop();
    this.#watch = null;
  }

  /** Clients ask before everything they do. */
  rules(): LinkRules {
    const cluster = this.#up();
    const stamp = faultsStamp(cluster.folder);
    const known = this.#ruled;
    if (known?.stamp === stamp && known.cluster === cluster) return known.rules;
    const rules = rulesInForce(cluster);
    this.#ruled = { stamp, cluster, rules };
    return rules;
  }

  asOnlyNemesis<T>(work: () => Promise<T>): Promise<T> {
    return alone(nemesisLock(this.#up().folder), work, anotherNemesis);
  }

  addNode(name: NodeId | null, options: NodeChangeOptions = {}): Promise<ChangeReport> {
    return this.#changing(options, async (cluster, how) => {
      return (await loaded()).addNode(cluster, name, how);
    });
  }

  removeNode(node: NodeId, options: NodeChangeOptions = {}): Promise<ChangeReport> {
    return this.#changing(options, async (cluster, how) => {
      return (await loaded()).removeNode(cluster, node, how);
    });
  }

  rejoinNode(node: NodeId, options: NodeChangeOptions = {}): Promise<RejoinReport> {
    return this.#changing(options, async (cluster, how) => {
      return (await loaded()).rejoinNode(cluster, node, how);
    });
  }

  get sessions(): SessionStore {
    return keptSessions(this.#up());
  }

  async counts(): Promise<NodeCounts | null> {
    const asked = await Promise.all(this.endpoints().map((each) => askStatus(each, countsMs)));
    if (asked.includes(null)) return null;
    return {
      messages: asked.reduce((sum, status) => sum + (status?.sentCount ?? 0), 0),
      syncs: asked.reduce((sum, status) => sum + (status?.syncCount ?? 0), 0),
    };
  }

  /** With what the nodes that stopped by themselves have said of it; or that the cluster went down meanwhile. */
  explain(error: unknown): unknown {
    if (this.#cluster === null || !(error instanceof KvxError)) return error;
    if (!unreached.includes(error.code)) return error;
    const { folder, record } = this.#cluster;
    if (!isUp(folder, record.runtime)) return wentDown(this.#cluster, error);
    const stopped = record.nodes.filter((node) => lastWordsOf(folder, node) !== null);
    const [node, ...others] = stopped;
    if (node === undefined) return error;
    const too = others.length === 0 ? '' : ` ${others.join(', ')} stopped, too.`;
    const words = lastWordsOf(folder, node);
    const mending =
      words?.hint ?? `When that is mended: \`kvx node restart ${stopped.join(' ')}\`.`;
    const hint = `${node} stopped: ${words?.message}.${too} ${mending}`;
    return new KvxError(error.message, { code: error.code, definite: error.definite, hint });
  }

  async close(): Promise<void> {
    if (!this.#wasUp || this.#setup.owner !== 'target') return;
    this.#wasUp = false;
    this.#endWatch();
    this.#cluster = null;
    try {
      const { name, onTrace } = this.#setup;
      const { downCluster } = await loaded();
      if (onTrace !== undefined) {
        await downCluster(name, { wipe: false });
        onTrace(clusterFolder(name));
      }
      await downCluster(name, { wipe: true });
    } catch {
      // It never came up, or is broken beyond repair: then `kvx cluster list` shows it.
    }
  }

  #up(): Cluster {
    if (this.#cluster === null) throw noCluster();
    return this.#cluster;
  }

  /** The nodes are others after it, also after one that was left halfway. */
  async #changing<T>(
    options: NodeChangeOptions,
    change: (cluster: Cluster, how: NodeChange) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs = changeMsDefault, force = false, keep = false } = options;
    const { signal = this.#setup.signal } = options;
    try {
      return await change(this.#up(), { timeoutMs, force, keep, signal });
    } finally {
      this.#cluster = openCluster(this.#up().folder);
    }
  }
}

/** While it was asked: what may have been done stays so. */
function wentDown(cluster: Cluster, { message, code, definite, hint = '' }: KvxError): KvxError {
  const down = notUp(cluster);
  if (code === 'unavailable' && definite) return down;
  const now = `Now ${down.message}. ${down.hint} ${hint}`.trimEnd();
  return new KvxError(message, { code, definite, hint: now });
}

const unreached: readonly ErrorCode[] = ['unavailable', 'disconnected', 'timeout'];

/** A file each, in the cluster's folder. */
function keptSessions(cluster: Cluster): SessionStore {
  const begun = new Set<string>();
  return {
    load(name) {
      checkSessionName(cluster, name);
      return loadSession(cluster, name);
    },
    begin: (name) => begun.add(name),
    async keep(name, session) {
      if (begun.has(name) || session.hasNews) await keepSession(cluster, name, session);
    },
    has: (name) => hasSession(cluster, name),
  };
}

function notOurs(step: string): KvxError {
  return new KvxError(`this script runs on a cluster that is up: it can't ${step} it`, {
    code: 'cluster',
    definite: true,
    hint: 'Leave --cluster out to give the script a cluster of its own.',
  });
}
