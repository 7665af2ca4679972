/** What a node's worker thread runs, inside the daemon. */

import { parentPort, workerData } from 'node:worker_threads';
import { NodeHost } from '../cluster/host/node-host.js';
import {
  failureOf,
  type WorkerData,
  type WorkerOrder,
  type WorkerReport,
} from '../cluster/launch/startup.js';
import { LastWords } from '../cluster/state/last-words.js';
import { errorText, NodeLog } from '../cluster/state/log.js';
import { logFile, openCluster } from '../cluster/state/state.js';
import type { ProtocolTypes } from '../core/replica.js';
import { systemClock } from '../node/clock.js';
import { useOwnModes } from '../node/own-modes.js';
import { RingLink } from '../node/ring-link.js';
import { openMetricsFront } from './metrics-front.js';
import { openRespFront } from './resp-front.js';

const { folder, node, pauseFlag, doorbell } = workerData as WorkerData;
const log = new NodeLog(logFile(folder, node));
let lastWords: LastWords | null = null;
/** Channels that came before there was a link to take them. */
let early: Extract<WorkerOrder, { type: 'connect' }>[] = [];
let link: RingLink<ProtocolTypes['message']> | null = null;
let host: NodeHost | null = null;

const report = (what: WorkerReport): void => parentPort?.postMessage(what);

async function run(): Promise<void> {
  log.info(`${node} starts, a thread of pid ${process.pid}`);
  try {
    lastWords = new LastWords(folder, node);
    host = await NodeHost.start({
      cluster: openCluster(folder),
      node,
      log,
      makeLink: (message) => {
        link = new RingLink(message, systemClock, doorbell, (event) => log.warn(event));
        for (const { peer, end } of early) link.connect(peer, end);
        early = [];
        return { link, incoming: null };
      },
      fronts: [openRespFront, openMetricsFront],
      onStopped: stop,
    });
    log.info(`${node} is ready`);
    report({ type: 'ready', incarnation: host.incarnation, note: host.note });
  } catch (error) {
    sayFailure(error);
    process.exit(1);
  }
}

function take(order: WorkerOrder): void {
  if (order.type === 'pause') standStill();
  else if (order.type === 'stop') stop(null);
  else if (order.type === 'meet') host?.meet(order.peer, order.incarnation);
  else if (link === null) early.push(order);
  else link.connect(order.peer, order.end);
}

function stop(error: Error | null): void {
  if (error === null) log.info(`${node} stops`);
  // Before clients notice, who will want to know why.
  else sayFailure(error);
  host?.close();
  const flag = new Int32Array(pauseFlag);
  Atomics.store(flag, 0, 2);
  Atomics.notify(flag, 0);
  // In a worker this ends the thread, not the daemon.
  process.exit(error === null ? 0 : 1);
}

function sayFailure(error: unknown): void {
  log.error(errorText(error));
  lastWords?.say(error);
  report({ type: 'failed', failure: failureOf(node, error) });
}

function standStill(): void {
  const flag = new Int32Array(pauseFlag);
  report({ type: 'paused' });
  while (Atomics.load(flag, 0) === 1) Atomics.wait(flag, 0, 1);
  report({ type: 'resumed' });
}

useOwnModes();
parentPort?.on('message', take);
process.on('uncaughtException', stop);
void run();
