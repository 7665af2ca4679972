/**
 * Where clusters keep their state.
 *
 * ```
 * <home>/                      $KVX_HOME, else $XDG_STATE_HOME/kvx, else ~/.local/state/kvx; mode 0700
 *   current                    the cluster that `cluster use` chose
 *   <name>.lock                held by the command that is changing the cluster
 *   <name>/cluster.json        what the cluster is; beside it a backup of the same
 *   <name>/run.json            there while it is up: where its sockets are
 *   <name>/faults.json         link rules in force
 *   <name>/nemesis.lock        held by the nemesis at work
 *   <name>/sessions/<who>.json what client sessions have seen
 *   <name>/run/<who>.json      pidfiles: one a node, or the daemon's
 *   <name>/run/<who>.end       why a node stopped by itself
 *   <name>/data/<node>/        journals
 *   <name>/marks/<node>        how far each journal is known to be durable: see `marks.ts`
 *   <name>/aside/<node>-<n>/   data that a node could not start with, and that it began anew without
 *   <name>/logs/<who>.log
 *   <name>/traces/<who>.jsonl  of a cluster that traces: see `trace-files.ts`
 * ```
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkClusterName } from '../../config/spec.js';
import { definiteError, KvxError } from '../../core/errors.js';
import type { NodeId } from '../../core/ids.js';
import { didYouMean } from '../../core/suggest.js';
import { type Environment, stateHome } from './environment.js';
import { checkPrivate, isMissing, readState, stateProblem, writeAtomically } from './files.js';
import { anyoneRuns } from './pidfile.js';
import { type ClusterRecord, formatRecord, parseRecord } from './record.js';
import { isUp } from './run-file.js';
import { socketFolderOf } from './sockets.js';

/** One cluster on this machine: what it is, and where its files are. */
export interface Cluster {
  readonly record: ClusterRecord;
  readonly folder: string;
  /** Where its sockets are, or would be. */
  readonly sockets: string;
}

export interface ListedCluster {
  readonly name: string;
  readonly folder: string;
  readonly up: boolean;
  readonly current: boolean;
  /** `null` when `cluster.json` can't be read; `broken` says why. */
  readonly record: ClusterRecord | null;
  readonly broken: string | null;
}

/** Whether a cluster belongs to one command: see `ClusterRecord.owner`. */
const isPrivate = ({ record }: Pick<ListedCluster, 'record'>): boolean =>
  record?.owner !== undefined;

/** The state home, which may not be there yet. Throws a definite `cluster` KvxError when others may change what is in it. */
function ownHome(env: Environment): string {
  const home = stateHome(env);
  checkPrivate(home, 'point KVX_HOME at a folder of yours.');
  return home;
}

export function clusterFolder(name: string, env: Environment = process.env): string {
  checkClusterName(name);
  return join(ownHome(env), name);
}

const recordFile = (folder: string): string => join(folder, 'cluster.json');
const backupFile = (folder: string): string => join(folder, 'cluster.backup.json');
export const lockFile = (folder: string): string => `${folder}.lock`;
export const dataFolder = (folder: string, node: NodeId): string => join(folder, 'data', node);
export const logFile = (folder: string, who: string): string => join(folder, 'logs', `${who}.log`);

/** All clusters of this home, by name, the broken ones too. */
export function listClusters(env: Environment = process.env): ListedCluster[] {
  const current = currentName(env);
  return readClusters(env).map((seen) => ({
    ...seen,
    ...{ up: isSeenUp(seen), current: seen.name === current },
  }));
}

type SeenCluster = Omit<ListedCluster, 'up' | 'current'>;

