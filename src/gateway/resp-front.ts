/** Where a node serves RESP clients, beside its own listener: a TCP port and a Unix socket. */
import { createServer, type Server } from 'node:net';
import { endpointsOf } from '../cluster/endpoints.js';
import type { Front, FrontSetup } from '../cluster/host/node-host.js';
import { readRecord } from '../cluster/state/state.js';
import { KvxError } from '../core/errors.js';
import { realTiming } from '../node/timing.js';
import { profileOf } from '../protocols/catalog.js';
import type { RespNode } from '../resp/command.js';
import { InNodeConnection } from './in-node-connection.js';
import { RespSocket } from './resp-socket.js';

/** What the cluster's record asks for; `null`: this node serves no RESP clients. */
export async function openRespFront(setup: FrontSetup): Promise<Front | null> {
  const port = portOf(setup);
  if (port === null) return null;
  const front = new RespFront(setup, port);
  await front.listen();
  return front;
}

function portOf({ cluster, node }: FrontSetup): number | null {
  const first = Number(process.env['KVX_RESP'] ?? 0);
  return first === 0 ? null : first + cluster.record.nodes.indexOf(node);
}

class RespFront implements Front {
  readonly #node: RespNode;
  readonly #port: number;
  readonly #sockets = new Set<RespSocket>();
  readonly #server: Server;
  #lastId = 0;

  constructor(setup: FrontSetup, port: number) {
    this.#port = port;
    this.#node = this.#nodeOf(setup);
    this.#server = createServer({ noDelay: true }, (socket) => {
      const one = new RespSocket(++this.#lastId, this.#node, socket, (closed) =>
        this.#sockets.delete(closed),
      );
      this.#sockets.add(one);
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => resolve());
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #nodeOf({ cluster, node, served }: FrontSetup): RespNode {
    const { record, folder } = cluster;
    const sockets = this.#sockets;
    return {
      node,
      cluster: record.name,
      nodes: () => readRecord(folder).nodes,
      mode: profileOf(record.mode),
      modeOptions: record.options,
      password: null,
      port: this.#port,
      timing: realTiming,
      wallClock: () => Date.now(),
      startedAt: Date.now(),
      connect: (source) => new InNodeConnection(node, served, source),
      view: () => served.inspect(),
      status: () => served.status(),
      endpoints: () => endpointsOf(cluster, readRecord(folder).nodes),
      *clients() {
        for (const { conversation } of sockets) yield conversation;
      },
      perform: async () => {
        throw new KvxError('not built yet', { code: 'bad-request', definite: true });
      },
    };
  }
}
