/** What is known of a run of a cluster: `run.json`, there from `up` to `down`, and the faults that are on in it. */
import { existsSync, readdirSync, realpathSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ClusterSpec, type RuntimeName, rulesOf } from '../../config/spec.js';
import { definiteError } from '../../core/errors.js';
import { linkRulesOf } from '../../faults/active.js';
import type { LinkRules } from '../../faults/link-rules.js';
import { fromTuple, tupleOf } from '../../runtime/cbor-tuples.js';
import { type StoredFaults, storedFaults } from '../../runtime/links/fault-shapes.js';
import {
  type FolderIdentity,
  identifyFolder,
  isMissing,
  isSameFolder,
  isTemporary,
  parseDocument,
  readState,
  writeAtomically,
} from './files.js';
import { anyoneRuns, bootId } from './pidfile.js';
import { traceFaults } from './trace-files.js';

export interface Run {
  readonly sockets: string;
  /** The cluster's folder. */
  readonly folder: FolderIdentity;
  /** The machine's boot: a run ends with it. */
  readonly bootId: string;
}

const runFile = (folder: string): string => join(folder, 'run.json');

export function writeRun(folder: string, sockets: string): void {
  const run: Run = { sockets, folder: identifyFolder(folder), bootId: bootId() };
  writeAtomically(runFile(folder), JSON.stringify(run));
}

/** The run of the cluster in this folder; `null` when there is none. What was copied here from elsewhere is not its run. */
export function readRun(folder: string): Run | null {
  const run = readAnyRun(folder);
  return run !== null && isSameFolder(run.folder, folder) ? run : null;
}

/**
 * True from `up` to `down`, as far as users are concerned. A cluster of processes all of which were killed is still up, and
 * its nodes can be started one by one; threads are gone with their daemon.
 */
export function isUp(folder: string, runtime: RuntimeName): boolean {
  const run = readRun(folder);
  if (run === null || run.bootId !== bootId()) return false;
  return runtime === 'processes' || anyoneRuns(folder);
}

/** Of a folder that was copied while its cluster was up: where the original is. */
export function originalOf(folder: string): string | null {
  const run = readAnyRun(folder);
  return run === null || isSameFolder(run.folder, folder) ? null : run.folder.path;
}

/** The same in words; `null` of a folder that is no such copy. */
export function copyInWords(folder: string): string | null {
  const original = originalOf(folder);
  if (original === null) return null;
  return original === realpathSync(folder)
    ? `${folder} was put back from a copy made while it was up`
    : `${folder} is a copy of ${original}, made while it was up`;
}

function readAnyRun(folder: string): Run | null {
  return parseDocument<Run>(
    readState(runFile(folder), 'the file'),
    ({ sockets, folder }) => typeof sockets === 'string' && typeof folder?.path === 'string',
  );
}

/** Removes all that belongs to a run of a cluster and not to its data. Its processes must be gone. */
export function sweepRun(folder: string, sockets: string): void {
  removeSockets(sockets);
  rmSync(join(folder, 'run'), { recursive: true, force: true });
  rmSync(faultsFile(folder), { force: true });
  rmSync(nemesisLock(folder), { force: true });
  rmSync(runFile(folder), { force: true });
  removeTemporaries(folder);
}

/** Files that a command left that was killed while it wrote them. The caller holds the lock: nobody writes now. */
function removeTemporaries(folder: string): void {
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  for (const name of names.filter(isTemporary)) rmSync(join(folder, name), { force: true });
}

/** Its own files and empty folders only: the path may come from a file that somebody else has touched. */
function removeSockets(sockets: string): void {
  try {
    for (const name of readdirSync(sockets)) {
      if (/\.(sock|resp)$/.test(name)) rmSync(join(sockets, name), { force: true });
    }
    rmdirSync(sockets);
    rmdirSync(dirname(sockets));
  } catch {
    // There are none, or others still use the folder above.
  }
}

interface FolderAndSpec {
  readonly folder: string;
  readonly record: ClusterSpec;
}

/** Held by the nemesis at work. */
export const nemesisLock = (folder: string): string => join(folder, 'nemesis.lock');

const faultsFile = (folder: string): string => join(folder, 'faults.json');

const noFaults: StoredFaults = { nextId: 1, faults: [] };

export const hasFaults = (folder: string): boolean => existsSync(faultsFile(folder));

/**
 * What is broken on purpose in the cluster of this folder. Throws a definite `cluster` KvxError when that can't be read: a
 * cut that is silently gone would make a liar of every later test.
 */
export function readFaults(folder: string): StoredFaults {
  const file = faultsFile(folder);
  const text = readState(file, 'the faults');
  if (text === null) return noFaults;
  try {
    return fromTuple(storedFaults, JSON.parse(text));
  } catch (error) {
    const why = `the faults in ${file} can't be used: ${(error as Error).message}`;
    throw definiteError('cluster', why, 'Remove that file; then the cluster has no faults.');
  }
}

export function storeFaults({ folder, record }: FolderAndSpec, stored: StoredFaults): void {
  const before = readFaults(folder).faults;
  writeAtomically(faultsFile(folder), JSON.stringify(tupleOf(storedFaults, stored)));
  traceFaults(folder, record, before, stored.faults);
}

/** Another one when {@link readFaults} may read something else. */
export function faultsStamp(folder: string): string {
  const found = statSync(faultsFile(folder), { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.ino} ${found.mtimeMs} ${found.size}`;
}

export const rulesInForce = ({ folder, record }: FolderAndSpec): LinkRules =>
  linkRulesOf(rulesOf(record), readFaults(folder).faults);
