/** Where a node serves RESP clients, beside its own listener: a TCP port and a Unix socket. */
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { listenOn } from '../cluster/host/listener.js';
import type { Front, FrontSetup } from '../cluster/host/node-host.js';
import { UnreadAnswers } from '../cluster/host/unread.js';
import { limited } from '../cluster/state/log.js';
import { respAddressOf } from '../cluster/state/record.js';
import { respSocket } from '../cluster/state/sockets.js';
import { definiteError } from '../core/errors.js';
import { TransientSet } from '../core/transient.js';
import { LargeFrames } from '../node/large-frames.js';
import type { RespClient, RespNode } from '../resp/command.js';
import { respNodeOf } from './resp-node.js';
import { type RespDesk, RespSocket, respSocketLimits } from './resp-socket.js';

/** How many may wait to be let in; the system may allow fewer. */
const backlog = 1024;
const connectionsMax = 50_000;
/** Who hangs up its own end still hears what it asked for: that may come after a turn of the node. */
const listening = { noDelay: true, allowHalfOpen: true, pauseOnConnect: true };
/** Of the files that a process may have open, those that are none of these connections. */
const filesKept = 512;

/** What the cluster's record asks for; `null`: this node serves no RESP clients. */
export async function openRespFront(setup: FrontSetup): Promise<Front | null> {
  const { cluster, node } = setup;
  const address = respAddressOf(cluster.record, node);
  if (address === null) return null;
  const front = new RespFront(setup, address.port);
  try {
    await front.listen(address.host, address.port);
  } catch (error) {
    front.close();
    throw error;
  }
  return front;
}

class RespFront implements Front, RespDesk {
  readonly #setup: FrontSetup;
  readonly node: RespNode;
  readonly #servers: readonly [tcp: Server, unix: Server];
  readonly #sockets = new TransientSet<RespSocket>();
  readonly #connectionsMax: number;
  readonly path: string;
  readonly log: (event: string) => void;
  readonly largeFrames = new LargeFrames();
  readonly #unread = new UnreadAnswers(this.#sockets);
  #unflushed: RespSocket[] = [];
  #lastId = 0;

  constructor(setup: FrontSetup, port: number) {
    this.#setup = setup;
    this.path = respSocket(setup.cluster.sockets, setup.node);
    const server = () => createServer(listening, (socket) => this.#welcome(socket));
    this.#servers = [server(), server()];
    const { runtime, nodes } = setup.cluster.record;
    this.#connectionsMax = connectionsFor(runtime === 'threads' ? nodes.length : 1);
    this.node = respNodeOf(setup, {
      ...{ port, clientsMax: this.#connectionsMax, clients: () => this.#clients() },
    });
    this.log = limited((event) => setup.log.warn(event));
  }

  async listen(host: string, port: number): Promise<void> {
    const [tcp, unix] = this.#servers;
    await new Promise<void>((resolve, reject) => {
      tcp.once('error', (error: NodeJS.ErrnoException) => {
        const why = error.code === 'EADDRINUSE' ? 'another process listens there' : error.message;
        const place = `port ${port} of ${host}`;
        const message = `${this.#setup.node} can't take Redis clients at ${place}: ${why}`;
        const hint = `When it is free: \`kvx node restart ${this.#setup.node}\`. Other ports need \`kvx cluster down\`, then \`kvx cluster up --resp PORT\`.`;
        reject(definiteError('cluster', message, hint));
      });
      tcp.listen({ host, port, backlog, exclusive: true }, resolve);
    });
    await listenOn(unix, this.path);
  }

  get respCounts() {
    return { connections: this.#sockets.size, ...this.node.counts };
  }

  close(): void {
    for (const server of this.#servers) server.close();
    this.largeFrames.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  *#clients(): Iterable<RespClient> {
    for (const { conversation } of this.#sockets) yield conversation;
  }

  /** One callback for all that have something to say, which are most when there is much to do. */
  flushSoon(socket: RespSocket): void {
    if (this.#unflushed.push(socket) === 1) process.nextTick(this.#flushAll);
  }

  readonly #flushAll = (): void => {
    const sockets = this.#unflushed;
    this.#unflushed = [];
    for (const socket of sockets) socket.flush();
  };

  onUnread(change: number): void {
    this.#unread.note(change);
  }

  onRead(): void {
    this.#setup.served.resume();
  }

  onClosed(socket: RespSocket): void {
    this.#sockets.delete(socket);
  }

  #welcome(socket: Socket): void {
    if (this.#sockets.size >= this.#connectionsMax) {
      this.log(`a Redis client was turned away: ${this.#connectionsMax} are connected`);
      socket.on('error', () => {});
      // What it has sent is read, or the system would throw away what it is told.
      socket.resume();
      socket.on('end', () => socket.destroy());
      socket.end('-ERR max number of clients reached\r\n');
      socket.setTimeout(respSocketLimits.lingerMs, () => socket.destroy());
      return;
    }
    this.node.counts.clients++;
    this.#sockets.add(new RespSocket(++this.#lastId, socket, this));
  }
}

/** As many as the files allow that this process may have open, which `sharers` nodes share. */
function connectionsFor(sharers: number): number {
  const files = filesMax();
  if (files === null) return connectionsMax;
  const most = Math.floor(Math.max(files / 2, files - filesKept) / sharers);
  return Math.min(connectionsMax, most);
}

/** Linux says how many files a process may have open; where nobody does it is many. */
function filesMax(): number | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
