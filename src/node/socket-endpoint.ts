import type { Socket } from 'node:net';
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
  type ServerFrame,
  serverFrame,
} from '../runtime/links/client-frames.js';
import { FrameReader, readLimits, writeFrames } from '../runtime/links/frames.js';
import { dialStraight, writeWhole } from './straight-bytes.js';
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
  let channel: SocketChannel | null = null;
  const socket = dialStraight(socketPath, (bytes, length) =>
    channel?.receive(bytes.subarray(0, length)),
  );
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
    const open = (connection: Connection): Channel => {
      channel = new SocketChannel(socket, clusterId, connection);
      return channel;
    };
    connected(new Connection(node, realTiming, open));
  });
}

/** What is asked for within one turn of the event loop leaves as one write. */
class SocketChannel implements Channel {
  readonly #socket: Socket;
  readonly #connection: Connection;
  readonly #reader = new FrameReader(readLimits.peer, false);
  #isReceiving = false;
  /** What is asked for by those who get an answer leaves once all of them have been told. */
  #flush: (() => void) | null = null;

  constructor(socket: Socket, cluster: string, connection: Connection) {
    this.#socket = socket;
    this.#connection = connection;
    socket.on('drain', () => connection.drained());
    socket.on('error', (error) => connection.lost(error.message));
    socket.on('close', () => connection.lost('the connection was closed'));
    const greeting = { type: 'client', version: framesVersion, cluster } as const;
    writeFrames(hello, [greeting], (frame) => writeWhole(socket, frame));
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  gather(flush: () => void): void {
    if (this.#isReceiving) this.#flush = flush;
    else process.nextTick(flush);
  }

  write(frames: readonly ClientFrame[]): boolean {
    let drained = true;
    writeFrames(clientFrame, frames, (frame) => {
      drained = writeWhole(this.#socket, frame);
    });
    return drained;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Whoever is told may do what it likes: what it throws is not of the stream. */
  receive(chunk: Uint8Array): void {
    if (this.#socket.destroyed) return;
    const frames: ServerFrame[] = [];
    let problem: unknown = null;
    try {
      this.#reader.push(chunk, (items) => {
        while (items.left > 0) frames.push(items.next(serverFrame));
      });
    } catch (error) {
      problem = error;
    }
    this.#isReceiving = true;
    try {
      this.#connection.received(frames);
    } finally {
      this.#isReceiving = false;
      const flush = this.#flush;
      this.#flush = null;
      flush?.();
    }
    if (problem !== null) this.#connection.broken((problem as Error).message);
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
