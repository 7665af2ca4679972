import { endpointsOf } from '../cluster/endpoints.js';
import type { FrontSetup } from '../cluster/host/node-host.js';
import { readRecord } from '../cluster/state/state.js';
import { KvxError } from '../core/errors.js';
import { realTiming } from '../node/timing.js';
import { profileOf } from '../protocols/catalog.js';
import type { RespClient, RespNode } from '../resp/command.js';
import { InNodeConnection } from './in-node-connection.js';

/** A real node as its RESP clients find it. */
export function respNodeOf(
  { cluster, node, served }: FrontSetup,
  port: number,
  clients: () => Iterable<RespClient>,
): RespNode {
  const { record, folder } = cluster;
  return {
    node,
    cluster: record.name,
    nodes: () => readRecord(folder).nodes,
    mode: profileOf(record.mode),
    modeOptions: record.options,
    password: record.resp?.password ?? null,
    port,
    timing: realTiming,
    wallClock: () => Date.now(),
    startedAt: Date.now(),
    connect: (source) => new InNodeConnection(node, served, source),
    readWorst: (source, seed) => served.readWorst(source, seed),
    view: () => served.inspect(),
    status: () => served.status(),
    endpoints: () => endpointsOf(cluster, readRecord(folder).nodes),
    clients,
    perform: async () => {
      throw new KvxError('not built yet', { code: 'bad-request', definite: true });
    },
  };
}
