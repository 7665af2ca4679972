/**
 * Commands that read before they write, done optimistically (Kung & Robinson, On Optimistic Methods for Concurrency
 * Control, TODS 1981): read what they look at, apply them to it, and write only if all that was read is still there;
 * otherwise once more with what is there now.
 *
 *     apply ──► looked at what was not read? ──► read all of it ──► apply again
 *       ▲  └──► nothing to write: said, if what was read was so at one moment
 *       │  └──► write, if what was read is still there ──► done: said
 *       └── pause ◄── refused: it has changed ◄──┘  └──► failed: UNAVAIL, or UNKNOWN as it may have happened
 *
 * One key: `get` and `cas`. Several: one `txn` of gets, and one of checks and writes. Only a write that was surely refused is
 * followed by another, so nothing is applied twice. Values are compared, not versions: what was changed and changed back
 * counts as unchanged, which makes no difference to what commands say and write.
 */
import { timeoutMsDefault } from '../client/client.js';
import type { Timing } from '../client/endpoint.js';
import type { OperationOptions, OperationSink } from '../client/pending-operation.js';
import type { Millis } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ClientResult, DataOperation, TransactionStep } from '../core/operation.js';
import { type ErrorResult, sameBytes } from '../core/results.js';
import { CommandError, type RespClient, type Values } from './command.js';
import { replyToFailedRead, replyToResult } from './failures.js';
import { Overlay } from './overlay.js';
import { errorReply, type RespReply } from './replies.js';

/** First pause after a second refusal; it doubles, jittered, up to the longest. */
const pauseMsMin: Millis = 1;
const pauseMsMax: Millis = 64;

const noValues: ReadonlyMap<Key, Uint8Array | null> = new Map();
const noArray: RespReply = { type: 'no array' };

/** What is to be done, and who is told. */
export interface OptimisticTask {
  /** For errors: the command's name. */
  readonly name: string;
  /** What is said if the values are these. Called again with others. Throws {@link CommandError}. */
  apply(values: Values): RespReply;
  /** Called once. */
  end(reply: RespReply): void;
}

/** Who asks, and how: a RESP client is one. */
export type OptimisticClient = Pick<RespClient, 'client' | 'level' | 'session'> & {
  readonly node: { readonly timing: Timing };
};

/** What writes is no weaker than that, whatever its client reads at. */
export const atLinearizable = ({ client, session, node }: RespClient): OptimisticClient => ({
  ...{ client, session, node },
  level: 'linearizable',
});

export interface OptimisticOptions {
  /** If one of these differs nothing is done. */
  readonly watched?: ReadonlyMap<Key, Uint8Array | null>;
  /** What may be there; it need not be read before a write finds out. */
  readonly found?: ReadonlyMap<Key, Uint8Array | null>;
  readonly deadline?: Millis;
}

type Phase = 'reading' | 'writing';

const toRun: OperationSink<OptimisticRun> = {
  settled: (run, result) => run.settled(result),
};

export class OptimisticRun {
  readonly #asker: OptimisticClient;
  readonly #task: OptimisticTask;
  readonly #watched: ReadonlyMap<Key, Uint8Array | null>;
  readonly #deadline: Millis;
  /** What was read last. */
  #read: Map<Key, Uint8Array | null>;
  /** All of it was there at one moment. */
  #isOfOneMoment: boolean;
  #phase: Phase = 'reading';
  #keys: readonly Key[] = [];
  #reply: RespReply = noArray;
  #refusals = 0;

  constructor(asker: OptimisticClient, task: OptimisticTask, options: OptimisticOptions = {}) {
    const { watched = noValues, found = watched } = options;
    this.#asker = asker;
    this.#task = task;
    this.#watched = watched;
    this.#read = new Map(found);
    this.#isOfOneMoment = found.size === 0;
    this.#deadline = options.deadline ?? asker.node.timing.now() + timeoutMsDefault;
  }

