/** A process is known by its pid, its start time and the machine's boot: a pid alone may be a stranger's by now. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { threadId } from 'node:worker_threads';

export interface ProcessIdentity {
  readonly pid: number;
  /** As the system counts it; compared, never read. */
  readonly startTime: string;
  /** Empty where the system has no such thing. */
  readonly bootId: string;
}

/** One thread of a process. Threads of the system have numbers of their own, drawn from those of processes. */
export interface ThreadIdentity extends ProcessIdentity {
  readonly thread: number;
  readonly threadStartTime: string;
}

export type ProcessCondition = 'running' | 'paused' | 'gone';

/** Who a live process is; `null` when there is none of that pid. A zombie counts as gone once all its threads are. */
export function identify(pid: number): ProcessIdentity | null {
  const seen = look(pid);
  return seen === null ? null : { pid, startTime: seen.startTime, bootId: bootId() };
}

/** What has become of a process. A recycled pid is not the process that was meant. */
export function conditionOf(identity: ProcessIdentity): ProcessCondition {
  if (identity.bootId !== bootId()) return 'gone';
  const seen = look(identity.pid);
  if (seen === null || seen.startTime !== identity.startTime) return 'gone';
  return seen.stopped ? 'paused' : 'running';
}

/** The thread that calls. */
export function identifyThread(): ThreadIdentity {
  const own = identify(process.pid);
  const [thread, startTime] = ownThread();
  const { startTime: processStart, bootId: boot } = own ?? { startTime: '', bootId: bootId() };
  const { pid } = process;
  return { pid, startTime: processStart, bootId: boot, thread, threadStartTime: startTime };
}

/** Whether that very thread still runs. Where the system does not show threads, only the caller's own does. */
export function isThreadAlive(identity: ThreadIdentity): boolean {
  const { pid, thread, threadStartTime } = identity;
  if (conditionOf(identity) === 'gone') return false;
  if (process.platform === 'linux') {
    return lookInProc(`${pid}/task/${thread}`)?.startTime === threadStartTime;
  }
  return pid !== process.pid || thread === threadId;
}

function ownThread(): readonly [thread: number, startTime: string] {
  if (process.platform !== 'linux') return [threadId, ''];
  // "<pid>/task/<thread>"
  const place = readlinkSync('/proc/thread-self');
  return [Number(basename(place)), lookInProc(place)?.startTime ?? ''];
}

/** The machine's present boot; a pid written down before it means nothing now. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

interface Sighting {
  readonly startTime: string;
  readonly stopped: boolean;
}

function look(pid: number): Sighting | null {
  return process.platform === 'linux' ? lookInProc(String(pid)) : lookWithPs(pid);
}

function lookInProc(who: string): Sighting | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${who}/stat`, 'utf8');
  } catch {
    return null;
  }
  return sightingIn(stat);
}

/**
 * What one line of `/proc/PID/stat` tells. While a killed process ends, its first thread may be a zombie before the others
 * are gone; until the last is, the process holds its sockets and its locks.
 */
export function sightingIn(stat: string): Sighting | null {
  // The second field is the program's name in brackets and may hold anything; fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, threads, startTime] = [fields[0], fields[17], fields[19]];
  if (state === undefined || startTime === undefined) return null;
  if (state === 'X' || (state === 'Z' && Number(threads) <= 1)) return null;
  return { startTime, stopped: state === 'T' };
}

function lookWithPs(pid: number): Sighting | null {
  try {
    const output = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    if (output === '' || output.startsWith('Z')) return null;
    return { startTime: output.slice(output.indexOf(' ')).trim(), stopped: output.startsWith('T') };
  } catch {
    return null;
  }
}
