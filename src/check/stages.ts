import { startBudget } from './budget.js';
import type { Budget } from './register/operations.js';

export interface StagesOptions {
  /** From now on. */
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  /** Called now and then with what is being done, also in the middle of long work. */
  readonly onProgress?: ((doing: string) => void) | undefined;
}

/** Shares one time limit between the stages of a check, so that one that can't end leaves something to the others. */
export class Stages {
  readonly #options: StagesOptions;
  readonly #deadline: number;

  constructor(options: StagesOptions) {
    this.#options = options;
    this.#deadline = performance.now() + options.timeoutMs;
  }

  /** `share` of what time is left, and all of the memory. */
  begin(doing: string, share = 1): Budget {
    const { memoryBytes, onProgress } = this.#options;
    const left = Math.max(0, this.#deadline - performance.now());
    const budget = startBudget({ timeoutMs: left * share, memoryBytes });
    return {
      spent(usedBytes) {
        onProgress?.(doing);
        return budget.spent(usedBytes);
      },
    };
  }
}
