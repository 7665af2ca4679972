import type { Socket } from 'node:net';
import { ShapeError } from '../../core/wire.js';
import { CborError } from '../cbor.js';
import { encodeFrames, FrameError, FrameReader } from './frames.js';

export interface FrameHandlers {
  /** Takes the items of every frame that one read completed. A {@link ShapeError} it throws breaks the stream. */
  onItems(items: readonly unknown[]): void;
  /** The other side sent what is no frame, or not of the expected shape; nothing more is read. */
  onBroken(reason: string): void;
  /** Called once, whoever closed it. `reason` is the socket's error, or `null` when it ended in good order. */
  onClosed(reason: string | null): void;
}

const lingerMs = 1000;

/** A socket that carries frames, with the writes of one tick gathered into one system call. */
export class FrameSocket {
  /** May be replaced: a connection changes hands once its hello has said what it is. */
  handlers: FrameHandlers;
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  #error: string | null = null;
  #corked = false;
  #broken = false;
  #onIdle: () => void = () => {};

  constructor(socket: Socket, handlers: FrameHandlers) {
    this.handlers = handlers;
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#error = error.code ?? error.message;
    });
    socket.on('timeout', () => this.#onIdle());
    socket.on('close', () => this.handlers.onClosed(this.#error));
  }

  /** Bytes accepted for sending that the system has not taken yet. */
  get bytesWaiting(): number {
    return this.#socket.writableLength;
  }

  get isOpen(): boolean {
    return this.#socket.writable;
  }

  write(items: readonly unknown[]): void {
    for (const frame of encodeFrames(items)) this.writeFrame(frame);
  }

  writeFrame(frame: Uint8Array): void {
    if (!this.#socket.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(frame);
  }

  onDrain(handler: () => void): void {
    this.#socket.on('drain', handler);
  }

  /** Calls back when nothing went either way for so long, once; 0 stops watching. */
  onIdle(idleMs: number, handler: () => void = () => {}): void {
    this.#onIdle = handler;
    this.#socket.setTimeout(idleMs);
  }

  stopReading(): void {
    this.#socket.pause();
  }

  readOn(): void {
    if (!this.#broken) this.#socket.resume();
  }

  /** Sends what is waiting, then closes; whoever does not read it is not waited for long. */
  end(): void {
    this.#broken = true;
    // Whatever still comes in is thrown away, or the socket would never see the other side's end.
    this.#socket.resume();
    this.#socket.destroySoon();
    this.onIdle(lingerMs, () => this.#socket.destroy());
  }

  destroy(): void {
    this.#broken = true;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#broken) return;
    try {
      const items = this.#reader.push(chunk);
      if (items.length > 0) this.handlers.onItems(items);
    } catch (error) {
      // Anything else is a bug on this side, and stops the node.
      if (!isMalformed(error)) throw error;
      this.#broken = true;
      this.handlers.onBroken(error.message);
    }
  }
}

/** True of the errors by which frames and shapes say that what came from outside is not theirs. */
export function isMalformed(error: unknown): error is FrameError | CborError | ShapeError {
  return error instanceof FrameError || error instanceof CborError || error instanceof ShapeError;
}
