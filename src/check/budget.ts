import type { Budget, UnknownReason } from './register/operations.js';

export interface Limits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
}

/** Runs out `timeoutMs` after now, and whenever the asker's tables hold more than `memoryBytes`. */
export function startBudget(limits: Limits, now: () => number = () => performance.now()): Budget {
  const deadline = now() + limits.timeoutMs;
  return {
    spent(usedBytes) {
      if (usedBytes > limits.memoryBytes) return 'memory limit';
      return now() > deadline ? 'time limit' : null;
    },
  };
}

export const unlimited: Budget = { spent: () => null };

/**
 * What is left of `budget`, and no more than so many questions: for what is worth some work but not all, such as making
 * the evidence of a violation smaller. Every engine asks after a bounded amount of work.
 */
export function atMost(questions: number, budget: Budget): Budget {
  let asked = 0;
  return {
    spent(usedBytes): UnknownReason | null {
      return ++asked > questions ? 'time limit' : budget.spent(usedBytes);
    },
  };
}
