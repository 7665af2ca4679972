/**
 * One opener at a time for a journal's folder.
 *
 * Each opener makes a claim: a file whose name says which folder it means and which thread of which process it is. Then it looks at the claims of
 * others. One of a thread that is gone is removed; one of a thread that lives means that the folder is taken, and the
 * newcomer takes its own claim back. A claim is made before the others are looked at, so of two openers at least one
 * sees the other: never do both go on. A dead thread's claim has a name that nobody ever makes again, so removing it
 * can't take away a lock that somebody has just got, as breaking one lock file with one name could. A claim that was copied
 * with its folder means the folder that it was copied from, and is removed as well.
 */
import { closeSync, constants, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inUse } from '../runtime/journal/journal-errors.js';
import { identifyThread, isThreadAlive, type ThreadIdentity } from './process-identity.js';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
const prefix = 'lock-';

/** Tells apart what one thread opens twice. */
let claimCount = 0;

/** Takes the folder, or throws a `JournalError` (`in use`). The function returned gives it back, once. */
export function lockFolder(folder: string): () => void {
  const { dev, ino } = statSync(folder);
  const place = `${dev}-${ino}`;
  const claim = claimName(place, identifyThread(), claimCount++);
  const path = join(folder, claim);
  closeSync(openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600));
  const release = () => rmSync(path, { force: true });
  try {
    for (const name of readdirSync(folder)) {
      if (name === claim || !name.startsWith(prefix)) continue;
      const other = parseClaim(name);
      if (other === null) continue;
      const { holder } = other;
      if (other.place === place && isThreadAlive(holder)) throw inUse(folder, holder.pid);
      rmSync(join(folder, name), { force: true });
    }
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

function claimName(place: string, who: ThreadIdentity, count: number): string {
  const { bootId, pid, startTime, thread, threadStartTime } = who;
  const parts = [place, bootId, pid, startTime, thread, threadStartTime, count];
  return `${prefix}${parts.map((part) => encodeURIComponent(part)).join('_')}`;
}

/** `null` for a name that is no claim. */
function parseClaim(
  name: string,
): { readonly place: string; readonly holder: ThreadIdentity } | null {
  const parts = name.slice(prefix.length).split('_').map(decoded);
  const [place, bootId, pid, startTime, thread, threadStartTime] = parts;
  if (parts.length !== 7 || place === undefined || bootId === undefined) return null;
  if (startTime === undefined || threadStartTime === undefined) return null;
  const [process, number] = [Number(pid), Number(thread)];
  if (!Number.isSafeInteger(process) || !Number.isSafeInteger(number)) return null;
  return { place, holder: { bootId, pid: process, startTime, thread: number, threadStartTime } };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
