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
/** No install or build takes as long: the lock's process ids have been given to strangers. */
const staleMs = 300_000;

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
 * Removes a lock whose holders are dead or have not touched it for long. Of two that try, one
 * renames; if that one caught a fresh lock by mistake it puts it back.
 * @param {string} lock
 */
function removeIfStale(lock) {
  try {
    const holders = readFileSync(lock, 'utf8');
    const { mtimeMs } = statSync(lock);
    if (holders.split(' ').some(isAlive) && Date.now() - mtimeMs < staleMs) return;
    const aside = `${lock}.${randomUUID()}`;
    renameSync(lock, aside);
    if (readFileSync(aside, 'utf8') !== holders) succeeds(() => linkSync(aside, lock), 'EEXIST');
    rmSync(aside);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
  }
}

/** @param {string} lock */
async function take(lock) {
  const mine = `${lock}.${randomUUID()}`;
  writeFileSync(mine, String(process.pid));
  try {
    // A link appears with its content or not at all.
    while (!succeeds(() => linkSync(mine, lock), 'EEXIST')) {
      removeIfStale(lock);
      await sleep(100);
    }
  } finally {
    rmSync(mine);
  }
}

/**
 * `work` tells `share` the id of each process that it starts: an install whose parent was killed
 * goes on, and holds the lock until it ends.
 * @template T
 * @param {string} folder @param {(share: (pid: number) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, work) {
  const lock = join(folder, '.ensure.lock');
  await take(lock);
  const share = (/** @type {number} */ pid) => {
    writeFileSync(`${lock}.${process.pid}`, `${process.pid} ${pid}`);
    renameSync(`${lock}.${process.pid}`, lock);
  };
  const touch = () => succeeds(() => utimesSync(lock, new Date(), new Date()), 'ENOENT');
  const heartbeat = setInterval(touch, heartbeatMs);
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  try {
    return await work(share);
  } finally {
    clearInterval(heartbeat);
    process.off('exit', release);
    release();
  }
}
