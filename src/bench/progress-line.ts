import { formatDuration } from '../config/duration.js';
import type { Millis } from '../core/ids.js';
import { LiveLine } from './live-line.js';
import type { BenchPlan } from './plan.js';
import type { BenchProgress, Watch } from './run.js';

/** Over less the rate would jump about, over more it would be old news. */
const windowMs: Millis = 2_000;

/** Shows on standard error how far a bench is. */
export function showProgress(plan: BenchPlan): Watch {
  return (progress) => {
    const line = new ProgressLine(plan, performance.now());
    const describe = (): string => line.describe(progress(), performance.now());
    const live = new LiveLine(process.stderr, { env: process.env, describe });
    return () => live.end();
  };
}

/** Turns what is measured so far into a line such as `4.2 s  42%  12345 done  2941/s  3 errors`. */
export class ProgressLine {
  readonly #plan: BenchPlan;
  readonly #startedAt: Millis;
  #samples: { readonly at: Millis; readonly doneCount: number }[];

  constructor(plan: BenchPlan, now: Millis) {
    this.#plan = plan;
    this.#startedAt = now;
    this.#samples = [{ at: now, doneCount: 0 }];
  }

  describe({ phase, doneCount, errorCount, waitingFor }: BenchProgress, now: Millis): string {
    const elapsedMs = now - this.#startedAt;
    if (phase === 'verify') {
      const waiting = waitingFor.length > 0 ? `, waiting for ${waitingFor.join(', ')}` : '';
      return `${formatDuration(elapsedMs)}  ${doneCount} done  verifying${waiting}`;
    }
    const words = [
      formatDuration(elapsedMs),
      this.#share(elapsedMs, doneCount),
      `${doneCount} done`,
      `${Math.round(this.#rate(now, doneCount))}/s`,
      errorCount === 0 ? '' : `${errorCount} ${errorCount === 1 ? 'error' : 'errors'}`,
    ];
    return words.filter((word) => word !== '').join('  ');
  }

  #share(elapsedMs: Millis, doneCount: number): string {
    const { operationsMax, durationMs } = this.#plan;
    const share = Math.max(doneCount / operationsMax, elapsedMs / durationMs);
    return `${Math.min(100, Math.floor(share * 100))}%`;
  }

  #rate(now: Millis, doneCount: number): number {
    this.#samples.push({ at: now, doneCount });
    // The first is the newest that is old enough.
    while (this.#samples.length > 2 && now - (this.#samples[1]?.at ?? now) >= windowMs) {
      this.#samples.shift();
    }
    const since = this.#samples[0] as { at: Millis; doneCount: number };
    return now === since.at ? 0 : ((doneCount - since.doneCount) * 1000) / (now - since.at);
  }
}
