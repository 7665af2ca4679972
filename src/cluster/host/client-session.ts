import { connectionLimits } from '../../core/limits.js';
import { resultBytes } from '../../core/operation-bytes.js';
import type { FrameSocket } from '../../node/frame-socket.js';
import { Fifo } from '../../runtime/fifo.js';
import {
  type ClientFrame,
  clientFrame,
  type ScannedEntry,
  type ServerFrame,
  serverFrame,
} from '../../runtime/links/client-frames.js';
import type { FrameItems } from '../../runtime/links/frames.js';
import { RequestSource } from '../../runtime/request-queue.js';
import { closeWith, type Guest } from './listener.js';

export const sessionLimits = {
  /** A client that reads nothing for so long, while there is something to read, is let go. */
  stalledMs: 30_000,
  /** One slice of a scan, and what may gather before a frame is made of it. */
  sliceBytes: 256 * 1024,
  /** Scans waiting behind the one under way. */
  scansMax: 16,
} as const;

/** Who takes what a client sends, and sees to all clients of a node together. */
export interface Desk {
  readonly log: (event: string) => void;
  take(session: ClientSession, frame: ClientFrame): void;
  /** Something waits for `flush`. */
  flushSoon(session: ClientSession): void;
  /** So many bytes of answers more, or fewer, wait for the client to read them. */
  onUnread(change: number): void;
  /** The client has read something: requests of it may begin. */
  onRead(): void;
  onClosed(session: ClientSession): void;
}

interface Scan {
  readonly id: number;
  readonly entries: Iterator<ScannedEntry>;
}

/**
 * One client's connection. It is not read while too much of what it sent waits, so that no more than one read comes on top of
 * that. Its answers wait as they are, their values being those of the store, and become frames only as fast as it
 * reads. So a client that sends without end, or never reads, uses up neither memory nor the time of others.
 */
export class ClientSession implements Guest {
  readonly source = new RequestSource();
  readonly #frames: FrameSocket;
  readonly #desk: Desk;
  readonly #out = new Fifo<ServerFrame>();
  #outBytes = 0;
  bytesUnread = 0;
  /** When the client last read something, or got something to read. */
  progressAt = 0;
  #scans: Scan[] = [];
  #flushScheduled = false;
  #stepScheduled = false;
  #reading = true;
  #open = true;

