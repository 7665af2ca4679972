/**
 * Writes down what clients ask and are told, as JSON lines.
 *
 * Cheap, because it is in the way of what is measured: lines are put together as they will stand in the file, and written
 * a thousand at a time. One recorder writes one file, so the lines are in the order of its clock.
 */
import type { Millis, NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import {
  type ClientResult,
  type DataOperation,
  isAdmin,
  type KeyOperation,
  type Operation,
  type TransactionStep,
} from '../../core/operation.js';
import type { Version } from '../../core/version.js';
import type { EventType } from '../event.js';
import { LineBuffer } from './line-buffer.js';

/** Where lines go, as UTF-8. Throws a `KvxError` when they can't. */
export interface LineSink {
  /** The bytes are good until the call returns. */
  write(lines: Uint8Array): void;
  close(): void;
}

export interface RecorderOptions {
  readonly sink: LineSink;
  /** Monotonic. */
  readonly now: () => Millis;
}

/** Reading as many through every node takes some seconds. */
const keysMax = 100_000;

export class Recorder {
  readonly #sink: LineSink;
  readonly #now: () => Millis;
  readonly #beganAt: Millis;
  #processCount = 0;
  #isClosed = false;
  #failure: unknown = null;
  /**
   * What was written or read so far, for those who look at it once more at the end. Past {@link keysMax} no more are
   * remembered; none, once there was a transaction: what is judged by transactions has no use for single reads.
   */
  readonly keys = new Set<Key>();
  #hasTransactions = false;
  /** What will stand in the file next. */
  readonly lines = new LineBuffer((bytes) => this.#write(bytes));

  constructor({ sink, now }: RecorderOptions) {
    this.#sink = sink;
    this.#now = now;
    this.#beganAt = now();
  }

  /** The record of one client. `session`: the name of what it promises to remember; none when it does not. */
  client(session: string | null = null): ClientRecord {
    return new ClientRecord(this, session);
  }

  /**
   * Why nothing is recorded any more; `null` while all is. What is recorded goes on in that case: it is not for the record
   * to stop it.
   */
  get failure(): unknown {
    return this.#failure;
  }

  /**
   * Writes the rest; what ends later is not recorded. Throws what went wrong since the beginning: then the file is not the
   * whole history.
   */
  close(): void {
    if (!this.#isClosed) {
      this.lines.flush();
      this.#isClosed = true;
      try {
        this.#sink.close();
      } catch (error) {
        this.#failure ??= error;
      }
    }
    if (this.#failure !== null) throw this.#failure;
  }

  /** Remembers the operation's key. */
  met(operation: DataOperation): void {
    if (operation.type === 'txn') {
      this.#hasTransactions = true;
      this.keys.clear();
    } else if (!this.#hasTransactions && this.keys.size < keysMax) this.keys.add(operation.key);
  }

  /** A number that no process has had. */
  nextProcess(): number {
    return this.#processCount++;
  }

  /** Whole nanoseconds since the beginning. */
  time(): number {
    return Math.round((this.#now() - this.#beganAt) * 1e6);
  }

  #write(bytes: Uint8Array): void {
    if (this.#failure !== null || this.#isClosed) return;
    try {
      this.#sink.write(bytes);
    } catch (error) {
      this.#failure = error;
    }
  }
}

/**
 * One client's operations. A process has one operation open at a time, and none after one whose end nobody knows; so a
 * client is a process until then, and while it has several operations under way, it is several.
 */
export class ClientRecord {
  readonly #recorder: Recorder;
  readonly #session: string | null;
  /** Processes of this client that have nothing open. */
  readonly #idle: number[];

  constructor(recorder: Recorder, session: string | null) {
    this.#recorder = recorder;
    this.#session = session;
    this.#idle = [recorder.nextProcess()];
  }

  /** The operation begins. `null`: it is none that a history knows. */
  invoke(operation: Operation): RecordedCall | null {
    if (isAdmin(operation)) return null;
    this.#recorder.met(operation);
    const process = this.#idle.pop() ?? this.#recorder.nextProcess();
    return new RecordedCall(operation, process, this.#recorder, this.#idle, this.#session);
  }
}

/** An operation under way. What it is about must not change until it has ended. */
export class RecordedCall {
  readonly #operation: DataOperation;
  readonly #process: number;
  readonly #recorder: Recorder;
  readonly #idle: number[];
  #inDoubt = false;

  /** `idle` is where its process is put when it may begin another. */
  constructor(
    operation: DataOperation,
    process: number,
    recorder: Recorder,
    idle: number[],
    session: string | null,
  ) {
    this.#operation = operation;
    this.#process = process;
    this.#recorder = recorder;
    this.#idle = idle;
    this.#begin('invoke', null);
    const { lines } = recorder;
    if (session !== null) {
      lines.json(',"session":');
      lines.string(session);
    }
    lines.json('}\n');
  }

  /** An attempt at it failed, and it is tried again: the last one is what {@link end} is told. */
  attemptFailed(result: ClientResult): void {
    if (result.type === 'error' && !result.definite) this.#inDoubt = true;
  }

  /** What came of it, through which node; `null`: through none. */
  end(result: ClientResult, node: NodeId | null): void {
    const isError = result.type === 'error';
    const isKnown = !isError || (result.definite && !this.#inDoubt);
    const isDone = !isError && result.type !== 'refused';
    this.#begin(isDone ? 'ok' : isKnown ? 'fail' : 'info', result);
    const { lines } = this.#recorder;
    if (result.type === 'refused' && this.#operation.type !== 'txn') {
      lines.json(',"actual":');
      lines.value(result.actual);
    }
    if (node !== null) {
      lines.json(',"node":');
      lines.string(node);
    }
    if ('version' in result && result.version !== null) writeVersion(lines, result.version);
    if (isError) lines.json(`,"error":"${result.code}"`);
    lines.json('}\n');
    if (isKnown) this.#idle.push(this.#process);
  }

  /** What every line says, in the order of its fields that is fastest to read (json-write.ts has the same). */
  #begin(type: EventType, result: ClientResult | null): void {
    const { lines } = this.#recorder;
    const operation = this.#operation;
    lines.json('{"process":');
    lines.number(this.#process);
    lines.json(',"type":"');
    lines.json(type);
    lines.json('","f":"');
    lines.json(operation.type);
    if (operation.type === 'txn') {
      lines.json('","value":');
      writeSteps(lines, operation.steps, result);
    } else {
      lines.json('","key":');
      lines.key(operation.key);
      lines.json(',"value":');
      writeValue(lines, operation, result);
    }
    lines.json(',"time":');
    lines.number(this.#recorder.time());
  }
}

/** `result` is `null` when the operation begins. */
function writeValue(lines: LineBuffer, operation: KeyOperation, result: ClientResult | null): void {
  switch (operation.type) {
    case 'get':
      lines.value(result?.type === 'value' ? result.value : null);
      break;
    case 'delete':
      lines.json('null');
      break;
    case 'cas':
      lines.json('[');
      lines.value(operation.expected);
      lines.json(',');
      lines.value(operation.value);
      lines.json(']');
      break;
    default:
      lines.value(operation.value);
  }
}

/** As reads and writes; a check that held has read what it expected. What was read is known only once it is committed. */
function writeSteps(
  lines: LineBuffer,
  steps: readonly TransactionStep[],
  result: ClientResult | null,
): void {
  const read = result?.type === 'committed' ? result.values : null;
  let gets = 0;
  lines.json('[');
  for (const [at, step] of steps.entries()) {
    if (at > 0) lines.json(',');
    switch (step.type) {
      case 'get':
        writeStep(lines, '["r",', step.key, read?.[gets++] ?? null);
        break;
      case 'check':
        writeStep(lines, '["r",', step.key, read === null ? null : step.expected);
        break;
      case 'put':
        writeStep(lines, '["w",', step.key, step.value);
        break;
      case 'delete':
        writeStep(lines, '["w",', step.key, null);
    }
  }
  lines.json(']');
}

function writeStep(lines: LineBuffer, f: string, key: Key, value: Uint8Array | null): void {
  lines.json(f);
  lines.key(key);
  lines.json(',');
  lines.value(value);
  lines.json(']');
}

function writeVersion(lines: LineBuffer, { stamp, node }: Version): void {
  lines.json(',"version":{"stamp":');
  lines.number(stamp);
  lines.json(',"node":');
  lines.string(node);
  lines.json('}');
}
