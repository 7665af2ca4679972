import { realpathSync, statSync } from 'node:fs';

/** Which folder a file was written into. A copy of the folder is another one, wherever it stands. */
export interface FolderIdentity {
  /** To tell people; the rest decides, since one folder may be reached by several paths. */
  readonly path: string;
  readonly device: number;
  readonly inode: number;
  /** Numbers of inodes are used again. `null` where the system does not say when a folder was made. */
  readonly bornMs: number | null;
}

export function identifyFolder(folder: string): FolderIdentity {
  const { dev: device, ino: inode, birthtimeMs, ctimeMs } = statSync(folder);
  // Where it does not know, Node gives the time of the last change, which does not stay the same.
  const bornMs = birthtimeMs === 0 || birthtimeMs === ctimeMs ? null : birthtimeMs;
  return { path: realpathSync(folder), device, inode, bornMs };
}

export function isFolder(identity: FolderIdentity, folder: string): boolean {
  const seen = statSync(folder, { throwIfNoEntry: false });
  const { device, inode, bornMs } = identity;
  if (seen?.dev !== device || seen.ino !== inode) return false;
  return bornMs === null || bornMs === seen.birthtimeMs;
}
