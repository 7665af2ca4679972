/** How far a bench is. */
import { formatDuration } from '../config/duration.js';
import type { Millis } from '../core/ids.js';
import { LiveLine } from '../render/live-line.js';
import type { BenchPlan } from './plan.js';
import type { BenchProgress, Watch } from './run.js';

/** Over less the rate would jump about, over more it would be old news. */
const windowMs: Millis = 2_000;

/** Shows on standard error how far a bench is. */
export function showProgress(plan: BenchPlan): Watch {
  return (progress) => {
    const describe = progressLine(plan, performance.now());
    const live = new LiveLine(() => describe(progress(), performance.now())).start();
    return () => live.end();
  };
}

/** Turns what is measured so far into a line such as `4.2 s  42%  12345 done  2941/s  3 errors`. */
export function progressLine(
  { operationsMax, durationMs, fills, warmUpMs }: BenchPlan,
  startedAt: Millis,
) {
  let beganAt = startedAt;
  const samples = [{ at: startedAt, doneCount: 0 }];
  const rateOf = (now: Millis, doneCount: number): number => {
    samples.push({ at: now, doneCount });
    // The first is the newest that is old enough.
    while (samples.length > 2 && now - (samples[1]?.at ?? now) >= windowMs) samples.shift();
    const [since = { at: now, doneCount }] = samples;
    return now === since.at ? 0 : ((doneCount - since.doneCount) * 1000) / (now - since.at);
  };
  return (progress: BenchProgress, now: Millis): string => {
    const { phase, doneCount, errorCount, waitingFor } = progress;
    const took = formatDuration(now - startedAt);
    if (phase === 'prepare') {
      beganAt = now;
      return `${took}  ${fills ? 'filling' : warmUpMs > 0 ? 'warming up' : 'connecting'}`;
    }
    if (phase === 'verify') {
      const waiting = waitingFor.length > 0 ? `, waiting for ${waitingFor.join(', ')}` : '';
      return `${took}  ${doneCount} done  verifying${waiting}`;
    }
    const share = Math.min(1, Math.max(doneCount / operationsMax, (now - beganAt) / durationMs));
    const rate = Math.round(rateOf(now, doneCount));
    const errors =
      errorCount === 0 ? '' : `  ${errorCount} ${errorCount === 1 ? 'error' : 'errors'}`;
    return `${took}  ${Math.floor(share * 100)}%  ${doneCount} done  ${rate}/s${errors}`;
  };
}