  constructor(frames: FrameSocket, desk: Desk) {
    this.#frames = frames;
    this.#desk = desk;
    this.source.onTaken = () => this.#regulate();
    this.source.onAnswer = (id, result) => this.push({ type: 'result', id, result });
    frames.handlers = {
      onItems: (items) => this.take(items),
      // What was understood before it is still answered, as far as that is quick.
      onBroken: (reason) => this.dismiss(reason),
      onClosed: () => this.#forget(),
    };
    frames.onDrain(() => this.#onDrain());
  }

  get isIdle(): boolean {
    const { underWay, waiting } = this.source;
    if (underWay + waiting.length + this.#scans.length > 0) return false;
    return this.#outBytes + this.#frames.bytesWaiting === 0;
  }

  take(items: FrameItems): void {
    for (const frame of items.rest(clientFrame)) if (this.#open) this.#desk.take(this, frame);
    this.#regulate();
  }

  push(frame: ServerFrame): void {
    if (!this.#open) return;
    this.#out.push(frame);
    this.#outBytes += frameBytes(frame);
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.#desk.flushSoon(this);
  }

  /** Makes frames of what waits, as far as the client reads. */
  flush(): void {
    this.#flushScheduled = false;
    if (!this.#open) return;
    while (this.#outBytes > 0 && this.#frames.bytesWaiting < connectionLimits.bytesInSocket) {
      this.#frames.write(serverFrame, this.#takeSlice());
    }
    this.#noteUnread();
    this.#regulate();
  }

  /** Streams entries, slice by slice, as fast as the client reads. */
  scan(id: number, entries: Iterator<ScannedEntry>): void {
    if (this.#scans.length >= sessionLimits.scansMax) {
      this.dismiss('too many scans at once');
      return;
    }
    this.#scans.push({ id, entries });
    this.#stepSoon();
  }

  dismiss(reason: string): void {
    if (!this.#open) return;
    this.#desk.log(`client closed: ${reason}`);
    this.#forget();
    closeWith(this.#frames, reason);
  }

  #takeSlice(): ServerFrame[] {
    const frames: ServerFrame[] = [];
    let bytes = 0;
    while (bytes < sessionLimits.sliceBytes) {
      const frame = this.#out.shift();
      if (frame === undefined) break;
      frames.push(frame);
      bytes += frameBytes(frame);
    }
    this.#outBytes -= bytes;
    return frames;
  }

  #stepScan(): void {
    const scan = this.#scans[0];
    if (scan === undefined) return;
    const slice: ScannedEntry[] = [];
    let bytes = 0;
    let last = false;
    while (bytes < sessionLimits.sliceBytes) {
      const next = scan.entries.next();
      if (next.done) {
        last = true;
        break;
      }
      slice.push(next.value);
      bytes += entryBytes(next.value);
    }
    this.push({ type: 'entries', id: scan.id, entries: slice, last });
    if (last) this.#scans.shift();
  }

  /** Turns of the node come between two steps. */
  #stepSoon(): void {
    if (this.#stepScheduled || !this.#open || this.#scans.length === 0) return;
    this.#stepScheduled = true;
    setImmediate(() => {
      this.#stepScheduled = false;
      if (!this.#open || this.#isBacklogged) return;
      this.#stepScan();
      this.#stepSoon();
    });
  }

  get #isBacklogged(): boolean {
    return this.#outBytes + this.#frames.bytesWaiting > connectionLimits.bytesWaitingMax;
  }

  #regulate(): void {
    const reading = !this.source.isFull && !this.#isBacklogged;
    if (reading === this.#reading || !this.#open) return;
    this.#reading = reading;
    if (reading) this.#frames.readOn();
    else this.#frames.stopReading();
  }

  #noteUnread(): void {
    const { bytesWaiting, drainBytesMin } = this.#frames;
    const bytes = this.#outBytes + (bytesWaiting < drainBytesMin ? 0 : bytesWaiting);
    const change = bytes - this.bytesUnread;
    if (change === 0) return;
    if (change < 0 || this.bytesUnread === 0) this.progressAt = performance.now();
    if (bytes === 0 || this.bytesUnread === 0) this.#watch(bytes > 0);
    this.bytesUnread = bytes;
    this.source.bytesUnread = bytes;
    this.#desk.onUnread(change);
  }

  #onDrain(): void {
    this.flush();
    this.#desk.onRead();
    this.#stepSoon();
  }

  /** Healthy clients cost no timer. */
  #watch(isWatched: boolean): void {
    this.#frames.onIdle(isWatched ? sessionLimits.stalledMs : 0, () =>
      this.dismiss('it stopped reading its answers'),
    );
  }

  #forget(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#out.clear();
    this.#outBytes = 0;
    this.#scans = [];
    this.#desk.onUnread(-this.bytesUnread);
    this.bytesUnread = 0;
    this.source.bytesUnread = 0;
    this.#desk.onClosed(this);
  }
}

/** Roughly what a frame will weigh. */
function frameBytes(frame: ServerFrame): number {
  switch (frame.type) {
    case 'entries':
      return frame.entries.reduce((sum, entry) => sum + entryBytes(entry), 64);
    case 'found':
      return 64 + (frame.entry === null ? 0 : entryBytes(frame.entry));
    case 'page':
      return frame.page.entries.reduce((sum, { key }) => sum + 64 + key.length, 64);
    case 'result':
      return 64 + resultBytes(frame.result);
    default:
      return 64;
  }
}

function entryBytes(entry: ScannedEntry): number {
  return 64 + entry.key.length + (entry.value?.length ?? 0) + 8 * entry.owners.length;
}
