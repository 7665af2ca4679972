import { performance } from 'node:perf_hooks';
import { timerMsMax } from '../core/limits.js';
import type { Clock } from '../runtime/ports.js';

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
