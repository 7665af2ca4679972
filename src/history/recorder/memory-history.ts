/** A history that is recorded in memory, to be judged at once: no text, no file. */
import type { NodeId } from '../../core/ids.js';
import { type Key, keyToBytes } from '../../core/key.js';
import type { ClientResult, TransactionStep } from '../../core/operation.js';
import { Columns } from '../columns.js';
import { kindCode, outcomeCode } from '../event.js';
import { FaultSpans, type NemesisLine } from '../faults.js';
import { absent, type History, type Outcome, type Step } from '../history.js';
import { bytesToText } from '../json/bytes.js';
import type { EventSink, HistoryOperation } from './recorder.js';

/** What a `Recorder` tells it; {@link history} is the same as what would be read from the recorder's file. */
export class MemoryHistory implements EventSink {
  readonly failure = null;
  readonly #columns = new Columns();
  readonly #keys = new Names<Key>((key) => bytesToText(keyToBytes(key)));
  readonly #values = new Names<string>((text) => text);
  readonly #nodes = new Names<string>((name) => name);
  readonly #sessions = new Names<string>((name) => name);
  /** By process, the operation that it has open. */
  readonly #open = new Map<number, number>();
  readonly #faults = new FaultSpans();
  #events = 0;

  invoked(
    process: number,
    operation: HistoryOperation,
    session: string | null,
    time: number,
  ): void {
    const at = this.#columns.add();
    const { rows } = this.#columns;
    this.#open.set(process, at);
    rows.process[at] = process;
    rows.kind[at] = kindCode[operation.type];
    rows.outcome[at] = outcomeCode.info;
    rows.invokedAt[at] = time;
    rows.line[at] = ++this.#events;
    if (session !== null) rows.session[at] = this.#sessions.idOf(session);
    if (operation.type === 'txn') {
      this.#columns.steps.set(at, this.#stepsOf(operation.steps, null));
      return;
    }
    rows.key[at] = this.#keys.idOf(operation.key);
    if (operation.type === 'delete') rows.written[at] = absent;
    else if (operation.type !== 'get') {
      // In the order in which a file names them.
      if (operation.type === 'cas') rows.expected[at] = this.#valueOf(operation.expected);
      const value = this.#valueOf(operation.value);
      rows.written[at] = value;
      if (operation.type === 'append') {
        this.#columns.steps.set(at, [{ f: 'append', key: rows.key[at] as number, value }]);
      }
    }
  }

  ended(
    process: number,
    operation: HistoryOperation,
    outcome: Outcome,
    result: ClientResult,
    node: NodeId | null,
    time: number,
  ): void {
    const { rows } = this.#columns;
    const at = this.#open.get(process) as number;
    this.#events++;
    rows.outcome[at] = outcomeCode[outcome];
    if (outcome !== 'info') rows.returnedAt[at] = time;
    if (result.type === 'value') rows.seen[at] = this.#valueOf(result.value);
    else if (result.type === 'committed' && operation.type === 'txn') {
      this.#columns.steps.set(at, this.#stepsOf(operation.steps, result.values));
    } else if (result.type === 'refused' && operation.type !== 'txn') {
      rows.seen[at] = this.#valueOf(result.actual);
    }
    if (node !== null) rows.node[at] = this.#nodes.idOf(node);
    if ('version' in result && result.version !== null) {
      rows.versionStamp[at] = result.version.stamp;
      rows.versionNode[at] = this.#nodes.idOf(result.version.node);
    }
  }

  nemesis(line: NemesisLine): void {
    this.#faults.take(line, line.time, ++this.#events);
  }

  close(): void {}

  /** All that was told so far. What is still open may have happened at any later time. */
  history(): History {
    return this.#columns.finish({
      keys: this.#keys.texts,
      values: [null, ...this.#values.texts],
      nodes: this.#nodes.texts,
      sessions: this.#sessions.texts,
      faults: this.#faults.finish(),
    });
  }

  #valueOf(value: Uint8Array | null): number {
    return value === null ? absent : this.#values.idOf(bytesToText(value)) + 1;
  }

  /** `read`: what its gets saw; `null` while it runs. A check that held has read what it expected. */
  #stepsOf(steps: readonly TransactionStep[], read: readonly (Uint8Array | null)[] | null): Step[] {
    let gets = 0;
    return steps.map((step): Step => {
      const key = this.#keys.idOf(step.key);
      switch (step.type) {
        case 'get':
          return { f: 'r', key, value: read && this.#valueOf(read[gets++] ?? null) };
        case 'check':
          return { f: 'r', key, value: read && this.#valueOf(step.expected) };
        case 'put':
          return { f: 'w', key, value: this.#valueOf(step.value) };
        default:
          return { f: 'w', key, value: absent };
      }
    });
  }
}

/** Texts by number, in the order in which they were met. */
class Names<Name> {
  readonly texts: string[] = [];
  readonly #ids = new Map<Name, number>();
  readonly #textOf: (name: Name) => string;

  constructor(textOf: (name: Name) => string) {
    this.#textOf = textOf;
  }

  idOf(name: Name): number {
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = this.texts.push(this.#textOf(name)) - 1;
      this.#ids.set(name, id);
    }
    return id;
  }
}
