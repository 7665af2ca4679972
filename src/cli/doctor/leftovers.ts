/** What commands and clusters left that were killed, or whose files were removed under them. */
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isListenedAt } from '../../cluster/host/listener.js';
import { type Environment, stateHome } from '../../cluster/state/environment.js';
import { conditionOf, pidfilesIn, readPidfile } from '../../cluster/state/pidfile.js';
import { nemesisLock, readRun } from '../../cluster/state/run-file.js';
import { newSocketFolder, socketFolderOf } from '../../cluster/state/sockets.js';
import { listClusters, lockFile } from '../../cluster/state/state.js';
import { quantity, quoted } from '../../core/show.js';
import { type DoctorFinding, type DoctorLook, fine, warning } from './finding.js';

export const leftoverLooks = (env: Environment): readonly DoctorLook[] => [
  { check: 'leftovers', look: () => deadRuns(env) },
  { check: 'locks', look: () => deadLocks(env) },
  { check: 'old sockets', look: () => deadSockets(env) },
  { check: 'stray processes', look: strayProcesses },
];

const orOk = (
  found: readonly DoctorFinding[],
  check: string,
  finding: string,
): readonly DoctorFinding[] => (found.length > 0 ? found : [fine(check, finding)]);

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** Clusters that nobody took down and whose processes are gone; those of commands that are gone; halves of removed ones. */
function deadRuns(env: Environment): readonly DoctorFinding[] {
  const check = 'leftovers';
  const found: DoctorFinding[] = [];
  for (const { name, folder, up, record } of listClusters(env)) {
    const owner = record?.owner;
    if (owner !== undefined && conditionOf(owner) === 'gone') {
      const says = `cluster ${name} belongs to a command that is gone (pid ${owner.pid})`;
      found.push(warning(check, says, `\`kvx cluster down -C ${name} --wipe\``));
      continue;
    }
    const pidfiles = [...pidfilesIn(folder)];
    const gone = pidfiles.filter(([, each]) => conditionOf(each) === 'gone' && !each.killed);
    const isOver = !up && (gone.length > 0 || readRun(folder) !== null);
    const isHalf = up && gone.length > 0;
    if (!isOver && !isHalf) continue;
    const who = gone.map(([each, { pid }]) => `${each} (pid ${pid})`).join(', ');
    const says = `cluster ${name} was not taken down, and ${who === '' ? 'its processes are' : `${who} is`} gone`;
    const up_ = `\`kvx cluster up --name ${name}\` goes on with its data`;
    found.push(warning(check, says, `${up_}; \`kvx cluster down -C ${name}\` tidies up.`));
  }
  const home = stateHome(env);
  for (const name of namesIn(home).filter((each) => /^\.[A-Za-z0-9]/.test(each))) {
    if (!existsSync(join(home, name, 'cluster.json'))) continue;
    const says = `${join(home, name)} is what is left of a cluster that was being removed`;
    found.push(warning(check, says, `\`rm -r ${quoted(join(home, name))}\``));
  }
  return orOk(found, check, 'no cluster whose processes are gone');
}

/** Held by nobody who lives. The next command breaks them by itself; nobody has to wait for that. */
function deadLocks(env: Environment): readonly DoctorFinding[] {
  const home = stateHome(env);
  const names = namesIn(home).filter((name) => name.endsWith('.lock'));
  const files = names.map((name) => join(home, name));
  for (const { folder } of listClusters(env)) files.push(nemesisLock(folder), lockFile(folder));
  const found = [...new Set(files)].flatMap((file) => {
    if (!existsSync(file)) return [];
    const holder = readPidfile(file);
    if (holder !== null && conditionOf(holder) !== 'gone') return [];
    const who = holder === null ? 'nobody that is known' : `pid ${holder.pid}, which is gone`;
    return [warning('locks', `${file} is held by ${who}`, `\`rm ${quoted(file)}\``)];
  });
  return orOk(found, 'locks', 'none is held by a process that is gone');
}

/** Folders of sockets at which nobody listens any more, of this home or of others: they share the folder above. */
async function deadSockets(env: Environment): Promise<readonly DoctorFinding[]> {
  const check = 'old sockets';
  const parent = dirname(newSocketFolder(join(stateHome(env), 'dev'), env));
  // All nodes of a cluster may have been killed on purpose.
  const used = listClusters(env).filter(({ up }) => up);
  const kept = new Set(used.map(({ folder }) => socketFolderOf(folder, env)));
  const dead: string[] = [];
  for (const name of namesIn(parent).filter((each) => /^[0-9a-f]{10}$/.test(each))) {
    const folder = join(parent, name);
    const sockets = namesIn(folder).map((each) => join(folder, each));
    const live = await Promise.all(sockets.map(isListened));
    if (!live.includes(true) && !kept.has(folder)) dead.push(folder);
  }
  if (dead.length === 0) return [fine(check, 'no folder of sockets at which nobody listens')];
  const says = `nobody listens in ${quantity(dead.length, 'folder')} of sockets in ${parent}`;
  const todo = `Unless a cluster of another KVX_HOME is just starting: \`rm -r ${dead.map(quoted).join(' ')}\`.`;
  return [warning(check, says, todo)];
}

/** What is no socket, nobody listens at. */
const isListened = (path: string): Promise<boolean> | false =>
  lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true && isListenedAt(path);

/** Nodes and daemons of this user that no pidfile of their cluster means: their folder was removed, or copied over. */
function strayProcesses(): readonly DoctorFinding[] {
  const check = 'stray processes';
  if (process.platform !== 'linux') return [fine(check, 'can be looked for on Linux only')];
  const found: DoctorFinding[] = [];
  for (const pid of namesIn('/proc').filter((name) => /^\d+$/.test(name))) {
    const folder = clusterFolderOf(pid);
    if (folder === null || isMeant(folder, Number(pid))) continue;
    const says = `pid ${pid} is of a cluster in ${folder}, which knows nothing of it`;
    found.push(warning(check, says, `\`kill -9 ${pid}\``));
  }
  return orOk(found, check, 'none');
}

/** What a process of a cluster calls itself, and where it writes what it has to say. */
const titlePattern = /^kvx [A-Za-z0-9][\w-]*\s*$/;
const logPattern = /^(.+)\/logs\/[^/]+\.log(?: \(deleted\))?$/;

/** `null` of a process that is none of ours. */
function clusterFolderOf(pid: string): string | null {
  try {
    if (lstatSync(`/proc/${pid}`).uid !== process.getuid?.()) return null;
    const title = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    if (!titlePattern.test(title)) return null;
    return logPattern.exec(readlinkSync(`/proc/${pid}/fd/1`))?.[1] ?? null;
  } catch {
    // It has ended meanwhile.
    return null;
  }
}

function isMeant(folder: string, pid: number): boolean {
  try {
    return [...pidfilesIn(folder).values()].some((each) => each.pid === pid);
  } catch {
    return false;
  }
}
