import { execSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkSpec, nodeNames } from '../../config/spec.js';
import { listenOn } from '../host/listener.js';
import { stateHome } from './environment.js';
import { withLock } from './lock.js';
import { logLimits, NodeLog, tailOf } from './log.js';
import {
  conditionOf,
  identify,
  type ProcessIdentity,
  pidfileOf,
  pidfilesIn,
  readPidfile,
  signalProcess,
  writePidfile,
} from './pidfile.js';
import { type ClusterRecord, formatRecord, parseRecord } from './record.js';
import { originalOf, writeRun } from './run-file.js';
import { makeSocketFolder, socketFolderOf } from './sockets.js';
import {
  chooseCluster,
  findCluster,
  listClusters,
  lockFile,
  readRecord,
  removeFolder,
  useCluster,
  writeRecord,
} from './state.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kvx-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const record: ClusterRecord = {
  formatVersion: 1,
  id: 'abc',
  createdAt: 1,
  name: 'dev',
  mode: 'quorum',
  nodes: nodeNames(3),
  runtime: 'threads',
  sync: 'always',
  options: { replicas: 3 },
  delays: [],
};

const makeCluster = (name: string, isUp: boolean): void => {
  const folder = join(home, name);
  mkdirSync(folder);
  writeRecord(folder, { ...record, name });
  const self = identify(process.pid);
  if (!isUp || self === null) return;
  writePidfile(pidfileOf(folder, 'daemon'), { ...self, since: 0 });
  writeRun(folder, '/elsewhere');
};

describe('the state home', () => {
  it('is $KVX_HOME, else under $XDG_STATE_HOME, else under the home folder', () => {
    expect(stateHome({ KVX_HOME: '/a', XDG_STATE_HOME: '/b' })).toBe('/a');
    expect(stateHome({ XDG_STATE_HOME: '/b' })).toBe('/b/kvx');
    expect(stateHome({})).toBe(join(homedir(), '.local/state/kvx'));
  });

  it('lists clusters by name, the broken ones too', () => {
    makeCluster('two', true);
    makeCluster('one', false);
    mkdirSync(join(home, 'three', 'data'), { recursive: true });
    // What commands leave that are killed before a cluster is made, and while one is wiped.
    mkdirSync(join(home, 'begun'));
    mkdirSync(join(home, '.wiped', 'data'), { recursive: true });
    expect(findCluster('begun', { KVX_HOME: home })).toBeNull();
    const listed = listClusters({ KVX_HOME: home });
    expect(listed.map(({ name, up }) => [name, up])).toEqual([
      ['one', false],
      ['three', false],
      ['two', true],
    ]);
    expect(listed[1]).toMatchObject({ record: null, broken: expect.stringContaining('missing') });
    expect(listClusters({ KVX_HOME: join(home, 'nothing') })).toEqual([]);
    removeFolder(join(home, 'wiped'));
    removeFolder(join(home, 'three'));
    expect(readdirSync(home).sort()).toEqual(['begun', 'one', 'two']);
  });

  it('refuses names that are no plain names', () => {
    for (const name of ['', '..', 'a/b', '.x', 'x'.repeat(33)]) {
      expect(() => findCluster(name, { KVX_HOME: home })).toThrow("can't be a cluster's name");
    }
  });
});

describe('the cluster that a command means', () => {
  const chosen = (env = {}, flag?: string): string =>
    chooseCluster(flag, { KVX_HOME: home, ...env }).record.name;

  it('is the flag, else $KVX_CLUSTER, else the one in use, else the only one that is up', () => {
    makeCluster('a', false);
    makeCluster('b', true);
    makeCluster('c', false);
    expect(chosen()).toBe('b');
    useCluster('c', { KVX_HOME: home });
    expect(chosen()).toBe('c');
    expect(chosen({ KVX_CLUSTER: 'b' })).toBe('b');
    expect(chosen({ KVX_CLUSTER: 'b' }, 'a')).toBe('a');
    useCluster(null, { KVX_HOME: home });
    expect(chosen()).toBe('b');
  });

  it('is the only one there is, also when it is down', () => {
    makeCluster('a', false);
    expect(chosen()).toBe('a');
  });

  it('must be clear, and exist', () => {
    const refusal = { code: 'cluster', definite: true, hint: expect.any(String) };
    expect(chosen).toThrow(expect.objectContaining({ ...refusal, message: 'no cluster is up' }));
    makeCluster('a', true);
    makeCluster('b', true);
    expect(chosen).toThrow(
      expect.objectContaining({ ...refusal, message: 'several clusters are up: a, b' }),
    );
    expect(() => chosen({}, 'x')).toThrow('there is no cluster called x');
    expect(() => useCluster('x', { KVX_HOME: home })).toThrow('there is no cluster called x');
  });
});