  begin(): void {
    const overlay = new Overlay(this.#read);
    try {
      this.#reply = this.#task.apply(overlay);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.#reply = errorReply(error.message);
    }
    const { missing, writes } = overlay;
    if (missing.size > 0) this.#readAlso(missing);
    else if (writes.size > 0) this.#write(overlay);
    else if (this.#isOfOneMoment) this.#task.end(this.#reply);
    else this.#readAlso(missing);
  }

  settled(result: ClientResult): void {
    if (result.type === 'error') return this.#failed(result);
    if (this.#phase === 'reading') return this.#found(result);
    if (result.type === 'refused') return this.#refused(result);
    this.#task.end(this.#reply);
  }

  #readAlso(missing: ReadonlySet<Key>): void {
    this.#phase = 'reading';
    this.#keys = [...this.#read.keys(), ...missing];
    const [key] = this.#keys;
    const isOne = this.#keys.length === 1;
    if (isOne) this.#ask({ type: 'get', key: key as Key });
    else this.#ask({ type: 'txn', steps: this.#keys.map((each) => ({ type: 'get', key: each })) });
  }

  #found(result: ClientResult): void {
    if (result.type === 'value') this.#read = new Map([[this.#keys[0] as Key, result.value]]);
    else if (result.type === 'committed') {
      this.#read = new Map(this.#keys.map((key, at) => [key, result.values[at] ?? null]));
    }
    this.#isOfOneMoment = true;
    for (const [key, value] of this.#watched) {
      if (!sameBytes(this.#read.get(key) ?? null, value)) return this.#task.end(noArray);
    }
    this.begin();
  }

  #write({ writes, looked }: Overlay): void {
    this.#phase = 'writing';
    const checked = [...this.#read].filter(([key]) => looked.has(key) || this.#watched.has(key));
    const checks = new Map(checked);
    this.#ask(singleWrite(writes, checks) ?? { type: 'txn', steps: steps(writes, checks) });
  }

  #refused({ actual }: Extract<ClientResult, { type: 'refused' }>): void {
    const { timing } = this.#asker.node;
    this.#refusals += 1;
    if (timing.now() >= this.#deadline) return this.#task.end(this.#contended());
    const [key] = this.#read.keys();
    const isKnown = this.#read.size === 1 && this.#watched.size === 0;
    if (isKnown) {
      this.#read.set(key as Key, actual);
      this.#isOfOneMoment = true;
    }
    const again = (): void => (isKnown ? this.begin() : this.#readAlso(new Set()));
    if (this.#refusals === 1) return again();
    const most = Math.min(pauseMsMin * 2 ** (this.#refusals - 2), pauseMsMax);
    timing.after(most * (0.5 + timing.random()), again);
  }

  #failed(result: ErrorResult): void {
    this.#task.end(this.#phase === 'reading' ? replyToFailedRead(result) : replyToResult(result));
  }

  #contended(): RespReply {
    const { name } = this.#task;
    return errorReply(`UNAVAIL ${name} wrote nothing: others were first ${this.#refusals} times`);
  }

  #ask(operation: DataOperation): void {
    const { client, level, session, node } = this.#asker;
    const timeoutMs = Math.max(1, this.#deadline - node.timing.now());
    const options: OperationOptions = { level, session, timeoutMs };
    client.submit(operation, options, toRun, this);
  }
}

/** One operation that writes all of it if what was read is still there; `null` when that takes a transaction. */
function singleWrite(
  writes: ReadonlyMap<Key, Uint8Array | null>,
  read: ReadonlyMap<Key, Uint8Array | null>,
): DataOperation | null {
  const [first] = writes;
  if (first === undefined || writes.size > 1) return null;
  const [key, value] = first;
  const expected = read.get(key);
  if (read.size > (expected === undefined ? 0 : 1)) return null;
  if (expected !== undefined) return { type: 'cas', key, expected, value };
  return value === null ? { type: 'delete', key } : { type: 'put', key, value };
}

function steps(
  writes: ReadonlyMap<Key, Uint8Array | null>,
  read: ReadonlyMap<Key, Uint8Array | null>,
): TransactionStep[] {
  const checks = Array.from(read, ([key, expected]) => ({ type: 'check', key, expected }) as const);
  const changes = Array.from(
    writes,
    ([key, value]): TransactionStep =>
      value === null ? { type: 'delete', key } : { type: 'put', key, value },
  );
  return [...checks, ...changes];
}
