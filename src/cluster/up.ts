import { randomBytes } from 'node:crypto';
import {
  type ClusterSpec,
  checkSpec,
  dataConflicts,
  nameDefault,
  runConflicts,
} from '../config/spec.js';
import { definiteError, KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { isDiskFull } from '../core/write-problem.js';
import { profileOf } from '../protocols/catalog.js';
import { stopAll, stopOrphans } from './down.js';
import type { NodeState } from './host/control-frames.js';
import type { OnReady } from './launch/detached.js';
import { runnerOf } from './launch/runners.js';
import { failureInWords, type NodeFailure } from './launch/startup.js';
import { checkPortsFree, portsFor } from './node-ports.js';
import { type Environment, stateHome } from './state/environment.js';
import { makePrivateFolder, stateProblem } from './state/files.js';
import { withLock } from './state/lock.js';
import { anyoneRuns, identify, pidfilesIn } from './state/pidfile.js';
import { type ClusterRecord, recordFormatVersion } from './state/record.js';
import { copyInWords, hasFaults, sweepRun, writeRun } from './state/run-file.js';
import { makeSocketFolder, newSocketFolder, socketFolderOf } from './state/sockets.js';
import {
  type Cluster,
  clusterFolder,
  isEmpty,
  lockFile,
  openCluster,
  removeFolder,
  writeRecord,
} from './state/state.js';

export interface UpOptions {
  /** Removes the data of a cluster of that name first. */
  readonly fresh: boolean;
  /** Aborting leaves nothing behind: no process, no socket, no folder that was not there before. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: UpProgress) => void;
  /** Makes it a cluster of this process alone: see `ClusterRecord.owner`. */
  readonly isPrivate?: boolean;
  /** The flags of `cluster up` that led here, save the name: for advice. */
  readonly typed?: string;
  readonly env?: Environment;
}

export interface UpProgress {
  readonly node: NodeId;
  readonly event: 'starting' | 'ready';
}

export interface UpReport {
  readonly cluster: Cluster;
  readonly outcome: 'created' | 'resumed' | 'already-up';
  readonly nodes: readonly NodeState[];
  /** Nodes that had lost their data, and copy them from the others before they serve. */
  readonly copying: readonly NodeId[];
  readonly tookMs: Millis;
  /** What a user may want to know, one line each: a stale pidfile was cleaned away, … */
  readonly notes: readonly string[];
}

/**
 * Starts a cluster, or resumes the data of one, and returns when every node answers. `spec` is complete: to resume a
 * cluster as it was, pass the record that `findCluster` gives. Throws `cluster` KvxErrors, all definite;
 * `StartError` when a node did not come up; `interrupted` when the signal aborted.
 */
export async function upCluster(spec: ClusterSpec, options: UpOptions): Promise<UpReport> {
  checkSpec(spec);
  const env = options.env ?? process.env;
  const folder = clusterFolder(spec.name, env);
  const startedAt = performance.now();
  try {
    makePrivateFolder(stateHome(env));
    const up = (): Promise<Omit<UpReport, 'tookMs'>> => upLocked(spec, folder, options, env);
    const report = await withLock(lockFile(folder), up, options.signal).catch((error) => {
      // A full disk has no room for a lock, and none is needed to see what its cluster has come to.
      if (!isDiskFull(error) || !anyoneRuns(folder)) throw error;
      return alreadyUp(openCluster(folder, env), spec, options);
    });
    return { ...report, tookMs: Math.round(performance.now() - startedAt) };
  } catch (error) {
    throw explain(error, folder, options.signal);
  }
}

async function upLocked(
  spec: ClusterSpec,
  folder: string,
  options: UpOptions,
  env: Environment,
): Promise<Omit<UpReport, 'tookMs'>> {
  const orphans = await stopOrphans(folder);
  if (anyoneRuns(folder)) return alreadyUp(openCluster(folder, env), spec, options, orphans);
  const notes = notesOnFolder(folder);
  const isNew = options.fresh || isEmpty(folder);
  const record = isNew
    ? newRecord(spec, options.isPrivate)
    : resumedRecord(openCluster(folder, env).record, spec, options);
  await checkPortsFree(record, env);
  sweepRun(folder, socketFolderOf(folder, env));
  if (isNew) removeFolder(folder);
  const cluster: Cluster = { record, folder, sockets: newSocketFolder(folder, env) };
  const copying: NodeId[] = [];
  const runner = runnerOf(cluster);
  let failures: readonly NodeFailure[];
  try {
    prepare(cluster);
    for (const node of record.nodes) options.onProgress({ node, event: 'starting' });
    const onReady: OnReady = (node, note) => {
      options.onProgress({ node, event: 'ready' });
      if (note === null) return;
      notes.push(note);
      copying.push(node);
    };
    // Whoever comes back with its data need not wait for one who can't.
    failures = await runner.startAll(isNew ? 'all' : 'some', options.signal, onReady);
  } catch (error) {
    await undo(cluster, isNew);
    throw error;
  }
  return {
    cluster,
    outcome: isNew ? 'created' : 'resumed',
    nodes: (await runner.states()).map((state) => withWhy(state, failures)),
    copying,
    notes,
  };
}

/** What a node said to its launcher is known also when it found no room to write it down. */
function withWhy(state: NodeState, failures: readonly NodeFailure[]): NodeState {
  const failure = failures.find(({ node }) => node === state.node);
  if (failure === undefined || state.state !== 'failed') return state;
  return { ...state, why: failureInWords(failure) };
}

/** What was left in the folder of a cluster that is not up. */
function notesOnFolder(folder: string): string[] {
  const copy = copyInWords(folder);
  if (copy !== null) return [`${copy}; the original is left alone`];
  const stale = [...pidfilesIn(folder).keys()];
  if (stale.length === 0) return [];
  const healed = hasFaults(folder) ? '; the faults that were on are gone' : '';
  return [`cleaned up after a crash: ${stale.join(', ')}${healed}`];
}

/** `orphans`: nodes that another command was about to start when it was killed. They are started now. */
async function alreadyUp(
  cluster: Cluster,
  spec: ClusterSpec,
  { fresh, typed }: UpOptions,
  orphans: readonly string[] = [],
): Promise<Omit<UpReport, 'tookMs'>> {
  const { name } = spec;
  const data = dataConflicts(cluster.record, spec);
  const conflicts = [...data, ...runConflicts(cluster.record, spec)];
  if (fresh || conflicts.length > 0) {
    const why = fresh || conflicts.length === 0 ? '' : ` ${joined(conflicts)}`;
    const changes = fresh || conflicts.length !== 1 ? null : nodeChanges(cluster.record, spec);
    const hint =
      changes !== null
        ? `Change its nodes: ${changes}.`
        : data.length > 0 && !fresh
          ? `Beside it: \`${upLike(typed, otherName(spec))}\`.`
          : `Stop it first: \`kvx cluster down -C ${name} && ${upLike(typed, name)}\`.`;
    throw definiteError('cluster', `${name} is up${why}`, hint);
  }
  const runner = runnerOf(cluster);
  for (const node of cluster.record.nodes.filter((each) => orphans.includes(each))) {
    // Why one does not start is in its state.
    await runner.start(node).catch(() => {});
  }
  return { cluster, outcome: 'already-up', nodes: await runner.states(), copying: [], notes: [] };
}

function newRecord(spec: ClusterSpec, isPrivate = false): ClusterRecord {
  const owner = isPrivate ? identify(process.pid) : null;
  return {
    ...(owner === null ? {} : { owner }),
    formatVersion: recordFormatVersion,
    id: randomBytes(8).toString('hex'),
    createdAt: Date.now(),
    ...pickSpec(spec),
    ...portsFor(spec),
  };
}

function resumedRecord(
  existing: ClusterRecord,
  spec: ClusterSpec,
  { typed }: UpOptions,
): ClusterRecord {
  const conflicts = dataConflicts(existing, spec);
  if (conflicts.length > 0) {
    const beside = upLike(typed, otherName(spec));
    const changes = conflicts.length === 1 ? nodeChanges(existing, spec) : null;
    const kept =
      changes === null ? `Beside it: \`${beside}\`` : `When it is up as it was: ${changes}`;
    const hint = `${kept}; in its place: --fresh, which wipes its data.`;
    const message = `${spec.name} has data ${joined(conflicts)}`;
    throw definiteError('cluster', message, hint);
  }
  return { ...existing, ...pickSpec(spec), ...portsFor(spec, existing) };
}

/** What to type so that a cluster has the nodes wanted; `null` where its mode can't, or its nodes are as wanted. */
function nodeChanges(existing: ClusterSpec, { name, nodes }: ClusterSpec): string | null {
  const added = nodes.filter((node) => !existing.nodes.includes(node));
  const removed = existing.nodes.filter((node) => !nodes.includes(node));
  const [node, ...more] = [...added, ...removed];
  const isMixed = added.length > 0 && removed.length > 0;
  if (node === undefined || isMixed || profileOf(existing.mode).membership === null) {
    return null;
  }
  const change = added.length > 0 ? 'add' : 'remove';
  const only = name === nameDefault ? '' : ` -C ${name}`;
  const others = more.length > 3 ? `${more.length} others` : more.join(', ');
  return `\`kvx node ${change} ${node}${only}\`${others === '' ? '' : `, then the same for ${others}`}`;
}

/** `in mode quorum, not paxos`, `with nodes n1,n2, not n1,n2,n3; …`. */
const joined = (conflicts: readonly string[]): string =>
  `${conflicts[0]?.startsWith('mode ') ? 'in' : 'with'} ${conflicts.join('; ')}`;

/** What to type to get what was asked for under that name. */
const upLike = (typed = '', name: string): string =>
  ['kvx cluster up', typed, name === nameDefault ? '' : `--name ${name}`]
    .filter((word) => word !== '')
    .join(' ');

const otherName = ({ name, mode }: ClusterSpec): string => `${name.slice(0, 20)}-${mode}`;

/** Callers may pass a whole record as the spec; only what a spec has is taken from it. */
function pickSpec(spec: ClusterSpec): ClusterSpec {
  const { name, mode, nodes, runtime, sync, options, delays } = spec;
  const { trace = 'off', reads = 'usual', unlinked = [], resp = null, metrics = null } = spec;
  return {
    ...{ name, mode, nodes, runtime, sync, trace, reads, options, delays },
    ...{ unlinked, resp, metrics },
  };
}

function prepare({ record, folder, sockets }: Cluster): void {
  makeSocketFolder(sockets, record.nodes);
  makePrivateFolder(folder);
  writeRecord(folder, record);
  writeRun(folder, sockets);
}

/** What was started is gone already, save for a launcher's own mistakes: make sure, then clean up. */
async function undo({ folder, sockets }: Cluster, isNew: boolean): Promise<void> {
  await stopAll(folder);
  sweepRun(folder, sockets);
  if (isNew) removeFolder(folder);
}

function explain(error: unknown, folder: string, signal: AbortSignal): unknown {
  if (error instanceof KvxError) return error;
  if (signal.aborted) {
    return definiteError('interrupted', 'interrupted: nothing was started');
  }
  return stateProblem(error, folder);
}
