import { performance } from 'node:perf_hooks';

/** Tells how busy this thread's event loop was since it was asked before, from 0 to 1. */
export function busyShareOf(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
