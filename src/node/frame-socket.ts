import type { Socket } from 'node:net';
import { type Shape, ShapeError } from '../core/wire.js';
import { CborError } from '../runtime/cbor-reader.js';
import {
  FrameError,
  type FrameItems,
  FrameReader,
  type ReadLimits,
  writeFrames,
} from '../runtime/links/frames.js';
import { type LargeFrame, type LargeFrames, largeFrameLimits } from './large-frames.js';
import { type TakeBytes, writeWhole } from './straight-bytes.js';

export interface FrameHandlers {
  /** Reads the items of one frame, which took so many bytes. A {@link ShapeError} it throws breaks the stream. */
  onItems(items: FrameItems, bytes: number): void;
  /** The other side sent what is no frame, or not of the expected shape; nothing more is read. */
  onBroken(reason: string): void;
  /** Called once, whoever closed it. `reason` is the socket's error, or `null` when it ended in good order. */
  onClosed(reason: string | null): void;
}

const lingerMs = 1000;

let reads = 0;

/** A socket that carries frames. Each is a system call: who has much to say says it in one. */
export class FrameSocket implements LargeFrame {
  /** May be replaced: a connection changes hands once its hello has said what it is. */
  handlers: FrameHandlers;
  /** For its events. */
  readonly socket: Socket;
  readonly #reader: FrameReader;
  /** Where large frames get room; `null`: they need none. */
  #largeFrames: LargeFrames | null = null;
  #room: 'none' | 'waiting' | 'given' = 'none';
  #stopped = false;
  #error: string | null = null;
  #broken = false;
  #onIdle: () => void = () => {};
  /** Grows with every read, over all sockets: who has said nothing for longest has the least. */
  lastRead = ++reads;

  /** `open` makes the socket, see `straight-bytes.ts`. */
  constructor(open: (take: TakeBytes) => Socket, handlers: FrameHandlers, limits?: ReadLimits) {
    this.handlers = handlers;
    this.#reader = new FrameReader(limits, false);
    const socket = open((bytes, length) => this.#read(bytes.subarray(0, length)));
    this.socket = socket;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#error = error.code ?? error.message;
    });
    socket.on('timeout', () => this.#onIdle());
    socket.on('close', () => {
      this.#leaveRoom();
      this.handlers.onClosed(this.#error);
    });
  }

  /** Bytes accepted for sending that the system has not taken yet. */
  get bytesWaiting(): number {
    return this.socket.writableLength;
  }

  /** It says that it has drained when it held at least so much; when less is gone it does not say. */
  get drainBytesMin(): number {
    return this.socket.writableHighWaterMark;
  }

  get isOpen(): boolean {
    return this.socket.writable;
  }

  write<T>(shape: Shape<T>, values: readonly T[]): void {
    writeFrames(shape, values, (frame) => this.writeFrame(frame));
  }

  /** The system has it when this returns, as far as it takes it: the node may stand still afterwards, until its disk has synced. */
  writeFrame(frame: Uint8Array): void {
    if (this.socket.writable) writeWhole(this.socket, frame);
  }

  onDrain(handler: () => void): void {
    this.socket.on('drain', handler);
  }

  /** Calls back when nothing went either way for so long, once; 0 stops watching. */
  onIdle(idleMs: number, handler: () => void): void {
    this.#onIdle = handler;
    this.socket.setTimeout(idleMs);
  }

  /** From the next frame on. */
  trust(limits: ReadLimits, largeFrames: LargeFrames | null): void {
    this.#reader.limits = limits;
    this.#largeFrames = largeFrames;
  }

  get bytesGathered(): number {
    return this.#reader.bytesGathered;
  }

  admit(): void {
    this.#room = 'given';
    if (!this.#broken) this.socket.resume();
  }

  giveUp(reason: string): void {
    this.#room = 'none';
    this.#break(reason);
  }

  /** From the next frame on: a large one that has room is read to its end, so that it leaves the room to others. */
  stopReading(): void {
    this.#stopped = true;
    if (this.#room !== 'given') this.socket.pause();
  }

  readOn(): void {
    this.#stopped = false;
    if (this.#largeFrames !== null) this.#seekRoom(this.#largeFrames);
    if (!this.#broken && this.#room !== 'waiting') this.socket.resume();
  }

  /**
   * Sends what is waiting, then closes: once the other side has closed too, so that it can read what was sent to it
   * before it fails to write, but in any case soon.
   */
  end(): void {
    this.#broken = true;
    this.#leaveRoom();
    const socket = this.socket;
    // Whatever still comes in is thrown away, or the socket would never see the other side's end.
    socket.resume();
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
  }

  destroy(): void {
    this.#broken = true;
    this.socket.destroy();
  }

  #read(chunk: Uint8Array): void {
    if (this.#broken) return;
    this.lastRead = ++reads;
    try {
      this.#reader.push(chunk, this.#take);
      if (this.#stopped && this.#room !== 'given') this.socket.pause();
      else if (this.#largeFrames !== null) this.#seekRoom(this.#largeFrames);
    } catch (error) {
      // Anything else is a bug on this side, and stops the node.
      if (!isMalformed(error)) throw error;
      this.#break(error.message);
    }
  }

  readonly #take = (items: FrameItems, bytes: number): void => {
    this.#leaveRoom();
    if (!this.#broken) this.handlers.onItems(items, bytes);
  };

  #break(reason: string): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#leaveRoom();
    this.handlers.onBroken(reason);
  }

  #seekRoom(largeFrames: LargeFrames): void {
    const bytes = this.#reader.bytesExpected;
    if (this.#broken || this.#room !== 'none' || bytes <= largeFrameLimits.smallBytesMax) return;
    this.#room = 'waiting';
    if (largeFrames.enter(this, bytes)) this.#room = 'given';
    else if (this.#isWaiting) this.socket.pause();
  }

  /** Room may come while it is sought. */
  get #isWaiting(): boolean {
    return this.#room === 'waiting';
  }

  #leaveRoom(): void {
    if (this.#room === 'none') return;
    this.#room = 'none';
    this.#largeFrames?.leave(this);
  }
}

/** True of the errors by which frames and shapes say that what came from outside is not theirs. */
export function isMalformed(error: unknown): error is FrameError | CborError | ShapeError {
  return error instanceof FrameError || error instanceof CborError || error instanceof ShapeError;
}
