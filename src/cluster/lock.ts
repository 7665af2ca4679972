import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { stateProblem } from './files.js';
import { conditionOf, identify, readPidfile } from './pidfile.js';
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
    if (performance.now() > deadline) {
      const holder = readPidfile(file)?.pid;
      throw new KvxError(`another kvx command (pid ${holder}) is working on this cluster`, {
        code: 'cluster',
        definite: true,
        hint: 'Wait for it to end, or stop it.',
      });
    }
    await delay(pollMs);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function tryLock(file: string): boolean {
  const mine = `${file}.${process.pid}`;
  try {
    writeFileSync(mine, JSON.stringify({ ...identify(process.pid), since: Date.now() }));
    // A link appears whole or not at all: nobody ever reads a lock that does not say yet whose it is.
    linkSync(mine, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    breakIfStale(file, mine);
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Takes a dead holder's lock away, and puts it back should it turn out to be another one's by now. */
function breakIfStale(file: string, mine: string): void {
  const stale = readText(file);
  if (stale === null || isAlive(file)) return;
  const moved = `${mine}.stale`;
  try {
    renameSync(file, moved);
    if (readText(moved) !== stale) linkSync(moved, file);
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

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
