import { setTimeout as delay } from 'node:timers/promises';
import { definiteError, type KvxError } from '../../core/errors.js';
import type { Millis, NodeId } from '../../core/ids.js';
import { ask } from '../ask.js';
import {
  type ControlAnswer,
  type ControlFrame,
  controlAnswer,
  controlFrame,
  type NodeOrder,
  type NodeState,
} from '../host/control-frames.js';
import {
  conditionOf,
  type Pidfile,
  type ProcessIdentity,
  pidfileOf,
  readPidfile,
} from '../state/pidfile.js';
import { daemonSocket } from '../state/sockets.js';
import type { Cluster } from '../state/state.js';
import { launchAll, type OnReady, type StartKind } from './detached.js';
import { checkStarts, explainState, type NodeRunner, StartError } from './runner.js';
import type { NodeFailure } from './startup.js';

const statesMsMax: Millis = 5000;
const dyingMsMax: Millis = 500;
const pollMs: Millis = 5;
/** Starting reads a journal. */
const startMsMax: Millis = 120_000;
const orderMsMax: Millis = 10_000;

/** libuv's own number of threads for disk work, and no more than this many syncs are worth running side by side. */
const diskThreads = { min: 4, max: 16 } as const;

/** A thread a node, in one daemon that does what it is told over its socket. */
export class ThreadsRunner implements NodeRunner {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async startAll(
    kind: StartKind,
    signal: AbortSignal,
    onReady: OnReady,
  ): Promise<readonly NodeFailure[]> {
    const { folder, record } = this.#cluster;
    // All nodes share one pool: with fewer threads than nodes they would wait for each other's syncs.
    const threads = Math.min(Math.max(record.nodes.length + 1, diskThreads.min), diskThreads.max);
    const env = { ...process.env, UV_THREADPOOL_SIZE: String(threads) };
    const launch = { entry: 'daemon', folder, who: 'daemon', args: [folder, kind], env } as const;
    return checkStarts(this.#cluster, kind, await launchAll([launch], signal, onReady, kind));
  }

  readonly start = (node: NodeId) => this.#order('start', node);
  readonly kill = (node: NodeId) => this.#order('kill', node);
  readonly pause = (node: NodeId) => this.#order('pause', node);
  readonly resume = (node: NodeId) => this.#order('resume', node);

  async states(): Promise<readonly NodeState[]> {
    const daemon = this.#daemon();
    // Without its daemon no node runs; if there should be one, that is no node's doing, but no order either.
    if (daemon === null) return this.#all('dead', null);
    const condition = conditionOf(daemon);
    if (condition === 'gone') return this.#all('failed', 'its daemon is gone');
    if (condition === 'paused') return this.#all('paused', stopped(daemon));
    try {
      const answer = await this.#ask({ type: 'states', id: 1 }, statesMsMax);
      if (answer.type !== 'states') throw notUnderstood(answer);
      return answer.states.map((state) => explainState(this.#cluster, state));
    } catch (error) {
      // The sockets of a process that is being killed close a little before it is gone.
      if (await isGoneSoon(daemon)) return this.#all('failed', 'its daemon is gone');
      throw error;
    }
  }

  #daemon(): Pidfile | null {
    return readPidfile(pidfileOf(this.#cluster.folder, 'daemon'));
  }

  #all(state: 'dead' | 'failed' | 'paused', why: string | null): NodeState[] {
    const { nodes } = this.#cluster.record;
    return nodes.map((node) => ({ node, state, pid: null, since: null, why }));
  }

  async #order(order: NodeOrder, node: NodeId): Promise<void> {
    const daemon = this.#daemon();
    if (daemon !== null && conditionOf(daemon) === 'paused') {
      const what = `can't ${order} ${node}: ${stopped(daemon)}`;
      throw definiteError('cluster', what, 'Or end it all: `kvx cluster down`.');
    }
    const timeoutMs = order === 'start' ? startMsMax : orderMsMax;
    const answer = await this.#ask({ type: 'order', id: 1, order, node }, timeoutMs);
    if (answer.type === 'done') return;
    if (answer.type !== 'refused') throw notUnderstood(answer);
    const { message, hint } = answer;
    if (order === 'start') throw new StartError(this.#cluster, [{ node, message, hint }]);
    throw definiteError('cluster', message, hint);
  }

  #ask(frame: ControlFrame, timeoutMs: Millis): Promise<ControlAnswer> {
    const { record, sockets } = this.#cluster;
    return ask({
      path: daemonSocket(sockets),
      who: `the daemon of ${record.name}`,
      cluster: record.id,
      frame,
      question: controlFrame,
      answer: controlAnswer,
      timeoutMs,
    });
  }
}

const stopped = ({ pid }: ProcessIdentity): string =>
  `its daemon is stopped; \`kill -CONT ${pid}\` lets it go on`;

async function isGoneSoon(daemon: ProcessIdentity): Promise<boolean> {
  const deadline = performance.now() + dyingMsMax;
  while (performance.now() < deadline) {
    if (conditionOf(daemon) === 'gone') return true;
    await delay(pollMs);
  }
  return false;
}

function notUnderstood(answer: ControlAnswer): KvxError {
  const what = answer.type === 'closing' ? answer.reason : `it answered ${answer.type}`;
  return definiteError('cluster', `the daemon refused: ${what}`);
}
