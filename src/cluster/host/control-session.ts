import type { FrameSocket } from '../../node/frame-socket.js';
import type { FrameItems } from '../../runtime/links/frames.js';
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
  items: FrameItems,
  carryOut: (frame: ControlFrame) => Promise<ControlAnswer>,
): Guest {
  let isBusy = false;
  const serve = async (frame: ControlFrame): Promise<void> => {
    isBusy = true;
    frames.write(controlAnswer, [await carryOut(frame)]);
    isBusy = false;
  };
  const take = (more: FrameItems): void => {
    for (const frame of more.rest(controlFrame)) {
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
