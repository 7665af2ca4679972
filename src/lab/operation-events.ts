/** When the operations of a history began and ended, by events: which operation of the trace each is. */
import { type History, kinds, unsaid } from '../history/history.js';
import type { EventSink } from '../history/recorder/recorder.js';
import { noEvent } from '../trace/lanes.js';
import type { SliceFinder, TracedOperation } from '../trace/slices.js';

/** Hears what a history is told. Operations are numbered as there, in the order of their beginnings. */
export class OperationEvents implements EventSink {
  readonly failure = null;
  /** By operation: how many events there were when it began. */
  readonly #begun: number[] = [];
  /** And when it ended; {@link noEvent}: it did not. */
  readonly #ended: number[] = [];
  /** By process. */
  readonly #open = new Map<number, number>();
  readonly #count: () => number;

  constructor(count: () => number) {
    this.#count = count;
  }

  invoked(process: number): void {
    this.#open.set(process, this.#begun.length);
    this.#begun.push(this.#count());
    this.#ended.push(noEvent);
  }

  ended(process: number): void {
    const operation = this.#open.get(process);
    if (operation !== undefined) this.#ended[operation] = this.#count();
  }

  nemesis(): void {}

  close(): void {}

  /** What nodes did for it: once for each time that it was tried. */
  tracedOf(operation: number, history: History, { operations }: SliceFinder): TracedOperation[] {
    const begun = this.#begun[operation] ?? 0;
    const ended = this.#ended[operation] ?? noEvent;
    const kind = kinds[history.kind[operation] as number];
    const key = history.key[operation] as number;
    const keyText = key === unsaid ? null : history.keys[key];
    return operations.filter(
      ({ call, type, keys }) =>
        call >= begun && call < ended && type === kind && (keyText === null || keys[0] === keyText),
    );
  }

  /** The last event before a client heard how it ended; of one that did not end, before it began. */
  lastEventOf(operation: number): number {
    const ended = this.#ended[operation] ?? noEvent;
    return Math.max(0, (ended === noEvent ? (this.#begun[operation] ?? 0) : ended) - 1);
  }
}
