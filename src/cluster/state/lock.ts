import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { definiteError, type KvxError } from '../../core/errors.js';
import type { Millis } from '../../core/ids.js';
import { invariant } from '../../core/invariant.js';
import { isTemporary, readIfThere, stateProblem, writeBeside } from './files.js';
import {
  conditionOf,
  formatPidfile,
  identify,
  type ProcessIdentity,
  readPidfile,
} from './pidfile.js';
import { lockFile } from './state.js';

const pollMs = 20;
const waitMsMax: Millis = 20_000;

/** As {@link withLock}, with what the system says of the folder's files explained. */
export async function changing<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await withLock(lockFile(folder), work);
  } catch (error) {
    throw stateProblem(error, folder);
  }
}

/**
 * Runs `work` while no other command changes the same thing. Waits for a command that is at it; what a dead one left
 * behind is broken. Throws a `cluster` KvxError when it takes too long, or the signal's reason.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const deadline = performance.now() + waitMsMax;
  while (!tryLock(file)) {
    signal?.throwIfAborted();
    const holder = readPidfile(file);
    if (holder !== null && conditionOf(holder) === 'paused') throw heldBy(holder, true);
    if (performance.now() > deadline) throw heldBy(holder, false);
    await delay(pollMs);
  }
  try {
    sweepBeside(file);
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Runs `work` unless another process runs it on the same file. Throws what `refused` makes of that one. */
export async function alone<T>(
  file: string,
  work: () => Promise<T>,
  refused: (pid: number | null) => KvxError,
): Promise<T> {
  // The first attempt takes the lock of a dead holder away.
  if (!tryLock(file) && !tryLock(file)) throw refused(readPidfile(file)?.pid ?? null);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function heldBy(holder: ProcessIdentity | null, isPaused: boolean): KvxError {
  const pid = holder?.pid ?? '?';
  const does = isPaused ? 'is stopped while it works' : 'is working';
  return definiteError(
    'cluster',
    `another kvx command (pid ${pid}) ${does} on this cluster`,
    isPaused
      ? `\`kill -CONT ${pid}\` lets it go on, \`kill -9 ${pid}\` ends it.`
      : 'Wait for it to end, or stop it.',
  );
}

function tryLock(file: string): boolean {
  const self = identify(process.pid);
  invariant(self !== null, 'this process lives');
  const mine = writeBeside(file, formatPidfile({ ...self, since: Date.now() }, file));
  try {
    // A link appears whole or not at all: nobody ever reads a lock that does not say yet whose it is.
    linkSync(mine, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    breakIfStale(file);
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Removes what commands left that were killed while they tried to get this lock. */
function sweepBeside(file: string): void {
  const folder = dirname(file);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(file)}.`) || !isTemporary(name)) continue;
    const left = join(folder, name);
    const pidfile = readPidfile(left);
    // One that does not say yet whose it is may be being written.
    const isLeft = pidfile === null ? ageOf(left) > waitMsMax : conditionOf(pidfile) === 'gone';
    if (isLeft) rmSync(left, { force: true });
  }
}

const ageOf = (file: string): Millis =>
  Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());

/** Takes a dead holder's lock away, and puts it back should it turn out to be another one's by now. */
export function breakIfStale(file: string): void {
  const stale = readIfThere(file);
  if (stale === null || isAlive(file)) return;
  const moved = `${file}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    renameSync(file, moved);
    if (readIfThere(moved) !== stale) linkSync(moved, file);
  } catch {
    // Somebody else was faster; the next round will see.
  } finally {
    rmSync(moved, { force: true });
  }
}

function isAlive(file: string): boolean {
  const holder = readPidfile(file);
  return holder !== null && conditionOf(holder) !== 'gone';
}
