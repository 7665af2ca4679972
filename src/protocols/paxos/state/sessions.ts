/**
 * Exactly-once: the results of commands already executed, by client and sequence number.
 *
 * "If the client retries, the command must not be executed a second time" (Ongaro's thesis, section 6.3): the state
 * machine remembers what it answered to each numbered command and answers the same again. The table is part of the
 * state: it is the same on every replica after the same slot, and it travels in snapshots.
 *
 * A client may have many commands under way, so a table of one result a client will not do. We remember the newest
 * results over all clients, `outcomesMax` of them. Each client has a *floor*: at or below it results have been
 * forgotten, and a command from there is not executed but answered with an error that says so. Of at most `clientsMax`
 * clients anything is known; a client that is forgotten (that many others have written since) and comes back with an
 * old command would have it executed again.
 */
import { PeerFault } from '../../../core/invariant.js';
import type { ClientResult } from '../../../core/operation.js';
import { resultBytes } from '../../../core/operation-bytes.js';
import { timedOut } from '../../../core/results.js';
import { itemOverheadBytes } from '../command.js';
import { bounds } from '../options.js';

export interface Outcome {
  readonly client: string;
  readonly sequence: number;
  readonly result: ClientResult;
}

export interface SessionFloor {
  readonly client: string;
  readonly floor: number;
}

/** Sessions are linked in the order of their use: a Map whose oldest entries go one by one is slow to iterate. */
interface Session {
  readonly client: string;
  floor: number;
  readonly outcomes: Map<number, Outcome>;
  older: Session | null;
  newer: Session | null;
}

const forgotten = timedOut('the command is too old to know whether it was executed');

export class Sessions {
  readonly #sessions = new Map<string, Session>();
  #leastUsed: Session | null = null;
  #lastUsed: Session | null = null;
  /** Oldest first, from `#head` on; those of clients that are gone count no more. `null`: before `#head`, nothing is kept alive. */
  #outcomes: (Outcome | null)[] = [];
  #head = 0;
  #recalledCount = 0;
  #count = 0;
  #bytes = 0;

  get clientCount(): number {
    return this.#sessions.size;
  }

  /** Of the results. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How often a command has come again. */
  get recalledCount(): number {
    return this.#recalledCount;
  }

  /** What was answered to this command, or `null` when it is to be executed. */
  recall(client: string, sequence: number): ClientResult | null {
    const session = this.#sessions.get(client);
    if (session === undefined) return null;
    const outcome = session.outcomes.get(sequence);
    if (outcome !== undefined) {
      this.#recalledCount += 1;
      return outcome.result;
    }
    return sequence <= session.floor ? forgotten : null;
  }

  remember(outcome: Outcome): void {
    this.#keep(this.#touch(outcome.client), outcome);
    while (this.#count > bounds.outcomesMax || this.#bytes > bounds.outcomeBytesMax) {
      this.#forgetOldest();
    }
    // What clients that are gone have left must not pile up.
    if (this.#outcomes.length > 2 * bounds.outcomesMax) this.#compact();
  }

  /** From a snapshot: floors in their order, then outcomes in theirs. */
  restoreFloor({ client, floor }: SessionFloor): void {
    this.#touch(client).floor = floor;
  }

  restoreOutcome(outcome: Outcome): void {
    const session = this.#sessions.get(outcome.client);
    if (session === undefined) {
      throw new PeerFault(`a result of ${outcome.client}, whose floor did not come`);
    }
    this.#keep(session, outcome);
  }

  /** Clients in the order of their use, results in the order of their age: restoring both gives the same table. */
  capture(): { readonly floors: readonly SessionFloor[]; readonly outcomes: readonly Outcome[] } {
    const floors: SessionFloor[] = [];
    for (let session = this.#leastUsed; session !== null; session = session.newer) {
      floors.push({ client: session.client, floor: session.floor });
    }
    return { floors, outcomes: this.#compact().slice() };
  }

  #keep(session: Session, { sequence, result }: Outcome): void {
    // One string a client: each command brought its own.
    const outcome = { client: session.client, sequence, result };
    session.outcomes.set(outcome.sequence, outcome);
    this.#outcomes.push(outcome);
    this.#count += 1;
    this.#bytes += outcomeBytes(outcome);
  }

  #touch(client: string): Session {
    let session = this.#sessions.get(client);
    if (session === undefined) {
      session = { client, floor: 0, outcomes: new Map(), older: null, newer: null };
      this.#sessions.set(client, session);
    } else if (session === this.#lastUsed) {
      return session;
    } else {
      this.#unlink(session);
    }
    session.older = this.#lastUsed;
    if (this.#lastUsed === null) this.#leastUsed = session;
    else this.#lastUsed.newer = session;
    this.#lastUsed = session;
    if (this.#sessions.size > bounds.clientsMax) this.#forgetLeastUsed();
    return session;
  }

  #unlink(session: Session): void {
    const { older, newer } = session;
    if (older === null) this.#leastUsed = newer;
    else older.newer = newer;
    if (newer === null) this.#lastUsed = older;
    else newer.older = older;
    session.older = null;
    session.newer = null;
  }

  #forgetLeastUsed(): void {
    const session = this.#leastUsed;
    if (session === null) return;
    this.#unlink(session);
    this.#sessions.delete(session.client);
    this.#count -= session.outcomes.size;
    for (const outcome of session.outcomes.values()) this.#bytes -= outcomeBytes(outcome);
  }

  #forgetOldest(): void {
    for (;;) {
      const oldest = this.#outcomes[this.#head] as Outcome;
      this.#outcomes[this.#head++] = null;
      const session = this.#sessions.get(oldest.client);
      if (session === undefined || !this.#isKept(oldest)) continue;
      session.outcomes.delete(oldest.sequence);
      session.floor = Math.max(session.floor, oldest.sequence);
      this.#count -= 1;
      this.#bytes -= outcomeBytes(oldest);
      return;
    }
  }

  #isKept(outcome: Outcome): boolean {
    return this.#sessions.get(outcome.client)?.outcomes.get(outcome.sequence) === outcome;
  }

  #compact(): readonly Outcome[] {
    const left = this.#outcomes.slice(this.#head) as Outcome[];
    const kept = left.filter((outcome) => this.#isKept(outcome));
    this.#outcomes = kept;
    this.#head = 0;
    return kept;
  }
}

export function outcomeBytes({ client, result }: Outcome): number {
  return itemOverheadBytes + client.length + resultBytes(result);
}
