import type { OperationSink } from '../client/pending-operation.js';
import type { Key } from '../core/key.js';
import type { ErrorResult } from '../core/results.js';
import type { RespClient } from './command.js';

/** Keys read one by one, at the client's level, each as it is at some moment of its own. */
export class SeparateReads {
  readonly found = new Map<Key, Uint8Array | null>();
  /** The first that failed. */
  failure: ErrorResult | null = null;
  #left: number;
  readonly #done: (reads: SeparateReads) => void;

  /** `done` is called once, perhaps before this returns. */
  static begin(
    { client, level, session }: RespClient,
    keys: ReadonlySet<Key>,
    done: (reads: SeparateReads) => void,
  ): void {
    const reads = new SeparateReads(keys.size, done);
    for (const key of keys) {
      client.submit({ type: 'get', key }, { level, session }, toReads, { reads, key });
    }
  }

  private constructor(count: number, done: (reads: SeparateReads) => void) {
    this.#left = count;
    this.#done = done;
  }

  settled(key: Key, value: Uint8Array | null, failure: ErrorResult | null): void {
    this.found.set(key, value);
    this.failure ??= failure;
    this.#left -= 1;
    if (this.#left === 0) this.#done(this);
  }
}

const toReads: OperationSink<{ readonly reads: SeparateReads; readonly key: Key }> = {
  settled({ reads, key }, result) {
    const value = result.type === 'value' ? result.value : null;
    reads.settled(key, value, result.type === 'error' ? result : null);
  },
};
