import { connectionLimits } from '../../core/limits.js';

/** A client, as far as it reads what it is told. */
export interface AnswerReader {
  readonly bytesUnread: number;
  /** When it last read something, or got something to read. */
  readonly progressAt: number;
  dismiss(reason: string): void;
}

/** All clients at one door of a node may together leave so much unread; past it who has read nothing for longest goes. */
export class UnreadAnswers {
  readonly #readers: Iterable<AnswerReader>;
  #bytes = 0;

  constructor(readers: Iterable<AnswerReader>) {
    this.#readers = readers;
  }

  /** So many bytes more, or fewer, wait for one of them. */
  note(change: number): void {
    this.#bytes += change;
    if (change <= 0 || this.#bytes <= connectionLimits.bytesUnreadMax) return;
    let slowest: AnswerReader | null = null;
    for (const reader of this.#readers) {
      if (reader.bytesUnread === 0) continue;
      if (slowest === null || reader.progressAt < slowest.progressAt) slowest = reader;
    }
    slowest?.dismiss('it does not read its answers, and there is no room for more of them');
  }
}
