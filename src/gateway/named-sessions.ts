/**
 * Sessions that clients of one node share by name, and that are those of `--session NAME` on the command line: kept in the
 * cluster's folder. A node reads one when its first client takes it, and writes down what it has seen soon after, and before
 * its client is told that it has left it.
 */
import { Session } from '../client/session.js';
import { checkSessionName, keepSession, loadSession } from '../cluster/state/sessions.js';
import type { Cluster } from '../cluster/state/state.js';
import { usageError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import type { Guarantee } from '../core/session.js';
import type { RespSessions } from '../resp/command.js';

const keptEveryMs: Millis = 100;
/** One that remembers many keys takes long to keep: so many times as long it rests after that. */
const restsTimes = 20;

interface Shared {
  readonly session: Session;
  users: number;
  keeping: Promise<void>;
  restsUntil: Millis;
}

export class NamedSessions implements RespSessions {
  readonly #cluster: Cluster;
  readonly #log: (event: string) => void;
  readonly #shared = new Map<string, Shared>();
  #timer: NodeJS.Timeout | null = null;

  constructor(cluster: Cluster, log: (event: string) => void) {
    this.#cluster = cluster;
    this.#log = log;
  }

  take(name: string, wanted: readonly Guarantee[] | null): Session {
    checkSessionName(this.#cluster, name);
    const kept = loadSession(this.#cluster, name);
    const shared = this.#shared.get(name);
    const session = shared?.session ?? kept ?? new Session(wanted ?? undefined);
    if (wanted !== null && new Session(wanted).guarantees.join() !== session.guarantees.join()) {
      throw usageError(
        `session ${name} has ${session.guarantees.join(', ')}, and keeps what it began with`,
      );
    }
    // A command line may have gone on with it meanwhile.
    if (shared !== undefined && kept !== null) session.merge(kept);
    if (shared === undefined)
      this.#shared.set(name, { session, users: 1, keeping: Promise.resolve(), restsUntil: 0 });
    else shared.users++;
    // So that it is there, with its guarantees, for whoever comes next.
    if (kept === null) session.hasNews = true;
    this.#timer ??= setInterval(() => this.#keepAll(), keptEveryMs).unref();
    return session;
  }

  async leave(name: string): Promise<void> {
    const shared = this.#shared.get(name);
    if (shared === undefined) return;
    shared.users--;
    await this.#keep(name, shared);
    // Until now whoever took it again would have found less in the file.
    if (shared.users > 0 || this.#shared.get(name) !== shared) return;
    this.#shared.delete(name);
    if (this.#shared.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #keepAll(): void {
    for (const [name, shared] of this.#shared) {
      if (!shared.session.hasNews || performance.now() < shared.restsUntil) continue;
      this.#keep(name, shared).catch((error: unknown) => this.#log((error as Error).message));
    }
  }

  /** One after the other: a later one has what came meanwhile. */
  #keep(name: string, shared: Shared): Promise<void> {
    const { session } = shared;
    shared.keeping = shared.keeping
      .catch(() => {})
      .then(async () => {
        if (!session.hasNews) return;
        const beganAt = performance.now();
        session.hasNews = false;
        try {
          await keepSession(this.#cluster, name, session);
        } catch (error) {
          session.hasNews = true;
          throw error;
        } finally {
          const now = performance.now();
          shared.restsUntil = now + restsTimes * (now - beganAt);
        }
      });
    return shared.keeping;
  }
}