function readClusters(env: Environment): SeenCluster[] {
  const home = ownHome(env);
  return foldersIn(home)
    .map((name) => {
      const seen = { name, folder: join(home, name) };
      try {
        return { ...seen, record: readRecord(seen.folder), broken: null };
      } catch (error) {
        return { ...seen, record: null, broken: (error as Error).message };
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const isSeenUp = ({ folder, record }: SeenCluster): boolean =>
  record === null ? mayRun(folder) : isUp(folder, record.runtime);

function mayRun(folder: string): boolean {
  try {
    return anyoneRuns(folder);
  } catch {
    // Its pidfiles can't be read either.
    return false;
  }
}

function foldersIn(home: string): string[] {
  if (!existsSync(home)) return [];
  try {
    const entries = readdirSync(home, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    return folders.filter((name) => !name.startsWith('.') && !isEmpty(join(home, name)));
  } catch (error) {
    throw stateProblem(error, home);
  }
}

/** The cluster of that name, or `null` when there is none. Throws when its state is broken. */
export function findCluster(name: string, env: Environment = process.env): Cluster | null {
  const folder = clusterFolder(name, env);
  return isEmpty(folder) ? null : openCluster(folder, env);
}

/** The cluster whose files are in this folder. Throws when its state is broken. */
export function openCluster(folder: string, env: Environment = process.env): Cluster {
  return { record: readRecord(folder), folder, sockets: socketFolderOf(folder, env) };
}

/**
 * The cluster that a command means. Throws a `cluster` KvxError when there is none, when it is not clear which, or
 * when its state is broken.
 */
export function chooseCluster(flag?: string, env: Environment = process.env): Cluster {
  const name = chooseName(flag, env);
  const found = findCluster(name, env);
  if (found !== null) return found;
  throw definiteError(
    'cluster',
    unknownCluster(name, env),
    `See \`kvx cluster list\`, or start it with \`kvx cluster up --name ${name}\`.`,
  );
}

export function unknownCluster(name: string, env: Environment = process.env): string {
  return `there is no cluster called ${name}${didYouMean(name, foldersIn(ownHome(env)))}`;
}

/** `--cluster`, else `$KVX_CLUSTER`, else the one chosen by `cluster use`, else the only one that is up. */
export function chooseName(flag?: string, env: Environment = process.env): string {
  const name = flag ?? env.KVX_CLUSTER ?? currentName(env);
  if (name) return name;
  const all = readClusters(env).filter((cluster) => !isPrivate(cluster));
  // A lone cluster that is down is still the one that is meant; whoever needs it up will say that it is not.
  const up = all.length === 1 ? all : all.filter(isSeenUp);
  const [only] = up;
  if (only !== undefined && up.length === 1) return only.name;
  if (up.length === 0)
    throw definiteError('cluster', 'no cluster is up', 'Start one with `kvx cluster up`.');
  throw definiteError(
    'cluster',
    `several clusters are up: ${up.map((cluster) => cluster.name).join(', ')}`,
    'Say which with --cluster NAME, or choose one with `kvx cluster use NAME`.',
  );
}

/** Remembers the cluster that commands mean when they name none; `null` forgets it. */
export function useCluster(name: string | null, env: Environment = process.env): void {
  const file = join(ownHome(env), 'current');
  if (name === null) {
    rmSync(file, { force: true });
    return;
  }
  if (findCluster(name, env) === null) {
    throw definiteError('cluster', unknownCluster(name, env), 'See `kvx cluster list`.');
  }
  try {
    writeAtomically(file, `${name}\n`);
  } catch (error) {
    throw stateProblem(error, stateHome(env));
  }
}

/** What `cluster use` chose. */
export function currentName(env: Environment): string | undefined {
  return readState(join(ownHome(env), 'current'), 'the file')?.trim() || undefined;
}

/**
 * Throws a definite `cluster` KvxError that tells a file that can't be read now from one that is not sound, and never
 * advises to wipe what can be mended.
 */
export function readRecord(folder: string): ClusterRecord {
  const file = recordFile(folder);
  let why = 'its cluster.json is missing';
  try {
    return parseRecord(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof KvxError && error.code === 'cluster') throw error;
    if ('errno' in (error as Error) && !isMissing(error))
      throw stateProblem(error, file, 'the file');
    if (!isMissing(error)) why = `cluster.json: ${(error as Error).message}`;
  }
  throw definiteError('cluster', `the state in ${folder} is broken: ${why}`, mendingHint(folder));
}

function mendingHint(folder: string): string {
  const backup = backupFile(folder);
  try {
    parseRecord(readFileSync(backup, 'utf8'));
    return `Its backup is sound: \`cp ${backup} ${recordFile(folder)}\`.`;
  } catch {
    return existsSync(join(folder, 'data'))
      ? `Its data is there: put ${recordFile(folder)} back from a copy of yours.`
      : '`kvx cluster down --wipe` or `kvx cluster up --fresh` with its name removes it.';
  }
}

/** True when there is no folder, or one that a command left that was killed before it had made a cluster in it. */
export const isEmpty = (folder: string): boolean =>
  !['cluster.json', 'cluster.backup.json', 'run.json', 'data'].some((name) =>
    existsSync(join(folder, name)),
  );

/** In one go: half a cluster must never be taken for a whole one. A cluster's name begins with no dot. */
export function removeFolder(folder: string): void {
  const doomed = join(dirname(folder), `.${basename(folder)}`);
  rmSync(doomed, { recursive: true, force: true });
  if (existsSync(folder)) renameSync(folder, doomed);
  rmSync(doomed, { recursive: true, force: true });
}

/** Written whole or not at all; the backup is for what others do to the file, and for failing disks. */
export function writeRecord(folder: string, record: ClusterRecord): void {
  const text = formatRecord(record);
  writeAtomically(recordFile(folder), text);
  writeAtomically(backupFile(folder), text);
}
