/** A history that is recorded in memory, to be judged at once: no text, no file. */
import type { NodeId } from '../../core/ids.js';
import { type Key, keyToBytes } from '../../core/key.js';
import { entryOf } from '../../core/lookup.js';
import type { ClientResult, TransactionStep } from '../../core/operation.js';
import { isUtf8 } from '../../core/utf8.js';
import { HistoryBuilder } from '../builder.js';
import { clearEvent, type Event, type EventType, eventType, kindCode, newEvent } from '../event.js';
import type { NemesisLine } from '../faults.js';
import { absent, type History, type Outcome, type Step } from '../history.js';
import { bytesToText } from '../json/bytes.js';
import type { TextTable } from '../text/text-table.js';
import type { EventSink, HistoryOperation } from './recorder.js';

/** What a `Recorder` tells it; {@link history} is the same as what would be read from the recorder's file. */
export class MemoryHistory implements EventSink {
  readonly failure = null;
  readonly #builder = new HistoryBuilder();
  readonly #event = newEvent();
  readonly #keys = new Map<Key, number>();
  #events = 0;

  invoked(
    process: number,
    operation: HistoryOperation,
    session: string | null,
    time: number,
  ): void {
    const event = this.#begin(process, 'invoke', operation, time);
    if (operation.type === 'txn') event.steps = this.#stepsOf(operation.steps, []);
    // In the order in which a file names them.
    else if (operation.type === 'cas') event.expected = this.#valueOf(operation.expected);
    if ('value' in operation) event.value = this.#valueOf(operation.value);
    if (session !== null) event.session = this.#builder.sessions.internText(session);
    this.#builder.take(event, ++this.#events);
  }

  ended(
    process: number,
    operation: HistoryOperation,
    outcome: Outcome,
    result: ClientResult,
    node: NodeId | null,
    time: number,
  ): void {
    const { nodes } = this.#builder;
    const event = this.#begin(process, outcome, operation, time);
    if (result.type === 'value') event.value = this.#valueOf(result.value);
    else if (result.type === 'committed' && operation.type === 'txn') {
      event.steps = this.#stepsOf(operation.steps, result.values);
    } else if (result.type === 'refused' && operation.type !== 'txn') {
      event.actual = this.#valueOf(result.actual);
    }
    if (node !== null) event.node = nodes.internText(node);
    if ('version' in result && result.version !== null) {
      event.versionStamp = result.version.stamp;
      event.versionNode = nodes.internText(result.version.node);
    }
    this.#builder.take(event, ++this.#events);
  }

  nemesis(line: NemesisLine): void {
    this.#builder.takeFault(line, ++this.#events);
  }

  close(): void {}

  /** All that was told so far. What is still open may have happened at any later time. */
  history(): History {
    return this.#builder.finish();
  }

  #begin(process: number, type: EventType, operation: HistoryOperation, time: number): Event {
    const event = this.#event;
    clearEvent(event);
    event.process = process;
    event.type = eventType[type];
    event.kind = kindCode[operation.type];
    event.time = time;
    if (operation.type !== 'txn') event.key = this.#keyOf(operation.key);
    return event;
  }

  #keyOf(key: Key): number {
    return entryOf(this.#keys, key, () => idOf(this.#builder.keys, keyToBytes(key)));
  }

  #valueOf(value: Uint8Array | null): number {
    return value === null ? absent : idOf(this.#builder.values, value) + 1;
  }

  /** `read`: what its gets saw. A check that held has read what it expected. */
  #stepsOf(steps: readonly TransactionStep[], read: readonly (Uint8Array | null)[]): Step[] {
    let gets = 0;
    return steps.map((step): Step => {
      const key = this.#keyOf(step.key);
      switch (step.type) {
        case 'get':
          return { f: 'r', key, value: this.#valueOf(read[gets++] ?? null) };
        case 'check':
          return { f: 'r', key, value: this.#valueOf(step.expected) };
        case 'put':
          return { f: 'w', key, value: this.#valueOf(step.value) };
        default:
          return { f: 'w', key, value: absent };
      }
    });
  }
}

/** No text is made of what is known. */
const idOf = (texts: TextTable, bytes: Uint8Array): number =>
  isUtf8(bytes) ? texts.internBytes(bytes) : texts.internText(bytesToText(bytes));
