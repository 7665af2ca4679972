import { performance } from 'node:perf_hooks';
import type { Clock } from './ports.js';

/** Node fires a timer at once that is set for longer. */
const timerMsMax = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallClock: () => Date.now(),
  at(deadline, run) {
    let timer: NodeJS.Timeout;
    const arm = () => {
      // Node's timers count whole milliseconds and may fire up to one early.
      const leftMs = Math.max(0, Math.ceil(deadline - performance.now()) + 1);
      timer = leftMs > timerMsMax ? setTimeout(arm, timerMsMax) : setTimeout(run, leftMs);
    };
    arm();
    return () => clearTimeout(timer);
  },
  soon(run) {
    setImmediate(run);
  },
};
