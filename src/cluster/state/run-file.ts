/** What is known of a run of a cluster: `run.json`, there from `up` to `down`. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeName } from '../../config/spec.js';
import { readIfThere, stateProblem, writeAtomically } from './files.js';
import { type FolderIdentity, identifyFolder, isFolder } from './folder-identity.js';
import { anyoneRuns, bootId } from './pidfile.js';

export interface Run {
  readonly sockets: string;
  /** The cluster's folder. */
  readonly folder: FolderIdentity;
  /** The machine's boot: a run ends with it. */
  readonly bootId: string;
}

export const runFile = (folder: string): string => join(folder, 'run.json');

export function writeRun(folder: string, sockets: string): void {
  const run: Run = { sockets, folder: identifyFolder(folder), bootId: bootId() };
  writeAtomically(runFile(folder), JSON.stringify(run));
}

/** The run of the cluster in this folder; `null` when there is none. What was copied here from elsewhere is not its run. */
export function readRun(folder: string): Run | null {
  const run = readAnyRun(folder);
  return run !== null && isFolder(run.folder, folder) ? run : null;
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
  return run === null || isFolder(run.folder, folder) ? null : run.folder.path;
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
  let text: string | null;
  try {
    text = readIfThere(runFile(folder));
  } catch (error) {
    throw stateProblem(error, runFile(folder), 'the file');
  }
  try {
    const run = JSON.parse(text ?? 'null') as Partial<Run> | null;
    const sound = typeof run?.sockets === 'string' && typeof run.folder?.path === 'string';
    return sound ? (run as Run) : null;
  } catch {
    // It was written whole or not at all, so somebody else has been at it.
    return null;
  }
}
