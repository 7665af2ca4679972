import packageJson from '../../package.json' with { type: 'json' };
import { Connections } from '../client/connections.js';
import type { Endpoint, NodeConnection } from '../client/endpoint.js';
import { endpointsOf } from '../cluster/endpoints.js';
import type { FrontSetup } from '../cluster/host/node-host.js';
import { spawnWorker } from '../cluster/launch/launch.js';
import { limited } from '../cluster/state/log.js';
import { readRecord } from '../cluster/state/state.js';
import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { systemClock } from '../node/clock.js';
import { realTiming } from '../node/timing.js';
import { profileOf } from '../protocols/catalog.js';
import type { ProcessUsage, RespNode } from '../resp/command.js';
import { RequestSource } from '../runtime/request-queue.js';
import type { FaultAnswer, FaultOrder } from './fault-worker.js';
import { InNodeConnection } from './in-node-connection.js';
import { NamedSessions } from './named-sessions.js';

const reachMs: Millis = 1_000;

/** A real node as its RESP clients find it. */
export function respNodeOf(
  { cluster, node, served, log }: FrontSetup,
  front: Pick<RespNode, 'port' | 'clientsMax' | 'clients'>,
): RespNode {
  const { record, folder } = cluster;
  const self = new InNodeConnection(node, served, new RequestSource());
  const connections = new Connections(realTiming);
  const mode = profileOf(record.mode);
  // Where none come and go, the record need not be read again.
  const nodes = () => (mode.membership === null ? record : readRecord(folder)).nodes;
  let performing: Promise<unknown> = Promise.resolve();
  const reach = (other: NodeId) =>
    new Promise<NodeConnection>((resolve, reject) => {
      if (other === node) return resolve(self);
      const [endpoint] = endpointsOf(cluster, [other]);
      const connected = (outcome: NodeConnection | KvxError): void =>
        outcome instanceof KvxError ? reject(outcome) : resolve(outcome);
      connections.connect(endpoint as Endpoint, reachMs, { connected });
    });
  return {
    node,
    cluster: record.name,
    nodes,
    mode,
    modeOptions: record.options,
    isDurable: record.sync === 'always',
    version: packageJson.version,
    password: record.resp?.password ?? null,
    ...front,
    timing: { ...realTiming, now: systemClock.now },
    wallClock: () => Date.now(),
    startedAt: Date.now(),
    connect: (source) => new InNodeConnection(node, served, source),
    readWorst: (source, seed) => served.readWorst(source, seed),
    view: () => served.inspect(),
    status: () => served.status(),
    reach,
    endpoints: () => endpointsOf(cluster, nodes()),
    counts: { clients: 0, commands: 0 },
    usage: usageOfProcess,
    sessions: new NamedSessions(
      cluster,
      limited((event) => log.warn(event)),
    ),
    perform(words, by) {
      const order = () => performElsewhere({ folder, words, by });
      // One at a time, however many clients want it: each is a thread.
      const performed = performing.then(order, order);
      performing = performed;
      return performed;
    },
  };
}

/** What a fault worker makes of an order. */
function performElsewhere(workerData: FaultOrder): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = spawnWorker('fault-worker', { workerData });
    worker.once('message', (said: FaultAnswer) => {
      if ('text' in said) resolve(said.text);
      else reject(new KvxError(said.message, said));
    });
    const failed = (why: string): void =>
      reject(new KvxError(`a fault worker ${why}`, { code: 'bug', definite: false }));
    worker.once('error', ({ message }) => failed(message));
    worker.once('exit', () => failed('ended without an answer'));
  });
}

function usageOfProcess(): ProcessUsage {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    ...{ pid: process.pid, platform: `${process.platform} ${process.arch}` },
    ...{ residentBytes: rss, heapBytes: heapUsed },
    ...{ userSeconds: user / 1e6, systemSeconds: system / 1e6 },
  };
}
