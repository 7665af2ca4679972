import { KvxError } from '../core/errors.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How long work may go on cleaning up after the user has interrupted it. */
const cleanupMsMax = 15_000;

/** Ctrl-C and its relatives, once: a second one ends the process the hard way, as the system would. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #onSignal = (): void => {
    this.end();
    this.#controller.abort();
  };

  constructor() {
    for (const signal of signals) process.on(signal, this.#onSignal);
  }

  /**
   * What `work` comes to. When interrupted: waits for `work` to clean up (it may take long only if it looks at its
   * signal), then throws `interrupted`, as definite as the error that `work` ended with.
   */
  async guard<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#controller;
    const working = work(signal);
    const interrupted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('interrupted')), { once: true });
    });
    interrupted.catch(() => {});
    try {
      return await Promise.race([working, interrupted]);
    } catch (error) {
      if (!signal.aborted) throw error;
      const last = await failureWithin(working, cleanupMsMax);
      const definite = last instanceof KvxError && last.definite;
      throw new KvxError('interrupted', { code: 'interrupted', definite });
    }
  }

  end(): void {
    for (const signal of signals) process.off(signal, this.#onSignal);
  }
}

/** The error that `working` ends with; `undefined` when it ends well, or not in time. */
async function failureWithin(working: Promise<unknown>, ms: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  const failure = working.then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    return await Promise.race([failure, late]);
  } finally {
    clearTimeout(timer);
  }
}
