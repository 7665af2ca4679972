import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isMissing, isTemporary } from './files.js';
import { runFile } from './run-file.js';
import { rulesFile } from './state.js';

/** Removes all that belongs to a run of a cluster and not to its data. Its processes must be gone. */
export function sweepRun(folder: string, sockets: string): void {
  removeSockets(sockets);
  rmSync(join(folder, 'run'), { recursive: true, force: true });
  rmSync(rulesFile(folder), { force: true });
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
      if (name.endsWith('.sock')) rmSync(join(sockets, name), { force: true });
    }
    rmdirSync(sockets);
    rmdirSync(dirname(sockets));
  } catch {
    // There are none, or others still use the folder above.
  }
}
