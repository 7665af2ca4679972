import type { Millis } from '../core/ids.js';
import type { Operation } from '../core/operation.js';
import type { ErrorResult } from '../core/results.js';

/**
 * What to do after an attempt: it is `final`; or the operation is worth another try, `anew` as another command, because
 * it surely did not happen, or `again` as the same command through another node, because it may have.
 */
type Verdict = 'final' | 'anew' | 'again';

/** Which failures are followed by another attempt: none, those after which one is safe, or all that may go away. */
export type Retry = 'never' | 'safe' | 'always';

/** First pause before another attempt; it doubles, jittered, up to the longest. */
const pauseMsMin: Millis = 4;
const pauseMsMax: Millis = 250;

/** A node that hangs must leave time to ask others; and what has too little time could only put all in doubt. */
const shareOfTime = 4;
const leastShareOfTime = 10;
const shareMsMin: Millis = 250;
const shareMsMax: Millis = 5_000;

/** Of an operation's time, what one attempt may take where others can follow it. */
export function shareOf(timeoutMs: Millis): Millis {
  return Math.min(Math.max(timeoutMs / shareOfTime, shareMsMin), shareMsMax);
}

/**
 * The attempts at one operation: when another is safe, and what all of them together have come to.
 *
 * - A definite `conflict` is tried again in every mode.
 * - Where a command that comes again is not executed again (the mode promises *exactly once*), so is what failed
 *   because of one node: the next may know what has become of it. Elsewhere it might happen twice.
 * - Once an attempt may have taken effect, no later one can make it surely not have.
 */
export class Attempts {
  readonly #exactlyOnce: boolean;
  readonly #retry: Retry;
  readonly #changes: boolean;
  /** The first attempt that may have taken effect. */
  #doubt: ErrorResult | null = null;
  #count = 0;

  constructor(operation: Operation, exactlyOnce: boolean, retry: Retry) {
    this.#exactlyOnce = exactlyOnce;
    this.#retry = retry;
    this.#changes = operation.type !== 'get';
  }

  /** `reached`: whether there was a node to ask. */
  judge(result: ErrorResult, reached: boolean): Verdict {
    this.#count += 1;
    if (!result.definite && this.#changes) this.#doubt ??= result;
    if (this.#retry === 'never') return 'final';
    const verdict = this.#verdictOn(result, reached);
    const mayGoAway = result.code !== 'bad-request' && result.code !== 'bug';
    return verdict === 'final' && mayGoAway && this.#retry === 'always' ? 'again' : verdict;
  }

  #verdictOn(result: ErrorResult, reached: boolean): Verdict {
    switch (result.code) {
      case 'conflict':
        if (!result.definite) return 'final';
        return this.#doubt === null ? 'anew' : 'again';
      case 'timeout':
      case 'disconnected':
        return this.#exactlyOnce ? 'again' : 'final';
      case 'unavailable':
        // When nobody is there and nothing was sent, it is no use to wait.
        return this.#exactlyOnce && (reached || this.#doubt !== null) ? 'again' : 'final';
      case 'overloaded':
        return this.#exactlyOnce && this.#doubt !== null ? 'again' : 'final';
      default:
        return 'final';
    }
  }

  /** Whether another attempt is worth beginning. */
  hasTime(leftMs: Millis, timeoutMs: Millis): boolean {
    return leftMs > Math.min(timeoutMs / leastShareOfTime, shareMsMin);
  }

  /** How long to wait before the next attempt. `random` is from 0 to 1. */
  pauseMs(random: number): Millis {
    return Math.min(pauseMsMin * 2 ** (this.#count - 1), pauseMsMax) * (0.5 + random);
  }

  /**
   * The last attempt's result as the whole operation's: a failure that surely had no effect says nothing of an earlier
   * one that may have had, and is what the user has to hear about.
   */
  conclude(result: ErrorResult): ErrorResult {
    return result.definite ? (this.#doubt ?? result) : result;
  }
}
