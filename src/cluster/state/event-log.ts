import { eventText, type ProtocolEvent } from '../../core/protocol-event.js';
import type { Reply } from '../../runtime/outbox.js';
import type { NodeLog } from './log.js';
import { limited } from './log-limit.js';

/**
 * Writes what happens in a node's protocol into its log. Each kind of event has a share of its own: thousands of repairs
 * must not push an election out.
 */
export class EventLog {
  readonly #log: NodeLog;
  readonly #writers = new Map<string, (event: string) => void>();
  readonly #refused: (event: string) => void;

  constructor(log: NodeLog) {
    this.#log = log;
    this.#refused = limited((event) => log.warn(event));
  }

  add(event: ProtocolEvent): void {
    let write = this.#writers.get(event.what);
    if (write === undefined) {
      write = limited((text) => this.#log.info(text));
      this.#writers.set(event.what, write);
    }
    write(eventText(event));
  }

  /** What clients were refused because of how the cluster is, not of what they asked. */
  addReplies(replies: readonly Reply[]): void {
    for (const { result } of replies) {
      if (result.type !== 'error' || result.code === 'bad-request') continue;
      this.#refused(`a request failed (${result.code}): ${result.message}`);
    }
  }
}
