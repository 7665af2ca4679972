/**
 * Writes down what clients ask and are told, with the outcome of each operation: as JSON lines (`json-lines.ts`), or in
 * memory (`memory-history.ts`).
 *
 * Cheap, because it is in the way of what is measured. One recorder writes one history, so its events are in the order
 * of its clock.
 */
import type { Millis, NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import {
  type ClientResult,
  type DataOperation,
  isAdmin,
  type Level,
  type Operation,
} from '../../core/operation.js';
import {
  type FaultListener,
  type NemesisLine,
  nemesisLine,
  type RecordedFault,
} from '../faults.js';
import type { Outcome } from '../history.js';

/** What can be recorded: what kvx has, and texts that grow, which other stores have. */
export type HistoryOperation =
  | DataOperation
  | { readonly type: 'append'; readonly key: Key; readonly value: Uint8Array };

/** Where events go, in the order of their times, no two of them the same: whole nanoseconds since the recorder began. */
export interface EventSink {
  invoked(
    process: number,
    operation: HistoryOperation,
    session: string | null,
    time: number,
    level: Level | null,
  ): void;
  /** `node`: who answered; `null`: nobody. */
  ended(
    process: number,
    operation: HistoryOperation,
    outcome: Outcome,
    result: ClientResult,
    node: NodeId | null,
    time: number,
  ): void;
  /** Something is broken or mended on purpose; told twice, as it is written. */
  nemesis(line: NemesisLine): void;
  /** A process is this client of a script. */
  named?(process: number, client: string): void;
  /** Nothing comes after it. */
  close(): void;
  /** Why events are lost since; `null` while none is. */
  readonly failure: unknown;
}

export interface RecorderOptions {
  readonly sink: EventSink;
  /** Monotonic. */
  readonly now: () => Millis;
}

/** Reading as many through every node takes some seconds. */
const keysMax = 100_000;

export class Recorder implements FaultListener {
  readonly #sink: EventSink;
  readonly #now: () => Millis;
  readonly #beganAt: Millis;
  #lastTime = -1;
  #processCount = 0;
  #isClosed = false;
  /**
   * What was written or read so far, for those who look at it once more at the end. Past {@link keysMax} no more are
   * remembered; none, once there was a transaction: what is judged by transactions has no use for single reads.
   */
  readonly keys = new Set<Key>();
  #hasTransactions = false;

  constructor({ sink, now }: RecorderOptions) {
    this.#sink = sink;
    this.#now = now;
    this.#beganAt = now();
  }

  /**
   * The record of one client. `session`: the name of what it promises to remember; none when it does not. `name`: what a script
   * calls it.
   */
  client(session: string | null = null, name: string | null = null): ClientRecord {
    return new ClientRecord(this, session, name);
  }

  /**
   * Why nothing is recorded any more; `null` while all is. What is recorded goes on in that case: it is not for the record
   * to stop it.
   */
  get failure(): unknown {
    return this.#sink.failure;
  }

  /**
   * Writes the rest; what ends later is not recorded. Throws what went wrong since the beginning: then the file is not the
   * whole history.
   */
  close(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#sink.close();
    }
    if (this.failure !== null) throw this.failure;
  }

  /** A number that no process has had. */
  nextProcess(client: string | null): number {
    if (client !== null) this.#sink.named?.(this.#processCount, client);
    return this.#processCount++;
  }

  invoked(
    process: number,
    operation: DataOperation,
    session: string | null,
    level: Level | null,
  ): void {
    if (operation.type === 'txn') {
      this.#hasTransactions = true;
      this.keys.clear();
    } else if (!this.#hasTransactions && this.keys.size < keysMax) this.keys.add(operation.key);
    if (!this.#isClosed) this.#sink.invoked(process, operation, session, this.#time(), level);
  }

  ended(
    process: number,
    operation: DataOperation,
    outcome: Outcome,
    result: ClientResult,
    node: NodeId | null,
  ): void {
    if (this.#isClosed) return;
    this.#sink.ended(process, operation, outcome, result, node, this.#time());
  }

  faultBegan(fault: RecordedFault): void {
    this.#nemesis('start', fault);
  }

  faultEnded(fault: RecordedFault): void {
    this.#nemesis('stop', fault);
  }

  #nemesis(f: NemesisLine['f'], fault: RecordedFault): void {
    if (this.#isClosed) return;
    const line = nemesisLine(f, fault, this.#time());
    this.#sink.nemesis(line);
    this.#sink.nemesis(line);
  }

  /**
   * Virtual time stands still between an answer and the next question, and clocks are coarse: but that came after it. So each
   * event is at least a nanosecond after the one before, and whoever is told, in memory or in a file, is told the same.
   */
  #time(): number {
    const time = Math.round((this.#now() - this.#beganAt) * 1e6);
    this.#lastTime = Math.max(time, this.#lastTime + 1);
    return this.#lastTime;
  }
}

/**
 * One client's operations. A process has one operation open at a time, and none after one whose end nobody knows; so a
 * client is a process until then, and while it has several operations under way, it is several.
 */
export class ClientRecord {
  readonly #recorder: Recorder;
  readonly #session: string | null;
  readonly #name: string | null;
  /** Processes of this client that have nothing open. */
  readonly #idle: number[];

  constructor(recorder: Recorder, session: string | null, name: string | null) {
    this.#recorder = recorder;
    this.#session = session;
    this.#name = name;
    this.#idle = [recorder.nextProcess(name)];
  }

  /** The operation begins. `level`: `null` is the cluster's own. `null`: it is none that a history knows. */
  invoke(operation: Operation, level: Level | null = null): RecordedCall | null {
    if (isAdmin(operation)) return null;
    const process = this.#idle.pop() ?? this.#recorder.nextProcess(this.#name);
    this.#recorder.invoked(process, operation, this.#session, level);
    return new RecordedCall(operation, process, this.#recorder, this.#idle);
  }
}

/** An operation under way. What it is about must not change until it has ended. */
export class RecordedCall {
  readonly #operation: DataOperation;
  readonly #process: number;
  readonly #recorder: Recorder;
  readonly #idle: number[];

  /** `idle` is where its process is put when it may begin another. */
  constructor(operation: DataOperation, process: number, recorder: Recorder, idle: number[]) {
    this.#operation = operation;
    this.#process = process;
    this.#recorder = recorder;
    this.#idle = idle;
  }

  /** What came of it, through which node; `null`: through none. */
  end(result: ClientResult, node: NodeId | null): void {
    const isError = result.type === 'error';
    const isKnown = !isError || result.definite;
    const isDone = !isError && result.type !== 'refused';
    const outcome = isDone ? 'ok' : isKnown ? 'fail' : 'info';
    this.#recorder.ended(this.#process, this.#operation, outcome, result, node);
    if (isKnown) this.#idle.push(this.#process);
  }
}
