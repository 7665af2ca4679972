/**
 * Pidfiles that never point at a stranger: see `runtime/process-identity.ts`. A pidfile also names the folder it stands in: in
 * a copy of that folder it points at nobody.
 */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Millis } from '../../core/ids.js';
import { conditionOf, type ProcessIdentity } from '../../node/process-identity.js';
import {
  type FolderIdentity,
  identifyFolder,
  isMissing,
  isSameFolder,
  makePrivateFolder,
  parseDocument,
  readState,
  stateProblem,
  writeAtomically,
} from './files.js';

export {
  bootId,
  conditionOf,
  identify,
  type ProcessCondition,
  type ProcessIdentity,
} from '../../node/process-identity.js';

export interface Pidfile extends ProcessIdentity {
  /** When it took its present state. Milliseconds since 1970. */
  readonly since: Millis;
  /** It was stopped on purpose: being gone is no failure. */
  readonly killed?: boolean;
  /** Its launcher has not let it go yet. Whoever finds this while holding the lock has found an orphan. */
  readonly starting?: boolean;
  readonly folder?: FolderIdentity;
}

export const pidfileOf = (folder: string, who: string): string =>
  join(folder, 'run', `${who}.json`);

/** Sends a signal to that very process; false when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (conditionOf(identity) === 'gone') return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * `null` when there is none, or none that means a process of this folder. Throws a definite `cluster` KvxError when it can't
 * be read: a process may well be there.
 */
export function readPidfile(file: string): Pidfile | null {
  const pidfile = parseDocument<Pidfile>(
    readState(file, 'the pidfile'),
    ({ pid, startTime, bootId, since }) =>
      Number.isSafeInteger(pid) &&
      (pid as number) > 1 &&
      typeof startTime === 'string' &&
      typeof bootId === 'string' &&
      typeof since === 'number',
  );
  const isHere = pidfile?.folder === undefined || isSameFolder(pidfile.folder, dirname(file));
  return isHere ? pidfile : null;
}

export function writePidfile(file: string, pidfile: Pidfile): void {
  makePrivateFolder(dirname(file));
  writeAtomically(file, formatPidfile(pidfile, file));
}

export function formatPidfile(pidfile: Pidfile, file: string): string {
  return JSON.stringify({ ...pidfile, folder: identifyFolder(dirname(file)) });
}

/** Every pidfile of a cluster, by whose it is. */
export function pidfilesIn(folder: string): Map<string, Pidfile> {
  const found = new Map<string, Pidfile>();
  let names: string[] = [];
  try {
    names = readdirSync(join(folder, 'run'));
  } catch (error) {
    if (isMissing(error)) return found;
    throw stateProblem(error, join(folder, 'run'), 'the folder');
  }
  for (const name of names.filter((file) => file.endsWith('.json'))) {
    const pidfile = readPidfile(join(folder, 'run', name));
    if (pidfile !== null) found.set(name.slice(0, -'.json'.length), pidfile);
  }
  return found;
}

export function anyoneRuns(folder: string): boolean {
  return [...pidfilesIn(folder).values()].some((pidfile) => conditionOf(pidfile) !== 'gone');
}
