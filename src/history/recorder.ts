/**
 * Writes down what clients ask and are told, as JSON lines.
 *
 * Cheap, because it is in the way of what is measured: two strings an operation, put together as they will stand in the
 * file, and one write in thousands of lines. One recorder writes one file, so the lines are in the order of its clock.
 */
import type { Millis, NodeId } from '../core/ids.js';
import {
  type ClientResult,
  type DataOperation,
  isAdmin,
  type KeyOperation,
  type Operation,
  type TransactionStep,
} from '../core/operation.js';
import type { Version } from '../core/version.js';
import type { EventType } from './event.js';
import { bytesOrNull, bytesToJsonText, keyToJsonText } from './json-bytes.js';
import { extrasOf, jsonLine } from './json-write.js';

/** Where lines go. Throws a `KvxError` when they can't. */
export interface LineSink {
  write(lines: string): void;
  close(): void;
}

export interface RecorderOptions {
  readonly sink: LineSink;
  /** Monotonic. */
  readonly now: () => Millis;
}

/** What may wait to be written; in characters, since most are one byte. */
const waitingMax = 64 * 1024;

export class Recorder {
  readonly #sink: LineSink;
  readonly #now: () => Millis;
  readonly #beganAt: Millis;
  #waiting = '';
  #processCount = 0;
  #failure: unknown = null;

  constructor({ sink, now }: RecorderOptions) {
    this.#sink = sink;
    this.#now = now;
    this.#beganAt = now();
  }

  /** The record of one client. `session`: the name of what it promises to remember; none when it does not. */
  client(session: string | null = null): ClientRecord {
    return new ClientRecord(this, session === null ? '' : `,"session":${JSON.stringify(session)}`);
  }

  /**
   * Why nothing is recorded any more; `null` while all is. What is recorded goes on in that case: it is not for the record
   * to stop it.
   */
  get failure(): unknown {
    return this.#failure;
  }

  /** Writes the rest. Throws what went wrong since the beginning: then the file is not the whole history. */
  close(): void {
    this.#flush();
    try {
      this.#sink.close();
    } catch (error) {
      this.#failure ??= error;
    }
    if (this.#failure !== null) throw this.#failure;
  }

  /** A number that no process has had. */
  nextProcess(): number {
    return this.#processCount++;
  }

  /** Whole nanoseconds since the beginning. */
  time(): number {
    return Math.round((this.#now() - this.#beganAt) * 1e6);
  }

  add(line: string): void {
    this.#waiting += line;
    if (this.#waiting.length >= waitingMax) this.#flush();
  }

  #flush(): void {
    const lines = this.#waiting;
    this.#waiting = '';
    if (lines === '' || this.#failure !== null) return;
    try {
      this.#sink.write(lines);
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
  readonly #session: string;
  /** Processes of this client that have nothing open. */
  readonly #idle: number[];

  constructor(recorder: Recorder, session: string) {
    this.#recorder = recorder;
    this.#session = session;
    this.#idle = [recorder.nextProcess()];
  }

  /** The operation begins. `null`: it is none that a history knows. */
  invoke(operation: Operation): RecordedCall | null {
    if (!isRecordable(operation)) return null;
    const process = this.#idle.pop() ?? this.#recorder.nextProcess();
    return new RecordedCall(operation, process, this.#recorder, this.#idle, this.#session);
  }
}

/** An operation under way. */
export class RecordedCall {
  readonly #recorder: Recorder;
  readonly #idle: number[];
  readonly #process: number;
  readonly #f: DataOperation['type'];
  readonly #key: string | undefined;
  readonly #steps: readonly TransactionStep[];
  /** Its value when it began. */
  readonly #asked: string;
  #inDoubt = false;

  /** `idle` is where its process is put when it may begin another. */
  constructor(
    operation: DataOperation,
    process: number,
    recorder: Recorder,
    idle: number[],
    extras: string,
  ) {
    const isTransaction = operation.type === 'txn';
    this.#recorder = recorder;
    this.#idle = idle;
    this.#process = process;
    this.#f = operation.type;
    this.#key = isTransaction ? undefined : keyToJsonText(operation.key);
    this.#steps = isTransaction ? operation.steps : [];
    this.#asked = isTransaction ? stepsJson(operation.steps, null) : askedJson(operation);
    this.#say('invoke', this.#asked, extras);
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
    const extras = extrasOf({
      actual:
        result.type === 'refused' && this.#f !== 'txn' ? bytesOrNull(result.actual) : undefined,
      node: node === null ? undefined : JSON.stringify(node),
      version: 'version' in result ? versionJson(result.version) : undefined,
      error: isError ? JSON.stringify(result.code) : undefined,
    });
    this.#say(isDone ? 'ok' : isKnown ? 'fail' : 'info', this.#told(result), extras);
    if (isKnown) this.#idle.push(this.#process);
  }

  #say(type: EventType, value: string, extras: string): void {
    const recorder = this.#recorder;
    recorder.add(jsonLine(this.#process, type, this.#f, this.#key, value, recorder.time(), extras));
  }

  #told(result: ClientResult): string {
    if (result.type === 'value') return bytesOrNull(result.value);
    if (result.type === 'committed') return stepsJson(this.#steps, result.values);
    return this.#asked;
  }
}

const isRecordable = (operation: Operation): operation is DataOperation => !isAdmin(operation);

function askedJson(operation: KeyOperation): string {
  switch (operation.type) {
    case 'get':
    case 'delete':
      return 'null';
    case 'cas':
      return `[${bytesOrNull(operation.expected)},${bytesOrNull(operation.value)}]`;
    default:
      return bytesToJsonText(operation.value);
  }
}

/** As reads and writes. `read`: what its gets saw, in order; `null`: nobody knows. */
function stepsJson(
  steps: readonly TransactionStep[],
  read: readonly (Uint8Array | null)[] | null,
): string {
  let gets = 0;
  const items = steps.map((step) => {
    if (step.type === 'get') return stepJson(step, read?.[gets++] ?? null);
    return stepJson(step, step.type === 'check' && read !== null ? step.expected : null);
  });
  return `[${items.join()}]`;
}

function stepJson(step: TransactionStep, read: Uint8Array | null): string {
  const key = keyToJsonText(step.key);
  switch (step.type) {
    case 'get':
    case 'check':
      return `["r",${key},${bytesOrNull(read)}]`;
    case 'put':
      return `["w",${key},${bytesToJsonText(step.value)}]`;
    case 'delete':
      return `["w",${key},null]`;
  }
}

function versionJson(version: Version | null): string | undefined {
  if (version === null) return undefined;
  return `{"stamp":${version.stamp},"node":${JSON.stringify(version.node)}}`;
}
