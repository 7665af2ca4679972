/** Client sessions that outlive their commands: one file each in the cluster's folder, gone when that is wiped. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from '../../client/session.js';
import { namePattern } from '../../config/spec.js';
import { definiteError, KvxError } from '../../core/errors.js';
import { readState, stateProblem, writeAtomically } from './files.js';
import { withLock } from './lock.js';
import type { Cluster } from './state.js';

const sessionsFolder = (folder: string): string => join(folder, 'sessions');
const sessionFile = (folder: string, name: string): string =>
  join(sessionsFolder(folder), `${name}.json`);

/** Throws `bad-request` unless a session may be called so: like a cluster, and unlike any node. */
export function checkSessionName({ record }: Cluster, name: string): void {
  const isNode = record.nodes.includes(name);
  if (namePattern.test(name) && !isNode) return;
  const why = isNode ? ': a node is called so' : '';
  throw definiteError(
    'bad-request',
    `${JSON.stringify(name)} can't be a session's name${why}`,
    'Use up to 32 letters, digits, - and _, beginning with a letter or digit.',
  );
}

export function hasSession({ folder }: Cluster, name: string): boolean {
  return namePattern.test(name) && existsSync(sessionFile(folder, name));
}

/** `null` when there is none of that name yet. Throws a definite `cluster` KvxError when its file can't be used. */
export function loadSession({ folder }: Cluster, name: string): Session | null {
  const file = sessionFile(folder, name);
  const text = readState(file, `session ${name}`);
  if (text === null) return null;
  try {
    return Session.fromDocument(JSON.parse(text));
  } catch (error) {
    throw definiteError(
      'cluster',
      `session ${name} can't be used: ${(error as Error).message}`,
      `Remove ${file} to begin it anew.`,
    );
  }
}

/** Keeps what the session has seen now, beside what other commands of the same session have kept meanwhile. */
export async function keepSession(cluster: Cluster, name: string, seen: Session): Promise<void> {
  const { folder } = cluster;
  try {
    makeSessionsFolder(folder);
    await withLock(join(sessionsFolder(folder), `${name}.lock`), async () => {
      const kept = loadSession(cluster, name);
      if (kept !== null) seen.merge(kept);
      writeAtomically(sessionFile(folder, name), JSON.stringify(seen.toDocument()));
    });
  } catch (error) {
    const { message } = stateProblem(error, folder) as Error;
    // The operation itself was done; what can't be kept must not pass for a session that goes on.
    throw new KvxError(`it was done, but session ${name} can't remember it: ${message}`, {
      code: 'cluster',
      definite: false,
    });
  }
}

/** Not with the folders above it: a cluster that was wiped meanwhile must not come back as an empty folder. */
function makeSessionsFolder(folder: string): void {
  try {
    mkdirSync(sessionsFolder(folder), { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