describe('cluster.json', () => {
  it('is read back as it was written, and refused when it is anything else', () => {
    expect(parseRecord(formatRecord(record))).toEqual(record);
    expect(() => parseRecord('{"formatVersion": 9}')).toThrow('format version is 9, not 1');
    expect(() => parseRecord('{"formatVersion": 1}')).toThrow('fields are missing');
    expect(() => parseRecord('null')).toThrow('an object');
  });

  it('that is damaged is put back from its backup, and never advised to be wiped while there is data', () => {
    makeCluster('dev', false);
    const folder = join(home, 'dev');
    const hint = (): string => {
      try {
        readRecord(folder);
      } catch (error) {
        return (error as { readonly hint: string }).hint;
      }
      return 'none';
    };
    writeFileSync(join(folder, 'cluster.json'), '{"formatVer');
    const command = /`(cp .*)`/.exec(hint())?.[1] ?? 'false';
    execSync(command);
    expect(hint()).toBe('none');
    rmSync(join(folder, 'cluster.json'));
    rmSync(join(folder, 'cluster.backup.json'));
    expect(hint()).toContain('--wipe');
    mkdirSync(join(folder, 'data'));
    expect(hint()).toContain('from a copy of yours');
    // What can't be read is not broken.
    mkdirSync(join(folder, 'cluster.json'));
    expect(() => readRecord(folder)).toThrow("can't use it");
    expect(hint()).not.toContain('wipe');
  });

  it.each([
    [{ nodes: [] }, '1 to 64 nodes'],
    [{ nodes: ['a', 'a'] }, 'the same name'],
    [{ nodes: ['a/b'] }, "can't be a node's name"],
    [{ delays: [{ from: 'n1', to: 'n9', meanMs: 1 }] }, 'not a link'],
    [{ unlinked: [{ from: 'n1', to: 'n9' }] }, 'nor has the cluster such nodes'],
    [{ delays: [{ from: 'n1', to: 'n2', meanMs: -1 }] }, 'number of milliseconds'],
  ])('refuses %j', (change, message) => {
    expect(() => checkSpec({ ...record, ...change })).toThrow(message);
  });
});

describe('a pidfile', () => {
  it('knows a process by more than its pid', () => {
    const self = identify(process.pid);
    if (self === null) throw new Error('this process runs');
    expect(conditionOf(self)).toBe('running');
    expect(conditionOf({ ...self, startTime: '1' })).toBe('gone');
    expect(conditionOf({ ...self, bootId: 'another' })).toBe('gone');
    expect(signalProcess({ ...self, startTime: '1' }, 'SIGKILL')).toBe(false);
  });

  it('tells running, paused and gone apart', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const identity = identify(child.pid ?? 0);
    if (identity === null) throw new Error('the child runs');
    signalProcess(identity, 'SIGSTOP');
    while (conditionOf(identity) !== 'paused') await new Promise(setImmediate);
    signalProcess(identity, 'SIGCONT');
    while (conditionOf(identity) !== 'running') await new Promise(setImmediate);
    const exited = once(child, 'exit');
    signalProcess(identity, 'SIGKILL');
    await exited;
    expect(conditionOf(identity)).toBe('gone');
    expect(signalProcess(identity, 'SIGTERM')).toBe(false);
  });

  it.each(['', '{', 'null', '{"pid":1,"startTime":"","bootId":"","since":0}', '{"pid":"7"}'])(
    'that holds %j points at nobody',
    (text) => {
      const file = join(home, 'p.json');
      writeFileSync(file, text);
      expect(readPidfile(file)).toBe(null);
    },
  );
});

