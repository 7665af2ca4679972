/** Node, and the machine: what kvx runs on. */
import { readFileSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DoctorFinding, type DoctorLook, fine, problem, warning } from './finding.js';

/** As package.json has it: what fresh machines have. */
const nodeMin = [20, 19] as const;

const mebibyte = 2 ** 20;
/** A few nodes with next to nothing in them. */
const memoryMin = 256 * mebibyte;
const memoryPlenty = 1024 * mebibyte;
/** A command and a cluster of a few nodes; and many clients. */
const filesMin = 128;
const filesPlenty = 1024;
/** How long the two clocks are compared, and by how much they may differ then. */
const clockMs = 60;
const jumpMs = 20;

export const machineLooks: readonly DoctorLook[] = [
  { check: 'node', look: () => [nodeVersion(process.versions.node)] },
  { check: 'machine', look: () => [...cores(), ...memory()] },
  { check: 'open files', look: () => [openFiles(filesLimit())] },
  { check: 'clock', look: clock },
];

export function nodeVersion(version: string): DoctorFinding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin, minorMin] = nodeMin;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) {
    return fine('node', `Node.js ${version}`);
  }
  const needed = nodeMin.join('.');
  return problem(
    'node',
    `Node.js ${version} is older than ${needed}`,
    'Install a newer one (https://nodejs.org), or take the binary, which needs none.',
  );
}

function cores(): DoctorFinding[] {
  const count = availableParallelism();
  if (count > 1) return [fine('cores', `${count} to run on`)];
  const todo = 'Nodes take turns: expect long latencies with many of them, and use `--nodes 3`.';
  return [warning('cores', 'one to run on', todo)];
}

function memory(): DoctorFinding[] {
  // What a container may take, where there is such a bound; 0 or absurdly much: none.
  const bound = process.constrainedMemory?.() ?? 0;
  const isBound = bound > 0 && bound < totalmem();
  const free = isBound ? bound - process.memoryUsage.rss() : freemem();
  const says = `${Math.round(free / mebibyte)} MiB free`;
  if (free >= memoryPlenty) return [fine('memory', says)];
  const todo = 'End other programs, or clusters: `kvx cluster down --all`.';
  return [free < memoryMin ? problem('memory', says, todo) : warning('memory', says, todo)];
}

/** How many files a process may have open; `null`: the system does not say. */
function filesLimit(): number | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const [, soft = ''] = /^Max open files\s+(\d+|unlimited)/m.exec(limits) ?? [];
    return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft) || null;
  } catch {
    return null;
  }
}

export function openFiles(limit: number | null): DoctorFinding {
  const check = 'open files';
  if (limit === null) return fine(check, 'the system does not say how many a process may have');
  const says = `a process may have ${limit === Number.POSITIVE_INFINITY ? 'any number' : limit}`;
  if (limit >= filesPlenty) return fine(check, says);
  const todo = 'Raise it in this shell before `kvx cluster up`: `ulimit -n 4096`.';
  return limit < filesMin ? problem(check, says, todo) : warning(check, says, todo);
}

async function clock(): Promise<DoctorFinding[]> {
  const monotonic = performance.now();
  const wall = Date.now();
  let last = monotonic;
  let isBackwards = false;
  for (let now = last; now - monotonic < clockMs; last = now) {
    await sleep(5);
    now = performance.now();
    if (now < last) isBackwards = true;
  }
  const apart = Math.abs(Date.now() - wall - (last - monotonic));
  return [clockFinding({ isBackwards, apartMs: apart, wall })];
}

export function clockFinding(seen: {
  readonly isBackwards: boolean;
  readonly apartMs: number;
  readonly wall: number;
}): DoctorFinding {
  const check = 'clock';
  const { isBackwards, apartMs, wall } = seen;
  const setIt = 'Set it, and let something keep it so: `timedatectl set-ntp true`.';
  if (isBackwards) {
    return problem(check, 'the monotonic clock went backwards', 'Restart the machine.');
  }
  if (wall < Date.UTC(2024, 0)) {
    const date = new Date(wall).toISOString().slice(0, 10);
    return problem(check, `it says ${date}`, setIt);
  }
  if (apartMs > jumpMs) {
    return warning(check, `it jumped by ${Math.round(apartMs)} ms while it was looked at`, setIt);
  }
  return fine(check, 'monotonic, without a jump');
}
