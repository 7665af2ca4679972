import type { FrameSocket } from '../../node/frame-socket.js';
import {
  type ControlAnswer,
  type ControlFrame,
  controlAnswer,
  controlFrame,
} from './control-frames.js';
import { closeWith, type Guest } from './listener.js';

export const controlLimits = {
  /** Orders of one connection that wait for their turn. */
  waitingMax: 16,
  /** Answers that it does not read. */
  bytesWaitingMax: 256 * 1024,
} as const;

/** One connection to the daemon's control socket: its orders are carried out one by one. */
export class ControlSession implements Guest {
  readonly #frames: FrameSocket;
  readonly #carryOut: (frame: ControlFrame) => Promise<ControlAnswer>;
  readonly #waiting: ControlFrame[] = [];
  #busy = false;
  #open = true;

  /** `carryOut` never rejects. */
  constructor(
    frames: FrameSocket,
    items: readonly unknown[],
    carryOut: (frame: ControlFrame) => Promise<ControlAnswer>,
  ) {
    this.#frames = frames;
    this.#carryOut = carryOut;
    frames.handlers = {
      onItems: (more) => this.#take(more),
      onBroken: (reason) => this.dismiss(reason),
      onClosed: () => this.#forget(),
    };
    this.#take(items);
  }

  get isIdle(): boolean {
    return !this.#busy;
  }

  dismiss(reason: string): void {
    if (!this.#open) return;
    this.#forget();
    closeWith(this.#frames, reason);
  }

  #forget(): void {
    this.#open = false;
    this.#waiting.length = 0;
  }

  #take(items: readonly unknown[]): void {
    for (const item of items) {
      if (!this.#open) return;
      const frame = controlFrame.fromWire(item);
      if (this.#waiting.length >= controlLimits.waitingMax) this.dismiss('too many orders at once');
      else this.#waiting.push(frame);
    }
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let frame = this.#waiting.shift(); frame !== undefined; frame = this.#waiting.shift()) {
      const answer = await this.#carryOut(frame);
      if (!this.#open) break;
      this.#frames.write([controlAnswer.toWire(answer)]);
      if (this.#frames.bytesWaiting > controlLimits.bytesWaitingMax) {
        this.dismiss('it does not read its answers');
      }
    }
    this.#busy = false;
  }
}
