import { existsSync, renameSync, rmSync } from 'node:fs';
import type { NodeId } from '../../core/ids.js';
import { forgetMark } from './marks.js';
import { pidfileOf } from './pidfile.js';
import { nodeSocket } from './sockets.js';
import { type Cluster, dataFolder, logFile } from './state.js';

/** Removes what is left of a node that was killed and is listed no more; with `keep`, not its data and its log. */
export function forgetFiles({ folder, sockets }: Cluster, node: NodeId, keep: boolean): void {
  rmSync(nodeSocket(sockets, node), { force: true });
  rmSync(pidfileOf(folder, node), { force: true });
  if (keep) return;
  forgetMark(folder, node);
  const data = dataFolder(folder, node);
  // In one go: half a journal must never be taken for a whole one. A node's name begins with no dot.
  const doomed = dataFolder(folder, `.${node}`);
  rmSync(doomed, { recursive: true, force: true });
  if (existsSync(data)) renameSync(data, doomed);
  rmSync(doomed, { recursive: true, force: true });
  rmSync(logFile(folder, node), { force: true });
}
