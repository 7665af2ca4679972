import { createConnection, type Socket } from 'node:net';
import { type Channel, Connection } from '../client/connection.js';
import { type Endpoint, openedBy } from '../client/endpoint.js';
import { unreachableNode } from '../client/lost.js';
import type { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { socketPathBytesMax } from '../core/limits.js';
import {
  type ClientFrame,
  clientFrame,
  framesVersion,
  hello,
  serverFrame,
} from '../runtime/links/client-frames.js';
import { FrameSocket } from './frame-socket.js';
import { realTiming } from './timing.js';

/** Where a node of a cluster is to be found. */
export interface NodeAddress {
  readonly node: NodeId;
  readonly socketPath: string;
  /** The id in `cluster.json`, not the cluster's name. */
  readonly clusterId: string;
}

const connectTimeoutMsDefault: Millis = 5_000;

/** An endpoint that needs no look at the node until somebody connects. */
export function socketEndpoint(address: NodeAddress): Endpoint {
  const { node } = address;
  const connect: Endpoint['connect'] = (...asked) => dial(address, ...asked);
  return { node, connect, open: openedBy(realTiming, connect, connectTimeoutMsDefault) };
}

function dial(
  { node, socketPath, clusterId }: NodeAddress,
  timeoutMs: Millis,
  connected: (outcome: Connection | KvxError) => void,
): void {
  if (Buffer.byteLength(socketPath) > socketPathBytesMax) {
    const why = `its socket path is longer than ${socketPathBytesMax} bytes`;
    connected(unreachableNode(node, why));
    return;
  }
  const socket = createConnection(socketPath);
  const giveUp = (why: string): void => {
    clearTimeout(timer);
    socket.destroy();
    connected(unreachableNode(node, why));
  };
  const timer = setTimeout(
    () => giveUp(`no connection within ${Math.round(timeoutMs)} ms`),
    timeoutMs,
  );
  socket.once('error', (error: NodeJS.ErrnoException) => giveUp(connectProblem(error)));
  socket.once('connect', () => {
    clearTimeout(timer);
    socket.removeAllListeners('error');
    const open = (connection: Connection): Channel =>
      new SocketChannel(socket, clusterId, connection);
    connected(new Connection(node, realTiming, open));
  });
}

/** What is asked for within one turn of the event loop leaves as one write. */
class SocketChannel implements Channel {
  readonly #frames: FrameSocket;

  constructor(socket: Socket, cluster: string, connection: Connection) {
    this.#frames = new FrameSocket(socket, {
      onItems: (items) => connection.received(items.map((item) => serverFrame.fromWire(item))),
      onBroken: (reason) => connection.broken(reason),
      onClosed: (reason) => connection.lost(reason ?? 'the connection was closed'),
    });
    this.#frames.onDrain(() => connection.drained());
    this.#frames.write([hello.toWire({ type: 'client', version: framesVersion, cluster })]);
  }

  get isOpen(): boolean {
    return this.#frames.isOpen;
  }

  gather(flush: () => void): void {
    setImmediate(flush);
  }

  write(frames: readonly ClientFrame[], bytes: number): boolean {
    const items = frames.map((frame) => clientFrame.toWire(frame));
    return this.#frames.write(items, bytes);
  }

  close(): void {
    this.#frames.destroy();
  }
}

function connectProblem(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return 'nobody listens at its socket';
    case 'EAGAIN':
      return 'too many wait to connect';
    case 'EACCES':
    case 'EPERM':
      return 'its socket belongs to another user';
    default:
      return error.message;
  }
}
