/** What clients ask and are told, kept in memory with its levels and versions: for who is to judge it at the end. */
import type { NodeId } from '../core/ids.js';
import type { ClientResult, DataOperation, Level } from '../core/operation.js';
import type { History, Outcome } from '../history/history.js';
import { MemoryHistory } from '../history/recorder/memory-history.js';
import type { EventSink } from '../history/recorder/recorder.js';
import type { HistoryEntry } from './history.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class KeptHistory implements EventSink {
  readonly entries: HistoryEntry[] = [];
  readonly #memory = new MemoryHistory();
  readonly #next: EventSink | null;
  readonly #open = new Map<number, Writable<HistoryEntry>>();
  readonly #sessions = new Map<string, number>();
  readonly #names = new Map<number, string>();

  /** `next` is told all of it, too. */
  constructor(next: EventSink | null = null) {
    this.#next = next;
  }

  get failure(): unknown {
    return this.#next?.failure ?? null;
  }

  invoked(
    process: number,
    operation: DataOperation,
    session: string | null,
    time: number,
    level: Level | null,
  ): void {
    this.#memory.invoked(process, operation, session, time);
    this.#next?.invoked(process, operation, session, time, level);
    const entry = {
      ...{ client: this.#clientOf(session), node: '', operation, level, result: null },
      ...{ invokedAt: time / 1e6, returnedAt: Number.POSITIVE_INFINITY },
    };
    this.#open.set(process, entry);
    this.entries.push(entry);
  }

  ended(
    process: number,
    operation: DataOperation,
    outcome: Outcome,
    result: ClientResult,
    node: NodeId | null,
    time: number,
  ): void {
    this.#memory.ended(process, operation, outcome, result, node, time);
    this.#next?.ended(process, operation, outcome, result, node, time);
    const entry = this.#open.get(process);
    if (entry === undefined) return;
    entry.result = result;
    entry.node = node ?? '';
    if (outcome !== 'info') entry.returnedAt = time / 1e6;
  }

  nemesis(...told: Parameters<EventSink['nemesis']>): void {
    this.#memory.nemesis(...told);
    this.#next?.nemesis(...told);
  }

  named(process: number, client: string): void {
    this.#names.set(process, client);
  }

  close(): void {
    this.#next?.close();
  }

  history(): History {
    return { ...this.#memory.history(), names: this.#names };
  }

  /** Who has no session is nobody in particular. */
  #clientOf(session: string | null): number {
    if (session === null) return -1;
    const known = this.#sessions.get(session) ?? this.#sessions.size;
    this.#sessions.set(session, known);
    return known;
  }
}
