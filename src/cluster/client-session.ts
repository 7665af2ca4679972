import {
  type ScannedEntry,
  type ServerFrame,
  serverFrame,
} from '../runtime/links/client-frames.js';
import type { FrameSocket } from '../runtime/links/frame-socket.js';
import { closeWith, type Guest } from './front-door.js';

export const sessionLimits = {
  /** Requests under way for one client; past it nothing more is read from it until some are answered. */
  requestsMax: 4096,
  /** Answers waiting for a client that does not read: past the first nothing more is read from it… */
  bytesWaitingPause: 1024 * 1024,
  /** …past the second, or when it reads nothing for so long, it is let go. */
  bytesWaitingMax: 64 * 1024 * 1024,
  stalledMs: 30_000,
  /** One slice of a scan, and what may gather before a frame is made of it. */
  sliceBytes: 256 * 1024,
  /** Scans waiting behind the one under way. */
  scansMax: 16,
} as const;

export interface SessionHandlers {
  readonly onItems: (items: readonly unknown[]) => void;
  /** Something waits for `flush`. */
  readonly onUnflushed: () => void;
  readonly log: (event: string) => void;
}

interface Scan {
  readonly id: number;
  readonly entries: Iterator<ScannedEntry>;
}

/** One client's connection: gathers answers into frames, and never lets a client that does not read use up memory. */
export class ClientSession implements Guest {
  readonly #frames: FrameSocket;
  readonly #setup: SessionHandlers;
  #out: unknown[] = [];
  #outBytes = 0;
  #requests = 0;
  #scans: Scan[] = [];
  #stepScheduled = false;
  #reading = true;
  #open = true;

  constructor(frames: FrameSocket, setup: SessionHandlers) {
    this.#frames = frames;
    this.#setup = setup;
    frames.handlers = {
      onItems: setup.onItems,
      onBroken: (reason) => this.#close(reason),
      onClosed: () => this.#forget(),
    };
    frames.onDrain(() => this.#onDrain());
    frames.onIdle(sessionLimits.stalledMs, () => this.#onIdle());
  }

  push(frame: ServerFrame): void {
    if (!this.#open) return;
    this.#out.push(serverFrame.toWire(frame));
    this.#outBytes += frameBytes(frame);
    if (this.#outBytes >= sessionLimits.sliceBytes) this.flush();
    else if (this.#out.length === 1) this.#setup.onUnflushed();
  }

  flush(): void {
    if (!this.#open || this.#out.length === 0) return;
    const items = this.#out;
    this.#out = [];
    this.#outBytes = 0;
    this.#frames.write(items);
    if (this.#frames.bytesWaiting > sessionLimits.bytesWaitingMax) {
      this.#close('it does not read its answers');
    } else {
      this.#regulate();
    }
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get isIdle(): boolean {
    return this.#requests === 0 && this.#scans.length === 0 && this.#frames.bytesWaiting === 0;
  }

  dismiss(reason: string): void {
    this.#close(reason);
  }

  /** A request of this client is under way. */
  asked(): void {
    this.#requests++;
    this.#regulate();
  }

  answered(): void {
    this.#requests--;
    this.#regulate();
  }

  /** Streams entries, slice by slice, as fast as the client reads. */
  scan(id: number, entries: Iterator<ScannedEntry>): void {
    if (this.#scans.length >= sessionLimits.scansMax) {
      this.#close('too many scans at once');
      return;
    }
    this.#scans.push({ id, entries });
    this.#stepSoon();
  }

  #stepScan(): void {
    const scan = this.#scans[0];
    if (!this.#open || scan === undefined || this.#isBacklogged) return;
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
    this.#stepSoon();
  }

  /** Turns of the node come between two slices. */
  #stepSoon(): void {
    if (this.#stepScheduled || this.#scans.length === 0) return;
    this.#stepScheduled = true;
    setImmediate(() => {
      this.#stepScheduled = false;
      this.#stepScan();
    });
  }

  get #isBacklogged(): boolean {
    return this.#frames.bytesWaiting > sessionLimits.bytesWaitingPause;
  }

  #regulate(): void {
    const reading = !this.#isBacklogged && this.#requests < sessionLimits.requestsMax;
    if (reading === this.#reading) return;
    this.#reading = reading;
    if (reading) this.#frames.readOn();
    else this.#frames.stopReading();
  }

  #onDrain(): void {
    this.#regulate();
    this.#stepSoon();
  }

  #onIdle(): void {
    if (this.#frames.bytesWaiting > 0) this.#close('it stopped reading its answers');
    else this.#frames.onIdle(sessionLimits.stalledMs, () => this.#onIdle());
  }

  #close(reason: string): void {
    if (!this.#open) return;
    this.#setup.log(`client closed: ${reason}`);
    this.#forget();
    closeWith(this.#frames, reason);
  }

  #forget(): void {
    this.#open = false;
    this.#out = [];
    this.#scans = [];
  }
}

/** Roughly what a frame will weigh. */
function frameBytes(frame: ServerFrame): number {
  if (frame.type === 'entries') {
    return frame.entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  }
  if (frame.type !== 'result') return 64;
  const { result } = frame;
  if (result.type === 'value') return 64 + (result.value?.length ?? 0);
  if (result.type === 'refused') return 64 + (result.actual?.length ?? 0);
  if (result.type === 'committed') {
    return result.values.reduce((sum, value) => sum + 16 + (value?.length ?? 0), 64);
  }
  return 64;
}

function entryBytes(entry: ScannedEntry): number {
  return 64 + entry.key.length + (entry.value?.length ?? 0) + 8 * entry.owners.length;
}
