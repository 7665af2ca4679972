/** What a node's worker thread runs, inside the daemon. */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../core/invariant.js';
import type { ProtocolTypes } from '../../core/replica.js';
import { systemClock } from '../../node/clock.js';
import { PortLink } from '../../node/port-link.js';
import { NodeHost, type NodeHostSetup } from '../host/node-host.js';
import { LastWords } from '../state/last-words.js';
import { errorText, NodeLog } from '../state/log.js';
import { logFile, openCluster } from '../state/state.js';
import { failureOf } from './startup.js';
import type { WorkerData, WorkerOrder, WorkerReport } from './worker-orders.js';

class WorkerNode {
  readonly #data: WorkerData;
  readonly #log: NodeLog;
  #lastWords: LastWords | null = null;
  /** Channels that came before there was a link to take them. */
  #early: Extract<WorkerOrder, { type: 'connect' }>[] = [];
  #link: PortLink<ProtocolTypes['message']> | null = null;
  #host: NodeHost | null = null;

  constructor(data: WorkerData) {
    this.#data = data;
    this.#log = new NodeLog(logFile(data.folder, data.node));
  }

  async run(): Promise<void> {
    const { folder, node } = this.#data;
    this.#log.info(`${node} starts, a thread of pid ${process.pid}`);
    try {
      this.#lastWords = new LastWords(folder, node);
      this.#host = await NodeHost.start({
        cluster: openCluster(folder),
        node,
        log: this.#log,
        makeLink: this.#makeLink,
        onStopped: (error) => this.stop(error),
      });
      this.#log.info(`${node} is ready`);
      const { incarnation, note } = this.#host;
      report({ type: 'ready', incarnation, note });
    } catch (error) {
      this.#log.error(errorText(error));
      this.#lastWords?.say(error);
      report({ type: 'failed', failure: failureOf(node, error) });
      process.exit(1);
    }
  }

  take(order: WorkerOrder): void {
    if (order.type === 'pause') this.#standStill();
    else if (order.type === 'meet') this.#host?.meet(order.peer, order.incarnation);
    else if (this.#link === null) this.#early.push(order);
    else this.#link.connect(order.peer, order.end);
  }

  stop(error: Error | null): void {
    if (error === null) this.#log.info(`${this.#data.node} stops`);
    else this.#log.error(errorText(error));
    // Before clients notice, who will want to know why.
    if (error !== null) this.#lastWords?.say(error);
    this.#host?.close();
    // In a worker this ends the thread, not the daemon.
    process.exit(error === null ? 0 : 1);
  }

  #makeLink: NodeHostSetup['makeLink'] = (message) => {
    const link = new PortLink(message, systemClock, (event) => this.#log.warn(event));
    for (const { peer, end } of this.#early) link.connect(peer, end);
    this.#early = [];
    this.#link = link;
    return { link, incoming: null };
  };

  #standStill(): void {
    const flag = new Int32Array(this.#data.pauseFlag);
    report({ type: 'paused' });
    while (Atomics.load(flag, 0) === 1) Atomics.wait(flag, 0, 1);
    report({ type: 'resumed' });
  }
}

function report(what: WorkerReport): void {
  parentPort?.postMessage(what);
}

invariant(parentPort !== null, 'this module is run by a worker thread');
const worker = new WorkerNode(workerData as WorkerData);
parentPort.on('message', (order: WorkerOrder) => worker.take(order));
process.on('uncaughtException', (error) => worker.stop(error));
void worker.run();
