import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { definiteError, KvxError } from '../../core/errors.js';
import { capital, quoted } from '../../core/show.js';
import { isDiskFull } from '../../core/write-problem.js';
import { syncFolder } from '../../node/sync-folder.js';

/** Replaces a file so that after any crash it holds the old or the new text, whole. All or nothing: see {@link writeBeside}. */
export function writeAtomically(file: string, text: string): void {
  const temporary = writeBeside(file, text);
  try {
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(file));
}

/**
 * Makes a file of this text beside `file`, synced, and returns its name. Nobody can foresee that name or have put a link
 * there. Leaves nothing behind when not all of the text could be written.
 */
export function writeBeside(file: string, text: string): string {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const temporary = `${file}.${randomBytes(8).toString('hex')}.tmp`;
  const descriptor = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeAll(descriptor, Buffer.from(text));
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return temporary;
}

/** From the start of the file. The system may take less than all, as when the disk is nearly full; the next call then says why. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(descriptor, bytes, at, bytes.length - at, at);
  }
}

/** A name that {@link writeBeside} gives. */
export const isTemporary = (name: string): boolean => /\.[0-9a-f]{16}\.tmp$/.test(name);

/** The text of a file; `null` when there is none. Throws what the system says when it can't be read. */
export function readIfThere(file: string): string | null {
  try {
    // Most often it is not there: to look takes Node less than to make an error.
    if (statSync(file, { throwIfNoEntry: false }) === undefined) return null;
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The text of a file of the state, `null` when there is none; what the system says is explained. `what` names the file. */
export function readState(file: string, what: string): string | null {
  try {
    return readIfThere(file);
  } catch (error) {
    throw stateProblem(error, file, what);
  }
}

/** What stands in a document as JSON, if each field is as it has to be; `null` of all else, which kvx did not write. */
export function parseDocument<T extends object>(
  text: string | null,
  isSound: (document: Partial<T>) => boolean,
): T | null {
  try {
    const document = JSON.parse(text ?? 'null') as T | null;
    return document !== null && isSound(document) ? document : null;
  } catch {
    return null;
  }
}

/** True of what the system says of a file, or a folder above it, that is not there. */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/**
 * Makes a folder, and those above it, for this user only. One by one: below a folder in which nothing can be made, such as
 * /proc, the recursive `mkdir` of Node 20 never returns.
 */
export function makePrivateFolder(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makePrivateFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!isFolder(folder)) throw error;
  }
  try {
    syncFolder(parent);
  } catch (error) {
    // A folder in which this user may make others, but not look.
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
  }
}

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * Throws a definite `cluster` KvxError unless this folder is the user's own and nobody else may change what is in it: who
 * may could put links and foreign pids in our way, and root would follow them. One that is not there is fine. `otherwise`,
 * which ends with a full stop, is what the user can do but for changing the folder.
 */
export function checkPrivate(folder: string, otherwise: string): void {
  const wrong = problemWithOwner(folder, process.getuid?.());
  if (wrong === null) return;
  const close = `\`chmod go-w ${quoted(folder)}\`, or ${otherwise}`;
  const todo = wrong === openToOthers ? close : capital(otherwise);
  throw definiteError('cluster', `${folder} ${wrong}`, todo);
}

const openToOthers = 'can be changed by other users';

function problemWithOwner(folder: string, uid: number | undefined): string | null {
  if (uid === undefined) return null;
  try {
    const link = lstatSync(folder, { throwIfNoEntry: false });
    if (link === undefined) return null;
    const target = link.isSymbolicLink() ? statSync(folder, { throwIfNoEntry: false }) : link;
    if (target === undefined) return 'is a link to what is not there';
    if (!target.isDirectory()) return 'is no folder';
    // Whoever owns a link may point it elsewhere.
    const linkOwners = link.isSymbolicLink() ? [uid, 0] : [uid];
    if (target.uid !== uid || !linkOwners.includes(link.uid)) return 'belongs to another user';
    return (target.mode & 0o022) === 0 ? null : openToOthers;
  } catch (error) {
    throw stateProblem(error, folder, 'the folder');
  }
}

const problems: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'this user may not'],
  ['EPERM', 'this user may not'],
  ['EROFS', 'it can only be read'],
  ['EEXIST', 'a file stands in its place'],
  ['ENOTDIR', 'a file stands in its place'],
  ['ENOENT', 'it can not be made there'],
  ['ELOOP', 'a link stands in its place'],
  ['ENAMETOOLONG', 'its path is too long'],
  ['EIO', 'the disk fails'],
]);

/** What the system says of a state folder, or of a file in one, as a definite `cluster` KvxError; other errors as they are. */
export function stateProblem(error: unknown, place: string, what = 'the state folder'): unknown {
  if (error instanceof KvxError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const full = isDiskFull(error);
  const why = full ? 'the disk is full' : `can't use it (${problems.get(code) ?? message})`;
  return definiteError(
    'cluster',
    `${why}: ${what} ${place}`,
    full
      ? 'Make room, or point KVX_HOME at another disk.'
      : 'Check who owns it, or point KVX_HOME at a folder of yours.',
  );
}

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

export function isSameFolder(identity: FolderIdentity, folder: string): boolean {
  const seen = statSync(folder, { throwIfNoEntry: false });
  const { device, inode, bornMs } = identity;
  if (seen?.dev !== device || seen.ino !== inode) return false;
  return bornMs === null || bornMs === seen.birthtimeMs;
}
