/**
 * One opener at a time for a journal's folder.
 *
 * Each opener makes a claim: a file whose name says which thread of which process it is. Then it looks at the claims of
 * others. One of a thread that is gone is removed; one of a thread that lives means that the folder is taken, and the
 * newcomer takes its own claim back. A claim is made before the others are looked at, so of two openers at least one
 * sees the other: never do both go on. A dead thread's claim has a name that nobody ever makes again, so removing it
 * can't take away a lock that somebody has just got, as breaking one lock file with one name could.
 */
import { closeSync, constants, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { identifyThread, isThreadAlive, type ThreadIdentity } from '../process-identity.js';
import { inUse } from './journal-errors.js';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
const prefix = 'lock-';

/** Tells apart what one thread opens twice. */
let claimCount = 0;

/** Takes the folder, or throws a `JournalError` (`in use`). The function returned gives it back, once. */
export function lockFolder(folder: string): () => void {
  const claim = claimName(identifyThread(), claimCount++);
  const path = join(folder, claim);
  closeSync(openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600));
  const release = () => rmSync(path, { force: true });
  try {
    for (const name of readdirSync(folder)) {
      if (name === claim || !name.startsWith(prefix)) continue;
      const holder = holderOf(name);
      if (holder === null) continue;
      if (isThreadAlive(holder)) throw inUse(folder, holder.pid);
      rmSync(join(folder, name), { force: true });
    }
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

function claimName(who: ThreadIdentity, count: number): string {
  const { bootId, pid, startTime, thread, threadStartTime } = who;
  const parts = [bootId, pid, startTime, thread, threadStartTime, count];
  return `${prefix}${parts.map((part) => encodeURIComponent(part)).join('_')}`;
}

/** `null` for a name that is no claim. */
function holderOf(name: string): ThreadIdentity | null {
  const parts = name.slice(prefix.length).split('_');
  if (parts.length !== 6) return null;
  const [bootId, pid, startTime, thread, threadStartTime] = parts.map(decoded) as [
    string,
    string,
    string,
    string,
    string,
  ];
  if (!/^\d+$/.test(pid) || !/^\d+$/.test(thread)) return null;
  return { bootId, pid: Number(pid), startTime, thread: Number(thread), threadStartTime };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
