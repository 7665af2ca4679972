/** One install or build at a time, also when its holder was killed. Dependency-free. */
import { randomUUID } from 'node:crypto';
import {
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const heartbeatMs = 1000;
const staleMs = 10_000;

/** @param {() => unknown} attempt @param {string} expectedCode */
function succeeds(attempt, expectedCode) {
  try {
    attempt();
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === expectedCode) return false;
    throw error;
  }
}

/** @param {string} pid */
function isAlive(pid) {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Removes a lock whose holder is dead or has not touched it for long. Of two that try, one renames;
 * if that one caught a fresh lock by mistake it puts it back.
 * @param {string} lock
 */
function removeIfStale(lock) {
  try {
    const holder = readFileSync(lock, 'utf8');
    const { mtimeMs } = statSync(lock);
    if (isAlive(holder) && Date.now() - mtimeMs < staleMs) return;
    const aside = `${lock}.${process.pid}.stale`;
    renameSync(lock, aside);
    if (readFileSync(aside, 'utf8') !== holder) succeeds(() => linkSync(aside, lock), 'EEXIST');
    rmSync(aside);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
  }
}

/**
 * @template T
 * @param {string} folder @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, work) {
  const lock = join(folder, '.ensure.lock');
  const mine = `${lock}.${process.pid}-${randomUUID()}`;
  writeFileSync(mine, String(process.pid));
  // A link appears with its content or not at all.
  while (!succeeds(() => linkSync(mine, lock), 'EEXIST')) {
    removeIfStale(lock);
    await sleep(100);
  }
  const touch = () => succeeds(() => utimesSync(lock, new Date(), new Date()), 'ENOENT');
  const heartbeat = setInterval(touch, heartbeatMs);
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.off('exit', release);
    release();
    rmSync(mine, { force: true });
  }
}
