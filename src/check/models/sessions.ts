/**
 * Sessions: the sequences of operations to which the session guarantees apply. An operation belongs to the session it
 * names, else to its process, which is a client that asks one thing at a time.
 */

import { entryOf } from '../../core/lookup.js';
import { outcomeCode } from '../../history/event.js';
import { type History, unsaid } from '../../history/history.js';

export interface SessionTable {
  readonly count: number;
  /** By operation, numbered from 0. */
  readonly of: Int32Array;
}

export function sessionsOf(history: History): SessionTable {
  const of = new Int32Array(history.count);
  const named = new Map<number, number>();
  const processes = new Map<number, number>();
  let count = 0;
  for (let at = 0; at < history.count; at++) {
    const session = history.session[at] as number;
    const ids = session === unsaid ? processes : named;
    const name = session === unsaid ? (history.process[at] as number) : session;
    const id = entryOf(ids, name, () => count++);
    of[at] = id;
  }
  return { count, of };
}

/** Whether a session that did `earlier` knew its outcome when it began `later`: two processes may share a session. */
export function precedes(history: History, earlier: number, later: number): boolean {
  if (history.process[earlier] === history.process[later]) return earlier < later;
  return (history.returnedAt[earlier] as number) < (history.invokedAt[later] as number);
}

/**
 * The operations of one session that nothing else of it follows yet: of a session that asks one thing at a time, the
 * last one. What precedes a later operation precedes it through these.
 */
export class Frontier {
  readonly #history: History;
  /** Begun and not known to have ended before any later operation of the session. */
  #running: number[] = [];
  #last: number[] = [];

  constructor(history: History) {
    this.#history = history;
  }

  /** The last operations that precede `operation`, which is later than all that were added. */
  before(operation: number): readonly number[] {
    if (this.#running.length > 0) this.#settle(operation);
    return this.#last;
  }

  /** In the order in which they began. What nobody answered may happen after all that its session does later. */
  add(operation: number): void {
    if (this.#history.outcome[operation] !== outcomeCode.info) this.#running.push(operation);
  }

  #settle(now: number): void {
    const history = this.#history;
    const ended = this.#running.filter((operation) => precedes(history, operation, now));
    if (ended.length === 0) return;
    this.#running = this.#running.filter((operation) => !precedes(history, operation, now));
    for (const operation of ended) {
      this.#last = this.#last.filter((earlier) => !precedes(history, earlier, operation));
      this.#last.push(operation);
    }
  }
}
