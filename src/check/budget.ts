export type UnknownReason = 'time limit' | 'memory limit' | 'work limit' | InnerLimit;

/** Limits that are not the user's: their names say that more of the user's does not help. */
export const innerLimits = {
  core: 'limit of making evidence smaller, inside kvx; more --timeout does not help',
  table: 'limit of 4 GiB in one table, inside kvx; more --memory does not help',
} as const;
export type InnerLimit = (typeof innerLimits)[keyof typeof innerLimits];

/** What one typed array may hold, about. */
export const tableBytesMax = 2 ** 32;

/** What a search may use up; engines ask now and then, and end as `unknown`. */
export interface Budget {
  /** `null` while there is some left. `usedBytes`: about what the caller's tables hold. */
  spent(usedBytes: number): UnknownReason | null;
}

/** One budget for all that is done in turn: what can't end leaves something to the others. */
export interface Stages {
  /** `doing`: in words. `share`: of what is left. */
  begin(doing: string, share?: number): Budget;
}

interface TimedLimits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** Called now and then with what is being done, also in the middle of long work. */
  readonly onProgress?: ((doing: string) => void) | undefined;
}

/** Shares the time from now on; each stage may have all of the memory. */
export function timedStages({ timeoutMs, memoryBytes, now, onProgress }: TimedLimits): Stages {
  const end = now() + timeoutMs;
  return {
    begin(doing, share = 1) {
      const began = now();
      const deadline = began + Math.max(0, end - began) * share;
      return {
        spent(usedBytes) {
          onProgress?.(doing);
          if (usedBytes > memoryBytes) return 'memory limit';
          return now() > deadline ? 'time limit' : null;
        },
      };
    },
  };
}

/** Shares so many questions: without a clock the same history has the same verdict on every machine. */
export function countedStages(questions: number, memoryBytes: number): Stages {
  let left = questions;
  return {
    begin(_doing, share = 1) {
      let own = Math.ceil(left * share);
      return {
        spent(usedBytes) {
          if (usedBytes > memoryBytes) return 'memory limit';
          left--;
          return --own < 0 ? 'work limit' : null;
        },
      };
    },
  };
}

/** Thrown in the middle of long work, and caught where a verdict is said: it is not known. */
export class Undecided extends Error {
  readonly why: string;

  constructor(why: string) {
    super(why);
    this.why = why;
  }
}

/** Throws {@link Undecided} when nothing is left. */
export function askBudget(budget: Budget, usedBytes = 0): void {
  const why = budget.spent(usedBytes);
  if (why !== null) throw new Undecided(why);
}

export type StepWatch = (steps: number) => void;

const stepsUnwatched = 1 << 14;

/** To be told of so many steps of work; now and then it {@link askBudget}s. */
export function watchOf(budget: Budget): StepWatch {
  let steps = 0;
  return (more) => {
    steps += more;
    if (steps < stepsUnwatched) return;
    steps = 0;
    askBudget(budget);
  };
}

export const unlimited: Budget = { spent: () => null };

/**
 * What is left of `budget`, and no more than so many questions: for what is worth some work but not all, such as making
 * the evidence of a violation smaller. Every engine asks after a bounded amount of work. No verdict may depend on it.
 */
export function atMost(questions: number, budget: Budget): Budget {
  let asked = 0;
  return {
    spent(usedBytes): UnknownReason | null {
      return ++asked > questions ? innerLimits.core : budget.spent(usedBytes);
    },
  };
}
