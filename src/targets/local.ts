import { randomBytes } from 'node:crypto';
import type { Endpoint, Timing } from '../client/endpoint.js';
import {
  addNode,
  type ClusterControl,
  control,
  currentRules,
  downCluster,
  removeNode,
  setRules,
  upCluster,
} from '../cluster/cluster.js';
import { sweepOrphans } from '../cluster/down.js';
import { endpointsOf } from '../cluster/endpoints.js';
import { type Cluster, openCluster } from '../cluster/state/state.js';
import type { ClusterSpec, RuntimeName } from '../config/spec.js';
import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { LinkRules } from '../faults/link-rules.js';
import { realTiming } from '../node/timing.js';
import { noCluster, type Target, type TargetReport, type TargetUpOptions } from './target.js';

const changeMsMax: Millis = 30_000;

/** What both kinds of target on real nodes do with the cluster that they have. */
abstract class ClusterTarget implements Target {
  readonly timing: Timing = realTiming;
  abstract readonly runtime: RuntimeName;
  protected cluster: Cluster | null = null;
  protected readonly signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  abstract up(spec: ClusterSpec, options?: TargetUpOptions): Promise<TargetReport>;
  abstract down(): Promise<void>;
  abstract close(): Promise<void>;

  get spec(): ClusterSpec | null {
    return this.cluster?.record ?? null;
  }

  endpoints(): readonly Endpoint[] {
    return endpointsOf(this.#up());
  }

  get control(): ClusterControl {
    return control(this.#up());
  }

  rules(): LinkRules {
    return currentRules(this.#up());
  }

  setRules(rules: LinkRules): Promise<void> {
    return setRules(this.#up(), rules);
  }

  async addNode(name?: NodeId): Promise<NodeId> {
    const options = { timeoutMs: changeMsMax, signal: this.signal };
    const { node } = await addNode(this.#up(), name ?? null, options);
    this.#reread();
    return node;
  }

  async removeNode(node: NodeId, force: boolean): Promise<void> {
    const options = { timeoutMs: changeMsMax, signal: this.signal, keep: false, force };
    await removeNode(this.#up(), node, options);
    this.#reread();
  }

  #up(): Cluster {
    if (this.cluster === null) throw noCluster();
    return this.cluster;
  }

  #reread(): void {
    const { folder } = this.#up();
    this.cluster = openCluster(folder);
  }
}

/** A fresh cluster of real nodes, in the usual home, that is gone when the target is closed. */
export class LocalTarget extends ClusterTarget {
  readonly runtime: RuntimeName;
  readonly #name = `run-${randomBytes(4).toString('hex')}`;
  #wasUp = false;

  /** When `signal` aborts while the cluster starts, nothing is left of it. */
  constructor(runtime: RuntimeName, signal: AbortSignal) {
    super(signal);
    this.runtime = runtime;
  }

  override async up(spec: ClusterSpec, { fresh = false }: TargetUpOptions = {}) {
    const wanted = { ...spec, name: this.#name, runtime: this.runtime };
    this.#wasUp = true;
    await sweepOrphans(process.env);
    const options = { fresh, signal: this.signal, onProgress: () => {}, isPrivate: true };
    const report = await upCluster(wanted, options);
    this.cluster = report.cluster;
    return report;
  }

  override async down(): Promise<void> {
    if (this.cluster === null) throw noCluster();
    this.cluster = null;
    await downCluster(this.#name, { wipe: false });
  }

  override async close(): Promise<void> {
    if (!this.#wasUp) return;
    this.#wasUp = false;
    this.cluster = null;
    try {
      await downCluster(this.#name, { wipe: true });
    } catch {
      // It never came up, or is broken beyond repair: then `kvx cluster list` shows it.
    }
  }
}

/** A cluster that somebody else started, and that stays as it is when the target is closed. */
export class AttachedTarget extends ClusterTarget {
  readonly runtime: RuntimeName;

  constructor(cluster: Cluster, signal: AbortSignal) {
    super(signal);
    this.cluster = cluster;
    this.runtime = cluster.record.runtime;
  }

  override up(): Promise<TargetReport> {
    return Promise.reject(notOurs('start'));
  }

  override down(): Promise<void> {
    return Promise.reject(notOurs('stop'));
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }
}

function notOurs(step: string): KvxError {
  return new KvxError(`this script runs on a cluster that is up: it can't ${step} it`, {
    code: 'cluster',
    definite: true,
    hint: 'Leave --cluster out to give the script a cluster of its own.',
  });
}
