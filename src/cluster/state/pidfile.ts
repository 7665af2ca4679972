/**
 * Pidfiles that never point at a stranger: see `runtime/process-identity.ts`. A pidfile also names the folder it stands in: in
 * a copy of that folder it points at nobody.
 */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Millis } from '../../core/ids.js';
import { conditionOf, type ProcessIdentity } from '../../node/process-identity.js';
import {
  isMissing,
  makePrivateFolder,
  readIfThere,
  stateProblem,
  writeAtomically,
} from './files.js';
import { type FolderIdentity, identifyFolder, isFolder } from './folder-identity.js';

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
  let text: string | null;
  try {
    text = readIfThere(file);
  } catch (error) {
    throw stateProblem(error, file, 'the pidfile');
  }
  if (text === null) return null;
  const pidfile = parsePidfile(text);
  const isHere = pidfile?.folder === undefined || isFolder(pidfile.folder, dirname(file));
  return isHere ? pidfile : null;
}

/** What is written whole or not at all, and is not sound, was not written by kvx. */
function parsePidfile(text: string): Pidfile | null {
  try {
    const raw = JSON.parse(text) as Partial<Pidfile>;
    const sound =
      Number.isSafeInteger(raw.pid) &&
      (raw.pid as number) > 1 &&
      typeof raw.startTime === 'string' &&
      typeof raw.bootId === 'string' &&
      typeof raw.since === 'number';
    return sound ? (raw as Pidfile) : null;
  } catch {
    return null;
  }
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

/** True when a process of this cluster is alive. */
export function anyoneRuns(folder: string): boolean {
  return [...pidfilesIn(folder).values()].some((pidfile) => conditionOf(pidfile) !== 'gone');
}
