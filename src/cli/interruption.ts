import { setMaxListeners } from 'node:events';
import { interrupted, KvxError } from '../core/errors.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How long work may go on cleaning up after the user has interrupted it. */
const cleanupMsMax = 15_000;

/**
 * Ctrl-C and its relatives, once: a second one ends the process the hard way, as the system would. The same when there
 * is nothing left that could end the work: Node would leave it where it waits, and call that success.
 */
export class Interruption {
  readonly #controller = new AbortController();
  #isStuck = false;
  readonly #onSignal = (): void => {
    this.end();
    this.#controller.abort();
  };
  readonly #onEmpty = (): void => {
    this.#isStuck = true;
    this.#onSignal();
  };

  constructor() {
    for (const signal of signals) process.on(signal, this.#onSignal);
    process.on('beforeExit', this.#onEmpty);
    // Whatever waits listens.
    setMaxListeners(0, this.#controller.signal);
  }

  /**
   * What `work` comes to. When interrupted: waits for `work` to clean up (it may take long only if it looks at its
   * signal), then throws `interrupted`, as definite as the error that `work` ended with, and with what that says is
   * to be done about it; or a `bug` when nothing was left to wait for.
   */
  async guard<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#controller;
    const working = work(signal);
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('interrupted')), { once: true });
    });
    aborted.catch(() => {});
    try {
      return await Promise.race([working, aborted]);
    } catch (error) {
      if (!signal.aborted) throw error;
      const last = await failureWithin(working, cleanupMsMax, !this.#isStuck);
      if (this.#isStuck) throw unfinished();
      if (!(last instanceof KvxError)) throw interrupted(false);
      throw interrupted(last.definite, last.definite ? undefined : last.hint);
    }
  }

  end(): void {
    for (const signal of signals) process.off(signal, this.#onSignal);
    process.off('beforeExit', this.#onEmpty);
  }
}

/** Of a command whose end nothing can bring about any more. */
export const unfinished = (): KvxError =>
  new KvxError('kvx has a bug: nothing is left to wait for, and the command is not done', {
    code: 'bug',
    definite: false,
  });

/** The error that `working` ends with; `undefined` when it ends well, or not in time. `waits`: also for what never ends. */
async function failureWithin(
  working: Promise<unknown>,
  ms: number,
  waits: boolean,
): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
    if (!waits) timer.unref();
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
