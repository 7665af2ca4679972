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
      const leftMs = Math.floor(deadline - performance.now());
      timer = setTimeout(ring, Math.min(Math.max(0, leftMs), timerMsMax));
    };
    // Node's timers count whole milliseconds, and may fire up to one early or late: two short waits come closer than one.
    const ring = () => (performance.now() < deadline ? arm() : run());
    arm();
    return () => clearTimeout(timer);
  },
  soon(run) {
    setImmediate(run);
  },
};
