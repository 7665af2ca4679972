/**
 * Bytes of sockets without the machinery of streams, which costs more than the system's own work for a small request:
 * all sockets of a thread are read into one buffer, and what there is to say is written at once where nothing waits.
 *
 * Node gives `onread` to sockets that connect only, so an accepted one hands its handle to another; where Node has no such
 * handle, or one without a descriptor (Windows), sockets are the streams that they always are.
 */
import { writeSync } from 'node:fs';
import { Socket, type SocketConstructorOpts } from 'node:net';

/** What Node reads at once. */
const readBytesMax = 64 * 1024;
let shared: Uint8Array | null = null;

interface Handle {
  readonly fd?: number;
  readonly useUserBuffer?: unknown;
}
type Handled = { _handle?: Handle | null };

/**
 * The socket to go on with, instead of one that a server with `pauseOnConnect` has accepted. `take` gets what is read, the
 * first `length` bytes; they are there only until it returns.
 */
export function readStraight(
  accepted: Socket,
  take: (bytes: Uint8Array, length: number) => void,
): Socket {
  const handle = (accepted as Handled)._handle;
  if (handle?.useUserBuffer === undefined) {
    accepted.on('data', (chunk: Buffer) => take(chunk, chunk.length));
    return accepted.resume();
  }
  (accepted as Handled)._handle = null;
  accepted.destroy();
  shared ??= new Uint8Array(readBytesMax);
  const callback = (bytes: number, buffer: Uint8Array): boolean => {
    take(buffer, bytes);
    return true;
  };
  const options = { handle, allowHalfOpen: true, onread: { buffer: shared, callback } };
  return new Socket(options as SocketConstructorOpts).resume();
}

/** How many bytes the system took at once: none if others wait before them, or it has no room; the stream takes the rest. */
export function writeStraight(socket: Socket, bytes: Uint8Array): number {
  const fd = (socket as Handled)._handle?.fd ?? -1;
  if (fd < 0 || socket.writableLength > 0) return 0;
  try {
    return writeSync(fd, bytes, 0, bytes.length);
  } catch {
    // It is full, or broken: the stream finds out which.
    return 0;
  }
}
