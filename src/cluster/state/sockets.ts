/**
 * Sockets live in a short folder of their own: their paths have a limit of about a hundred bytes, past which Node 20
 * cuts them off in silence.
 */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definiteError } from '../../core/errors.js';
import type { NodeId } from '../../core/ids.js';
import { socketPathBytesMax } from '../../core/limits.js';
import type { Environment } from './environment.js';
import { checkPrivate, makePrivateFolder } from './files.js';
import { readRun } from './run-file.js';

/** Where a cluster's sockets are: as its last `up` wrote down, else where this environment would put them. */
export function socketFolderOf(folder: string, env: Environment): string {
  return readRun(folder)?.sockets ?? newSocketFolder(folder, env);
}

/** Where this environment puts the sockets of a cluster. */
export function newSocketFolder(folder: string, env: Environment): string {
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 10);
  return join(runtimeFolder(env), hash);
}

function runtimeFolder(env: Environment): string {
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, 'kvx');
  return join(tmpdir(), `kvx-${process.getuid?.() ?? 'user'}`);
}

export const nodeSocket = (sockets: string, node: NodeId): string => join(sockets, `${node}.sock`);
/** For Redis clients. No longer than the node's own, so that it fits when that does. */
export const respSocket = (sockets: string, node: NodeId): string => join(sockets, `${node}.resp`);
export const daemonSocket = (sockets: string): string => join(sockets, 'daemon.sock');

/**
 * Makes a cluster's socket folder. Throws a `cluster` {@link KvxError} when a path in it would be too long, or when
 * its place belongs to somebody else: in a shared `/tmp` a stranger could have made it first.
 */
export function makeSocketFolder(sockets: string, nodes: readonly NodeId[]): void {
  const longest = [...nodes.map((node) => nodeSocket(sockets, node)), daemonSocket(sockets)].sort(
    (a, b) => Buffer.byteLength(b) - Buffer.byteLength(a),
  )[0] as string;
  if (Buffer.byteLength(longest) > socketPathBytesMax) {
    throw definiteError(
      'cluster',
      `the socket path ${longest} is too long: ${Buffer.byteLength(longest)} bytes, at most ${socketPathBytesMax}`,
      'Set XDG_RUNTIME_DIR to a short path.',
    );
  }
  const parent = join(sockets, '..');
  for (const folder of [parent, sockets]) {
    try {
      makePrivateFolder(folder);
    } catch (error) {
      throw definiteError(
        'cluster',
        `sockets can't be put into ${folder}: ${(error as Error).message}`,
        'Set XDG_RUNTIME_DIR to a folder of yours.',
      );
    }
    checkPrivate(folder, 'remove it, or set XDG_RUNTIME_DIR to a private folder.');
  }
}