describe('a copy of the state home, made while a cluster is up', () => {
  it('points at none of its processes, locks and sockets', async () => {
    makeCluster('dev', true);
    const folder = join(home, 'dev');
    writeRun(folder, '/elsewhere');
    const copy = `${home}-copy`;
    try {
      await withLock(lockFile(folder), async () => {
        cpSync(home, copy, { recursive: true });
        const copied = join(copy, 'dev');
        expect(pidfilesIn(folder).has('daemon')).toBe(true);
        expect(pidfilesIn(copied).size).toBe(0);
        expect(originalOf(copied)).toBe(realpathSync(folder));
        expect(socketFolderOf(copied, {})).not.toBe('/elsewhere');
        expect(listClusters({ KVX_HOME: copy })).toMatchObject([{ name: 'dev', up: false }]);
        expect(await withLock(lockFile(copied), async () => 'free')).toBe('free');
      });
      expect(listClusters({ KVX_HOME: home })).toMatchObject([{ name: 'dev', up: true }]);
      // Moved, it is still the same folder.
      rmSync(copy, { recursive: true });
      renameSync(home, copy);
      expect(listClusters({ KVX_HOME: copy })).toMatchObject([{ name: 'dev', up: true }]);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });
});

describe('a lock', () => {
  it('lets one at a time in', async () => {
    const file = join(home, 'lock');
    let inside = 0;
    const work = async (): Promise<void> => {
      expect(++inside).toBe(1);
      await new Promise(setImmediate);
      inside--;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(file, work)));
    expect(existsSync(file)).toBe(false);
  });

  it('left by a dead process is broken', async () => {
    const file = join(home, 'lock');
    writePidfile(file, { pid: process.pid, startTime: '1', bootId: '', since: 0 });
    expect(await withLock(file, async () => 'done')).toBe('done');
    writeFileSync(file, 'torn');
    expect(await withLock(file, async () => 'done')).toBe('done');
  });

  it('takes away what dead processes left that tried to get it', async () => {
    const file = join(home, 'lock');
    const named = (digit: string): string => `${file}.${digit.repeat(16)}.tmp`;
    const [dead, waiting] = [named('0'), named('1')];
    const [torn, begun] = [named('2'), named('3')];
    for (const empty of [torn, begun]) writeFileSync(empty, '');
    utimesSync(torn, 0, 0);
    writePidfile(dead, { pid: process.pid, startTime: '1', bootId: '', since: 0 });
    writePidfile(waiting, { ...(identify(process.pid) as ProcessIdentity), since: 0 });
    await withLock(file, async () => {});
    expect([dead, torn].map((each) => existsSync(each))).toEqual([false, false]);
    expect([waiting, begun].map((each) => existsSync(each))).toEqual([true, true]);
  });

  it('is not waited for by who was interrupted', async () => {
    const file = join(home, 'lock');
    const signal = AbortSignal.abort(new Error('enough'));
    await withLock(file, () =>
      expect(withLock(file, async () => {}, signal)).rejects.toThrow('enough'),
    );
  });
});

describe('sockets', () => {
  it('have a folder that depends on the cluster, and stay where the last start put them', () => {
    const env = { XDG_RUNTIME_DIR: '/run/user/1' };
    const folder = join(home, 'dev');
    expect(socketFolderOf(folder, env)).toMatch(/^\/run\/user\/1\/kvx\/[0-9a-f]{10}$/);
    expect(socketFolderOf(`${folder}2`, env)).not.toBe(socketFolderOf(folder, env));
    mkdirSync(folder);
    writeRun(folder, '/elsewhere');
    expect(socketFolderOf(folder, env)).toBe('/elsewhere');
  });

  it('are refused where their paths would be cut off, or where others could reach them', () => {
    const long = join(home, 'x'.repeat(100));
    expect(() => makeSocketFolder(long, ['n1'])).toThrow(
      expect.objectContaining({
        code: 'cluster',
        hint: expect.stringContaining('XDG_RUNTIME_DIR'),
      }),
    );
    mkdirSync(join(home, 'open'));
    chmodSync(join(home, 'open'), 0o777);
    expect(() => makeSocketFolder(join(home, 'open', 'x'), ['n1'])).toThrow(
      'can be changed by other users',
    );
  });

  it('left by a crash are replaced, those that answer are not', async () => {
    const path = join(home, 's');
    writeFileSync(path, '');
    const first = createServer();
    await listenOn(first, path);
    await expect(listenOn(createServer(), path)).rejects.toMatchObject({ code: 'cluster' });
    first.close();
  });
});

describe('a log', () => {
  it('has a line an event, and is cut before it grows too long', () => {
    const file = join(home, 'logs', 'n1.log');
    const log = new NodeLog(file, { ...logLimits, fileBytesMax: 1000 });
    for (let n = 0; n < 200; n++) log.warn(`event ${n}`);
    log.close();
    expect(tailOf(file, 2)).toEqual([
      expect.stringMatching(/ warn {2}event 198$/),
      expect.stringMatching(/ warn {2}event 199$/),
    ]);
    const files = ['', '.1', '.2', '.3'].map((age) => readFileSync(file + age, 'utf8'));
    for (const text of files) expect(text.length).toBeLessThanOrEqual(1000);
    expect(existsSync(`${file}.${logLimits.oldFilesMax + 1}`)).toBe(false);
    const events = files.reverse().join('').match(/\d+$/gm)?.map(Number) ?? [];
    expect(events).toEqual(events.map((_, at) => 200 - events.length + at));
    expect(tailOf(join(home, 'none'), 3)).toEqual([]);
  });
});
