/** Events as JSON lines, put together as they will stand in a file. */
import type { NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { ClientResult, TransactionStep } from '../../core/operation.js';
import type { Version } from '../../core/version.js';
import type { EventType } from '../event.js';
import type { NemesisLine } from '../faults.js';
import type { Outcome } from '../history.js';
import { LineBuffer } from './line-buffer.js';
import type { EventSink, HistoryOperation } from './recorder.js';

/** Where lines go, as UTF-8. Throws a `KvxError` when they can't. */
export interface LineSink {
  /** The bytes are good until the call returns. */
  write(lines: Uint8Array): void;
  close(): void;
}

/** One writes one file, a thousand lines at a time, so the lines are in the order of the recorder's clock. */
export class JsonLines implements EventSink {
  readonly #sink: LineSink;
  readonly #lines = new LineBuffer((bytes) => this.#write(bytes));
  #failure: unknown = null;

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  get failure(): unknown {
    return this.#failure;
  }

  invoked(
    process: number,
    operation: HistoryOperation,
    session: string | null,
    time: number,
  ): void {
    this.#begin(process, 'invoke', operation, null, time);
    if (session !== null) {
      this.#lines.json(',"session":');
      this.#lines.string(session);
    }
    this.#lines.json('}\n');
  }

  ended(
    process: number,
    operation: HistoryOperation,
    outcome: Outcome,
    result: ClientResult,
    node: NodeId | null,
    time: number,
  ): void {
    const lines = this.#lines;
    this.#begin(process, outcome, operation, result, time);
    if (result.type === 'refused' && operation.type !== 'txn') {
      lines.json(',"actual":');
      lines.value(result.actual);
    }
    if (node !== null) {
      lines.json(',"node":');
      lines.string(node);
    }
    if ('version' in result && result.version !== null) writeVersion(lines, result.version);
    if (result.type === 'error') lines.json(`,"error":"${result.code}"`);
    lines.json('}\n');
  }

  nemesis(line: NemesisLine): void {
    this.#lines.text(`${JSON.stringify(line)}\n`);
  }

  /** Hands on what is whole. */
  flush(): void {
    this.#lines.flush();
  }

  close(): void {
    this.flush();
    try {
      this.#sink.close();
    } catch (error) {
      this.#failure ??= error;
    }
  }

  /** What every line says, in the order of its fields that is fastest to read (json-write.ts has the same). */
  #begin(
    process: number,
    type: EventType,
    operation: HistoryOperation,
    result: ClientResult | null,
    time: number,
  ): void {
    const lines = this.#lines;
    lines.json('{"process":');
    lines.number(process);
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
    lines.number(time);
  }

  #write(bytes: Uint8Array): void {
    if (this.#failure !== null) return;
    try {
      this.#sink.write(bytes);
    } catch (error) {
      this.#failure = error;
    }
  }
}

/** `result` is `null` when the operation begins. */
function writeValue(
  lines: LineBuffer,
  operation: Exclude<HistoryOperation, { type: 'txn' }>,
  result: ClientResult | null,
): void {
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
