/**
 * Bytes of sockets without the machinery of streams, which costs more than the system's own work for a small request:
 * all sockets of a thread are read into one buffer, and what there is to say is written at once where nothing waits.
 *
 * Node gives `onread` to sockets that connect only, so an accepted one hands its handle to another; where Node has no such
 * handle, or one without a descriptor (Windows), sockets are the streams that they always are.
 */
import { writeSync } from 'node:fs';
import { createConnection, type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** What Node reads at once. */
const readBytesMax = 64 * 1024;
let shared: Uint8Array | null = null;

interface Handle {
  readonly fd?: number;
  readonly useUserBuffer?: unknown;
}
type Handled = { _handle?: Handle | null };

/** Gets what is read, the first `length` bytes; they are there only until it returns. */
export type TakeBytes = (bytes: Uint8Array, length: number) => void;

/** The socket to go on with, instead of one that a server with `pauseOnConnect` has accepted. */
export function acceptStraight(accepted: Socket, take: TakeBytes): Socket {
  const handle = (accepted as Handled)._handle;
  if (handle?.useUserBuffer === undefined) {
    accepted.on('data', (chunk: Buffer) => take(chunk, chunk.length));
    return accepted.resume();
  }
  (accepted as Handled)._handle = null;
  accepted.destroy();
  const { allowHalfOpen } = accepted;
  const options = { handle, allowHalfOpen, onread: sharedRead(take) };
  return new Socket(options as SocketConstructorOpts).resume();
}

/** A socket that connects to a Unix socket. */
export const dialStraight = (path: string, take: TakeBytes): Socket =>
  createConnection({ path, onread: sharedRead(take) });

function sharedRead(take: TakeBytes): OnReadOpts {
  shared ??= new Uint8Array(readBytesMax);
  const callback = (bytes: number, buffer: Uint8Array): boolean => {
    take(buffer, bytes);
    return true;
  };
  return { buffer: shared, callback };
}

/**
 * How many bytes the system took at once: none if others wait before them, it has no room, or the socket does not take any;
 * the stream takes the rest, and finds out what is wrong.
 */
export function writeStraight(socket: Socket, bytes: Uint8Array): number {
  const fd = (socket as Handled)._handle?.fd ?? -1;
  if (fd < 0 || socket.writableLength > 0 || socket.connecting || !socket.writable) return 0;
  try {
    return writeSync(fd, bytes, 0, bytes.length);
  } catch {
    // It is full, or broken.
    return 0;
  }
}

/** The bytes are the caller's again when it returns. False: others should wait for the socket's `drain`. */
export function writeWhole(socket: Socket, bytes: Uint8Array): boolean {
  const written = writeStraight(socket, bytes);
  // A copy, in a block that small ones share.
  return written === bytes.length || socket.write(Buffer.from(bytes.subarray(written)));
}
