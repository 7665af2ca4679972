import { setTimeout as delay } from 'node:timers/promises';
import { KvxError } from '../../core/errors.js';
import type { NodeId } from '../../core/ids.js';
import { isDiskFull } from '../../core/write-problem.js';
import type { NodeState } from '../host/control-frames.js';
import {
  conditionOf,
  type Pidfile,
  type ProcessCondition,
  pidfileOf,
  readPidfile,
  signalProcess,
  writePidfile,
} from '../state/pidfile.js';
import type { Cluster } from '../state/state.js';
import { type Launch, launchAll, type OnReady, type StartKind } from './detached.js';
import { cannot, checkStarts, explainState, type NodeRunner } from './runner.js';
import { launcherGone, type NodeFailure } from './startup.js';

const pollMs = 2;
const signalMsMax = 5000;

/** A process a node. There is no supervisor: what is known of a node stands in its pidfile. */
export class ProcessesRunner implements NodeRunner {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  startAll(
    kind: StartKind,
    signal: AbortSignal,
    onReady: OnReady,
  ): Promise<readonly NodeFailure[]> {
    return this.#launch(this.#cluster.record.nodes, kind, signal, onReady);
  }

  async start(node: NodeId): Promise<void> {
    if (this.#pidfile(node)?.starting) await this.kill(node);
    const { state } = this.#state(node);
    if (state === 'running' || state === 'paused') return;
    await this.#launch([node], 'all', new AbortController().signal, () => {});
  }

  async kill(node: NodeId): Promise<void> {
    const pidfile = this.#pidfile(node);
    if (pidfile === null) return;
    await this.#signal(node, pidfile, 'SIGKILL', 'gone');
    try {
      this.#note(node, { ...pidfile, since: Date.now(), killed: true, starting: false });
    } catch (error) {
      // It is dead all the same, and will be taken for one that failed.
      if (!isDiskFull(error)) throw error;
    }
  }

  readonly pause = (node: NodeId) => this.#turn(node, 'pause', 'SIGSTOP', 'paused');
  readonly resume = (node: NodeId) => this.#turn(node, 'resume', 'SIGCONT', 'running');

  async states(): Promise<readonly NodeState[]> {
    return this.#cluster.record.nodes.map((node) => {
      const unsaid = this.#pidfile(node)?.starting === true ? launcherGone : undefined;
      return explainState(this.#cluster, this.#state(node), unsaid);
    });
  }

  async #launch(
    nodes: readonly NodeId[],
    kind: StartKind,
    signal: AbortSignal,
    onReady: OnReady,
  ): Promise<readonly NodeFailure[]> {
    const { folder } = this.#cluster;
    const launches = nodes.map((node): Launch => {
      return { entry: 'node-process', folder, who: node, args: [folder, node], env: process.env };
    });
    return checkStarts(this.#cluster, kind, await launchAll(launches, signal, onReady, kind));
  }

  #state(node: NodeId): NodeState {
    const pidfile = this.#pidfile(node);
    if (pidfile === null) return { node, state: 'dead', pid: null, since: null, why: null };
    const { pid, since, killed } = pidfile;
    const condition = conditionOf(pidfile);
    if (condition !== 'gone') return { node, state: condition, pid, since, why: null };
    return killed
      ? { node, state: 'dead', pid: null, since, why: null }
      : { node, state: 'failed', pid: null, since: null, why: null };
  }

  async #turn(
    node: NodeId,
    step: string,
    signal: NodeJS.Signals,
    wanted: ProcessCondition,
  ): Promise<void> {
    const pidfile = this.#pidfile(node);
    const condition = pidfile === null ? 'gone' : conditionOf(pidfile);
    if (pidfile === null || condition === 'gone') {
      throw cannot(step, node, this.#state(node).state);
    }
    if (condition === wanted) return;
    await this.#signal(node, pidfile, signal, wanted);
    this.#note(node, { ...pidfile, since: Date.now() });
  }

  #pidfile(node: NodeId): Pidfile | null {
    return readPidfile(pidfileOf(this.#cluster.folder, node));
  }

  #note(node: NodeId, pidfile: Pidfile): void {
    writePidfile(pidfileOf(this.#cluster.folder, node), pidfile);
  }

  /** Sends a signal and waits until it has had its effect. */
  async #signal(
    node: NodeId,
    pidfile: Pidfile,
    signal: NodeJS.Signals,
    wanted: ProcessCondition,
  ): Promise<void> {
    signalProcess(pidfile, signal);
    const deadline = performance.now() + signalMsMax;
    for (;;) {
      const condition = conditionOf(pidfile);
      if (condition === wanted) return;
      if (condition === 'gone') throw cannot('signal', node, 'failed');
      if (performance.now() > deadline) {
        const what = `${node} (pid ${pidfile.pid}) does not obey ${signal}`;
        throw new KvxError(what, { code: 'cluster', definite: false });
      }
      await delay(pollMs);
    }
  }
}
