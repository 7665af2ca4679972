/** From `--session` and `--guarantees` to what a client needs, and back into the cluster's folder. */
import type { ClientOptions } from '../client/client.js';
import { Session } from '../client/session.js';
import { rulesInForce } from '../cluster/state/rules.js';
import { checkSessionName, keepSession, loadSession } from '../cluster/state/sessions.js';
import type { Cluster } from '../cluster/state/state.js';
import { parseGuarantees } from '../config/guarantees.js';
import { usageError } from './values.js';

export interface SessionFlags {
  readonly session?: string | undefined;
  readonly guarantees?: string | undefined;
}

export interface NamedSession {
  readonly options: Pick<ClientOptions, 'session' | 'name' | 'cuts'>;
  /** To be called when an operation has succeeded. */
  keep(): Promise<void>;
}

/** `null` without `--session`. Throws `bad-request`, and `cluster` when its file can't be used. */
export function namedSession(cluster: Cluster, flags: SessionFlags): NamedSession | null {
  const { session: name } = flags;
  if (name === undefined) {
    if (flags.guarantees === undefined) return null;
    throw usageError('--guarantees is of a session: say which with --session NAME');
  }
  checkSessionName(cluster, name);
  const wanted = flags.guarantees === undefined ? null : parseGuarantees(flags.guarantees);
  const kept = loadSession(cluster, name);
  const session = kept ?? new Session(wanted ?? undefined);
  if (wanted !== null && wanted.join() !== session.guarantees.join()) {
    throw usageError(
      `session ${name} has ${session.guarantees.join(', ')}, and keeps what it began with`,
      'Choose another name for a session with other guarantees.',
    );
  }
  const { cuts } = rulesInForce(cluster);
  return {
    options: { session, name, cuts: () => cuts },
    keep: async () => {
      if (kept === null || session.hasNews) await keepSession(cluster, name, session);
    },
  };
}
