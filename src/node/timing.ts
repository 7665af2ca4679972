import { setTimeout as delay } from 'node:timers/promises';
import type { Timing } from '../client/endpoint.js';

/** The process's own time and chance. */
export const realTiming: Timing = {
  // `performance` would have Node load eight modules at each start of a command.
  now: () => Number(process.hrtime.bigint()) / 1e6,
  random: Math.random,
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  wait: (begin) => new Promise(begin),
  // It rejects only because the signal was aborted, which is the caller's to look at.
  sleep: (ms, signal) =>
    delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {}),
};
