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
import { timedOut } from '../../../core/results.js';
import { bounds } from '../options.js';
import { type Outcome, Outcomes, Session } from './outcomes.js';

export interface SessionFloor {
  readonly client: string;
  readonly floor: number;
}

const forgotten = timedOut('the command is too old to know whether it was executed');

export class Sessions {
  readonly #sessions = new Map<string, Session>();
  #leastUsed: Session | null = null;
  #lastUsed: Session | null = null;
  readonly #outcomes = new Outcomes();
  #recalledCount = 0;

  get clientCount(): number {
    return this.#sessions.size;
  }

  /** Of the results. */
  get bytes(): number {
    return this.#outcomes.bytes;
  }

  /** How often a command has come again. */
  get recalledCount(): number {
    return this.#recalledCount;
  }

  /** What was answered to this command, or `null` when it is to be executed. */
  recall(client: string, sequence: number): ClientResult | null {
    const session = this.#sessions.get(client);
    if (session === undefined || sequence > session.newest) return null;
    const result = this.#outcomes.find(session, sequence);
    if (result !== null) {
      this.#recalledCount += 1;
      return result;
    }
    return sequence <= session.floor ? forgotten : null;
  }

  remember(client: string, sequence: number, result: ClientResult): void {
    this.#outcomes.keep(this.#touch(client), sequence, result);
    while (
      this.#outcomes.count > bounds.outcomesMax ||
      this.#outcomes.bytes > bounds.outcomeBytesMax
    ) {
      this.#outcomes.forgetOldest();
    }
  }

  /** From a snapshot: floors in their order, then outcomes in theirs. */
  restoreFloor({ client, floor }: SessionFloor): void {
    this.#touch(client).raiseFloor(floor);
  }

  restoreOutcome({ client, sequence, result }: Outcome): void {
    const session = this.#sessions.get(client);
    if (session === undefined) {
      throw new PeerFault(`a result of ${client}, whose floor did not come`);
    }
    this.#outcomes.keep(session, sequence, result);
  }

  /**
   * Clients in the order of their use, results in the order of their age: restoring both gives the same table. It stays as it
   * is now, whatever is remembered later.
   */
  capture(): { readonly floors: readonly SessionFloor[]; readonly outcomes: Iterable<Outcome> } {
    const floors: SessionFloor[] = [];
    for (let session = this.#leastUsed; session !== null; session = session.newer) {
      floors.push({ client: session.client, floor: session.floor });
    }
    return { floors, outcomes: this.#outcomes.capture() };
  }

  #touch(client: string): Session {
    let session = this.#sessions.get(client);
    if (session === undefined) {
      session = new Session(client);
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
    this.#outcomes.forgetAllOf(session);
  }
}
