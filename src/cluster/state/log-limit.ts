import type { Millis } from '../../core/ids.js';
import { systemClock } from '../../node/clock.js';

export const logRate = { linesMax: 20, windowMs: 10_000 } as const;

/**
 * Writes at most so many lines in each window of time, and how many it left out: what strangers can cause as often as they
 * like must not push everything else out of the log.
 */
export function limited(
  write: (event: string) => void,
  now: () => Millis = systemClock.now,
): (event: string) => void {
  let windowEnds = Number.NEGATIVE_INFINITY;
  let lines = 0;
  let leftOut = 0;
  return (event) => {
    const at = now();
    if (at >= windowEnds) {
      if (leftOut > 0) write(`left out ${leftOut} more such lines`);
      windowEnds = at + logRate.windowMs;
      lines = 0;
      leftOut = 0;
    }
    if (lines < logRate.linesMax) write(event);
    else leftOut++;
    lines++;
  };
}
