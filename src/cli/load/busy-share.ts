import { performance } from 'node:perf_hooks';

/**
 * Tells how busy this thread was since it was asked before, at most, from 0 to 1. Its event loop looks busy, too, while it waits
 * for a processor; but then the process has used little of one.
 */
export function busyShareOf(): () => number {
  const look = () => ({
    loop: performance.eventLoopUtilization(),
    used: process.cpuUsage(),
    at: performance.now(),
  });
  let before = look();
  return () => {
    const now = look();
    const { utilization } = performance.eventLoopUtilization(now.loop, before.loop);
    const microseconds = now.used.user + now.used.system - before.used.user - before.used.system;
    const usedShare = microseconds / 1000 / Math.max(1, now.at - before.at);
    before = now;
    return Math.min(utilization, usedShare);
  };
}
