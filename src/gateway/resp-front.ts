/** Where a node serves RESP clients, beside its own listener: a TCP port and a Unix socket. */
import { createServer, type Server } from 'node:net';
import { endpointsOf } from '../cluster/endpoints.js';
import type { Front, FrontSetup } from '../cluster/host/node-host.js';
import { respAddressOf } from '../cluster/state/record.js';
import { readRecord } from '../cluster/state/state.js';
import { KvxError } from '../core/errors.js';
import { realTiming } from '../node/timing.js';
import { profileOf } from '../protocols/catalog.js';
import type { RespNode } from '../resp/command.js';
import { InNodeConnection } from './in-node-connection.js';
import { RespSocket } from './resp-socket.js';

/** What the cluster's record asks for; `null`: this node serves no RESP clients. */
export async function openRespFront(setup: FrontSetup): Promise<Front | null> {
  const address = respAddressOf(setup.cluster.record, setup.node);
  if (address === null) return null;
  const front = new RespFront(setup, address);
  await front.listen();
  return front;
}

type Address = NonNullable<ReturnType<typeof respAddressOf>>;

class RespFront implements Front {
  readonly #node: RespNode;
  readonly #address: Address;
  readonly #sockets = new Set<RespSocket>();
  readonly #server: Server;
  #lastId = 0;

  constructor(setup: FrontSetup, address: Address) {
    this.#address = address;
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
      this.#server.listen(this.#address, () => resolve());
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
      password: record.resp?.password ?? null,
      port: this.#address.port,
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
