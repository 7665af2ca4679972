import { performance } from 'node:perf_hooks';
import type { Clock } from './ports.js';

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallClock: () => Date.now(),
  at(deadline, run) {
    // Node's timers count whole milliseconds and may fire up to one early.
    const timer = setTimeout(run, Math.max(0, Math.ceil(deadline - performance.now()) + 1));
    return () => clearTimeout(timer);
  },
  soon(run) {
    setImmediate(run);
  },
};
