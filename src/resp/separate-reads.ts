import type { OperationSink } from '../client/pending-operation.js';
import type { Key } from '../core/key.js';
import { transactionLimits } from '../core/limits.js';
import { badRequest, type ErrorResult } from '../core/results.js';
import type { RespClient } from './command.js';

/** What is asked at a time, so that one command does not crowd out other clients. */
const atOnceMax = 64;

/** Keys read one by one, at the client's level, each as it is at some moment of its own; no more than transactions read. */
export class SeparateReads {
  readonly found = new Map<Key, Uint8Array | null>();
  /** The first that failed: then some are not read at all. */
  failure: ErrorResult | null = null;
  readonly #client: RespClient;
  readonly #keys: readonly Key[];
  readonly #done: (reads: SeparateReads) => void;
  #asked = 0;
  #underWay = 0;
  #bytes = 0;
  #isDone = false;

  /** `done` is called once, perhaps before this returns. */
  static begin(
    client: RespClient,
    keys: ReadonlySet<Key>,
    done: (reads: SeparateReads) => void,
  ): void {
    const reads = new SeparateReads(client, [...keys], done);
    if (keys.size > transactionLimits.stepsMax) reads.failure = tooMuchRead;
    reads.#askMore();
  }

  private constructor(
    client: RespClient,
    keys: readonly Key[],
    done: (reads: SeparateReads) => void,
  ) {
    this.#client = client;
    this.#keys = keys;
    this.#done = done;
  }

  settled(key: Key, value: Uint8Array | null, failure: ErrorResult | null): void {
    this.#underWay -= 1;
    this.found.set(key, value);
    this.#bytes += value?.length ?? 0;
    this.failure ??= this.#bytes > transactionLimits.readBytesMax ? tooMuchRead : failure;
    this.#askMore();
  }

  #askMore(): void {
    const { client, level, session } = this.#client;
    const mayAsk = () => this.failure === null && this.#asked < this.#keys.length;
    while (mayAsk() && this.#underWay < atOnceMax) {
      const key = this.#keys[this.#asked++] as Key;
      this.#underWay += 1;
      client.submit({ type: 'get', key }, { level, session }, toReads, { reads: this, key });
    }
    if (this.#isDone || this.#underWay > 0 || mayAsk()) return;
    this.#isDone = true;
    this.#done(this);
  }
}

const { stepsMax, readBytesMax } = transactionLimits;
export const tooMuchRead = badRequest(
  `at most ${stepsMax} keys and ${readBytesMax} bytes are read at a time`,
);

const toReads: OperationSink<{ readonly reads: SeparateReads; readonly key: Key }> = {
  settled({ reads, key }, result) {
    const value = result.type === 'value' ? result.value : null;
    reads.settled(key, value, result.type === 'error' ? result : null);
  },
};
