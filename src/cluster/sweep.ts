import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runFile } from './sockets.js';
import { rulesFile } from './state.js';

/** Removes all that belongs to a run of a cluster and not to its data. Its processes must be gone. */
export function sweepRun(folder: string, sockets: string): void {
  removeSockets(sockets);
  rmSync(join(folder, 'run'), { recursive: true, force: true });
  rmSync(rulesFile(folder), { force: true });
  rmSync(runFile(folder), { force: true });
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
