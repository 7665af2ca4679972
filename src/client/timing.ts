import { setTimeout as delay } from 'node:timers/promises';
import type { Timing } from './endpoint.js';

/** The process's own time and chance. */
export const realTiming: Timing = {
  now: () => performance.now(),
  // It rejects only because the signal was aborted, which is the caller's to look at.
  sleep: (ms, signal) =>
    delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {}),
  random: Math.random,
};
