/** Where clusters keep their state and their sockets: whose that is, what it is on, and how fast. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { type Environment, stateHome } from '../../cluster/state/environment.js';
import { checkPrivate } from '../../cluster/state/files.js';
import { daemonSocket, newSocketFolder, nodeSocket } from '../../cluster/state/sockets.js';
import { socketPathBytesMax } from '../../core/limits.js';
import { capital } from '../../core/show.js';
import { writeProblem } from '../../core/write-problem.js';
import { type DoctorFinding, type DoctorLook, fine, problem, warning } from './finding.js';

const mebibyte = 2 ** 20;
const diskMin = 64 * mebibyte;
const diskPlenty = 1024 * mebibyte;
/** So long it is tried how fast the disk syncs, and so often at most. */
const syncMs = 150;
const syncsMax = 50;
const slowSyncMs = 10;

/** File systems that are not what a journal wants, by the number that Linux gives them. */
const fileSystems: ReadonlyMap<number, readonly [name: string, why: string]> = new Map([
  [0x6969, ['NFS', 'a network']],
  [0xff534d42, ['CIFS', 'a network']],
  [0xfe534d42, ['SMB', 'a network']],
  [0x01021997, ['9p', 'another machine']],
  [0x01021994, ['tmpfs', 'memory']],
]);

export const folderLooks = (env: Environment): readonly DoctorLook[] => {
  const home = stateHome(env);
  // Each cluster has a folder of sockets that is called by ten letters; which, does not matter here.
  const sockets = newSocketFolder(join(home, 'dev'), env);
  return [
    { check: 'state folder', look: () => [ownFolder('state folder', home, stateTodo)] },
    { check: 'disk', look: () => [...freeDisk(home), ...fileSystem(home)] },
    { check: 'sync', look: () => [syncSpeed(home)] },
    {
      check: 'socket folder',
      look: () => [ownFolder('socket folder', dirname(sockets), socketsTodo)],
    },
    { check: 'socket paths', look: () => [pathLengths(sockets)] },
    { check: 'sockets', look: async () => [await listening(sockets)] },
  ];
};

const stateTodo = 'point kvx at a folder of yours: `export KVX_HOME=~/kvx-state`.';
const socketsTodo = 'say where sockets may be: `export XDG_RUNTIME_DIR=$(mktemp -d)`.';

/** The folder itself, or, while it is not there, the first above it that is. */
function existing(folder: string): string {
  let at = folder;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

/** Ours alone, and may be written to. */
export function ownFolder(check: string, folder: string, otherwise: string): DoctorFinding {
  const is = existing(folder);
  if (is === folder) checkPrivate(folder, otherwise);
  const why = problemWithWriting(is);
  if (why !== null) return problem(check, `${is} can't be written to: ${why}`, capital(otherwise));
  return fine(check, is === folder ? folder : `${folder}, which the first cluster makes`);
}

/** Tried with a folder that is gone at once; what the system says, or `null`. */
function problemWithWriting(folder: string): string | null {
  const probe = join(folder, `.kvx-doctor-${randomBytes(6).toString('hex')}`);
  try {
    mkdirSync(probe, { mode: 0o700 });
    rmSync(probe, { recursive: true, force: true });
    return null;
  } catch (error) {
    return writeProblem(error as NodeJS.ErrnoException);
  }
}

function freeDisk(home: string): DoctorFinding[] {
  const { bavail, bsize } = statfsSync(existing(home));
  const free = bavail * bsize;
  const says = `${Math.round(free / mebibyte)} MiB free`;
  if (free >= diskPlenty) return [fine('disk', says)];
  const todo =
    'Make room, remove clusters (`kvx cluster list`, `kvx cluster down -C NAME --wipe`), or ' +
    stateTodo;
  return [free < diskMin ? problem('disk', says, todo) : warning('disk', says, todo)];
}

function fileSystem(home: string): DoctorFinding[] {
  const [name, on] = fileSystems.get(statfsSync(existing(home)).type) ?? [];
  if (name === undefined) return [];
  if (name === 'tmpfs') {
    return [
      warning(
        'disk',
        'it is memory (tmpfs): what is in it is gone with the power',
        capital(stateTodo),
      ),
    ];
  }
  const todo = `A sync may promise what it does not do: ${stateTodo}`;
  return [warning('disk', `it is on ${on} (${name})`, todo)];
}

export function syncSpeed(home: string): DoctorFinding {
  const file = join(existing(home), `.kvx-doctor-${randomBytes(6).toString('hex')}`);
  const times: number[] = [];
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    const bytes = new Uint8Array(512);
    for (const end = performance.now() + syncMs; times.length < syncsMax; ) {
      writeSync(descriptor, bytes);
      const beganAt = performance.now();
      fdatasyncSync(descriptor);
      const now = performance.now();
      times.push(now - beganAt);
      if (now > end) break;
    }
  } finally {
    closeSync(descriptor);
    rmSync(file, { force: true });
  }
  const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  const says = `fdatasync takes ${median.toFixed(2)} ms: about ${Math.round(1000 / median)} a second`;
  if (median <= slowSyncMs) return fine('sync', says);
  const todo = 'Where a power cut does not matter: `kvx cluster up --sync off`.';
  return warning('sync', says, todo);
}

const longestName = 'n'.repeat(32);

export function pathLengths(sockets: string): DoctorFinding {
  const check = 'socket paths';
  const bytes = (path: string): number => Buffer.byteLength(path);
  const longest = bytes(nodeSocket(sockets, longestName));
  const usual = Math.max(bytes(daemonSocket(sockets)), bytes(nodeSocket(sockets, 'n1')));
  const most = `${socketPathBytesMax} fit`;
  const todo =
    'Choose a shorter one: `export XDG_RUNTIME_DIR=/tmp/kvx-run; mkdir -m 700 $XDG_RUNTIME_DIR`.';
  if (usual > socketPathBytesMax) {
    return problem(check, `those in ${sockets} take ${usual} bytes, and ${most}`, todo);
  }
  if (longest > socketPathBytesMax) {
    const says = `a node with a name of 32 letters takes ${longest} bytes, and ${most}`;
    return warning(check, says, `Keep names of nodes short, or choose a shorter folder. ${todo}`);
  }
  return fine(check, `the longest takes ${longest} bytes, and ${most}`);
}

/** Whether sockets can be made at all where they are to be. */
async function listening(sockets: string): Promise<DoctorFinding> {
  const folder = existing(dirname(sockets));
  const path = join(folder, `.kvx-${randomBytes(4).toString('hex')}`);
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    server.once('error', resolve);
    server.listen(path, () => server.close(() => resolve(null)));
  });
  if (error === null) return fine('sockets', `can be made in ${folder}`);
  return problem('sockets', `can't be made in ${folder}: ${error.message}`, capital(socketsTodo));
}
