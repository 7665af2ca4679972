import type { FrameSocket } from '../../node/frame-socket.js';
import {
  type ControlAnswer,
  type ControlFrame,
  controlAnswer,
  controlFrame,
} from './control-frames.js';
import { closeWith, type Guest } from './listener.js';

/** Answers that one connection does not read. */
const bytesWaitingMax = 256 * 1024;

/** Serves a connection to the daemon's control socket, an order at a time. `carryOut` never rejects. */
export function takeOrders(
  frames: FrameSocket,
  items: readonly unknown[],
  carryOut: (frame: ControlFrame) => Promise<ControlAnswer>,
): Guest {
  let isBusy = false;
  const serve = async (frame: ControlFrame): Promise<void> => {
    isBusy = true;
    frames.write([controlAnswer.toWire(await carryOut(frame))]);
    isBusy = false;
  };
  const take = (more: readonly unknown[]): void => {
    for (const item of more) {
      const frame = controlFrame.fromWire(item);
      if (isBusy) return closeWith(frames, 'one order at a time');
      if (frames.bytesWaiting > bytesWaitingMax) {
        return closeWith(frames, 'it does not read its answers');
      }
      void serve(frame);
    }
  };
  const dismiss = (reason: string): void => closeWith(frames, reason);
  frames.handlers = { onItems: take, onBroken: dismiss, onClosed: () => {} };
  take(items);
  return {
    get isIdle() {
      return !isBusy;
    },
    dismiss,
  };
}
