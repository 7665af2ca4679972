import { spawn } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestOnce } from '../../src/client/endpoint.js';
import {
  changeFaults,
  chooseName,
  control,
  downCluster,
  findCluster,
  listClusters,
  type StartError,
  socketPath,
} from '../../src/cluster/cluster.js';
import {
  conditionOf,
  type Pidfile,
  type ProcessIdentity,
  pidfileOf,
  pidfilesIn,
  readPidfile,
  writePidfile,
} from '../../src/cluster/state/pidfile.js';
import { rulesInForce } from '../../src/cluster/state/run-file.js';
import { type Cluster, dataFolder, logFile } from '../../src/cluster/state/state.js';
import { runtimeNames } from '../../src/config/spec.js';
import type { NodeId } from '../../src/core/ids.js';
import { keyFromText } from '../../src/core/key.js';
import { between } from '../../src/faults/link-rules.js';
import { isolate } from '../../src/faults/partition.js';
import { breaking, healing } from '../../src/faults/testing/change.js';
import { socketEndpoint } from '../../src/node/socket-endpoint.js';
import { realTiming } from '../../src/node/timing.js';
import { attachedTarget } from '../../src/targets/local.js';
import type { Target } from '../../src/targets/target.js';
import { eventually, get, logTail, put, quorumSpec, Sandbox, specOf } from './cluster-sandbox.js';
import { kvx, kvxArgs } from './commands-sandbox.js';

describe.each(runtimeNames)('a cluster of %s', (runtime) => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => sandbox.dispose());

  const spec = quorumSpec(runtime, 3);
  /** One node more than there are replicas. */
  const larger = quorumSpec(runtime, 4);
  /** What is told of faults: `+` begins, `-` ends. */
  async function watching(target: Target) {
    const told: string[] = [];
    const stop = await target.watchFaults({
      faultBegan: ({ words }) => told.push(`+${words}`),
      faultEnded: ({ words }) => told.push(`-${words}`),
    });
    return { told, stop };
  }
  const stateOf = async (cluster: Cluster, node: string): Promise<string | undefined> =>
    (await control(cluster).states()).find((state) => state.node === node)?.state;

  it('comes up, serves at every node, goes down and leaves nothing but its data', async () => {
    const { cluster, outcome, nodes } = await sandbox.up(larger);
    expect(outcome).toBe('created');
    expect(nodes.map(({ state }) => state)).toEqual(['running', 'running', 'running', 'running']);
    expect(await put(await sandbox.connect(cluster, 'n1'), 'key', 'value')).toMatchObject({
      type: 'done',
    });
    for (const node of larger.nodes) {
      expect(await get(await sandbox.connect(cluster, node), 'key')).toBe('value');
    }
    const processes = [...pidfilesIn(cluster.folder).values()];
    const report = await downCluster('dev', { wipe: false, env: sandbox.env });
    expect(report.wasUp).toBe(true);
    expect(processes.map(conditionOf)).toEqual(processes.map(() => 'gone'));
    expect(existsSync(cluster.sockets)).toBe(false);
    const left = ['cluster.backup.json', 'cluster.json', 'data', 'logs', 'marks'];
    expect(readdirSync(cluster.folder).sort()).toEqual(left);
    expect(readdirSync(sandbox.home)).toEqual(['dev']);
  });

  it('resumes its data, and forgets it when asked for a fresh start', async () => {
    const first = await sandbox.up(spec);
    await put(await sandbox.connect(first.cluster, 'n1'), 'key', 'value');
    await downCluster('dev', { wipe: false, env: sandbox.env });
    const second = await sandbox.up({ ...spec, sync: 'off' });
    expect(second.outcome).toBe('resumed');
    expect(await get(await sandbox.connect(second.cluster, 'n3'), 'key')).toBe('value');
    await downCluster('dev', { wipe: false, env: sandbox.env });
    const third = await sandbox.up(spec, { fresh: true });
    expect(third.outcome).toBe('created');
    expect(third.cluster.record.id).not.toBe(first.cluster.record.id);
    expect(await get(await sandbox.connect(third.cluster, 'n3'), 'key')).toBe(null);
    await downCluster('dev', { wipe: true, env: sandbox.env });
    expect(readdirSync(sandbox.home)).toEqual([]);
  });

  it('says so when it is up already, and refuses other settings', async () => {
    const { cluster } = await sandbox.up(larger);
    await control(cluster).kill('n4');
    const again = await sandbox.up(larger);
    expect(again).toMatchObject({ outcome: 'already-up', nodes: { 3: { state: 'dead' } } });
    const refused = { code: 'cluster', definite: true, hint: expect.stringContaining('down') };
    await expect(sandbox.up(larger, { fresh: true })).rejects.toMatchObject(refused);
    await expect(sandbox.up({ ...larger, sync: 'off' })).rejects.toMatchObject({
      ...refused,
      message: 'dev is up with sync always, not off',
    });
    const delays = [{ from: 'n1', to: 'n2', meanMs: 20 }];
    await expect(sandbox.up({ ...larger, delays })).rejects.toThrow('with other delays');
    await expect(sandbox.up({ ...specOf('paxos', runtime, 3) })).rejects.toMatchObject({
      message: 'dev is up in mode quorum, not paxos',
      hint: 'Beside it: `kvx cluster up --name dev-paxos`.',
    });
    await downCluster('dev', { wipe: false, env: sandbox.env });
    await expect(sandbox.up(quorumSpec(runtime, 3, { replicas: 2 }))).rejects.toMatchObject({
      code: 'cluster',
      definite: true,
      message: 'dev has data with nodes n1,n2,n3,n4, not n1,n2,n3; replicas 3, not 2',
      hint: expect.stringContaining('--fresh'),
    });
  });

  it('says how a cluster gets more nodes, or fewer, where its mode lets it', async () => {
    await sandbox.up(specOf('gossip', runtime, 2));
    const hintOf = (count: number) =>
      sandbox.up(specOf('gossip', runtime, count)).then(
        () => null,
        ({ hint }) => hint,
      );
    expect(await hintOf(4)).toBe('Change its nodes: `kvx node add n3`, then the same for n4.');
    expect(await hintOf(1)).toBe('Change its nodes: `kvx node remove n2`.');
    await downCluster('dev', { wipe: false, env: sandbox.env });
    expect(await hintOf(3)).toBe(
      'When it is up as it was: `kvx node add n3`; in its place: --fresh, which wipes its data.',
    );
  });

  it('kills and restarts a node, which has its data again', async () => {
    const { cluster } = await sandbox.up(spec);
    const target = attachedTarget(cluster, new AbortController().signal);
    const { told, stop } = await watching(target);
    const nodes = target.control;
    await put(await sandbox.connect(cluster, 'n1'), 'key', 'value');
    const killing = nodes.kill('n2');
    // Before it is done.
    expect(told).toEqual(['+node kill n2']);
    await killing;
    expect(await stateOf(cluster, 'n2')).toBe('dead');
    await nodes.kill('n2');
    await expect(sandbox.connect(cluster, 'n2')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(nodes.pause('n2')).rejects.toMatchObject({ code: 'cluster', definite: true });
    await expect(nodes.kill('n9')).rejects.toMatchObject({ code: 'bad-request' });
    await nodes.restart('n2');
    expect(await stateOf(cluster, 'n2')).toBe('running');
    const n2 = await sandbox.connect(cluster, 'n2');
    expect(await get(n2, 'key')).toBe('value');
    await put(n2, 'key', 'newer');
    expect(await get(await sandbox.connect(cluster, 'n1'), 'key')).toBe('newer');
    expect(told).toEqual(['+node kill n2', '-node kill n2']);
    stop();
  });

  it('pauses a node, which hears nothing until it is resumed', async () => {
    const { cluster } = await sandbox.up(spec);
    const nodes = control(cluster);
    const n3 = await sandbox.connect(cluster, 'n3');
    await nodes.pause('n3');
    expect(await stateOf(cluster, 'n3')).toBe('paused');
    let answered = false;
    const status = n3.status(20_000).then(() => {
      answered = true;
    });
    const n1 = await sandbox.connect(cluster, 'n1');
    for (let n = 0; n < 20; n++) await put(n1, `key-${n}`, 'value');
    expect(answered).toBe(false);
    await nodes.resume('n3');
    await status;
    expect(await stateOf(cluster, 'n3')).toBe('running');
    await nodes.resume('n3');
    await nodes.pause('n3');
    await nodes.kill('n3');
    expect(await stateOf(cluster, 'n3')).toBe('dead');
    await nodes.restart('n3');
    await nodes.pause('n1');
    const report = await downCluster('dev', { wipe: false, env: sandbox.env });
    expect(report.tookMs).toBeLessThan(1000);
    expect(existsSync(cluster.sockets)).toBe(false);
  });

  it('gives rules to every node, and to those that start later', async () => {
    const { cluster } = await sandbox.up(spec);
    const isolating = (node: NodeId, nodes: readonly NodeId[]) =>
      breaking((faults) => isolate(faults, node, nodes), `fault isolate ${node}`);
    const { told, stop } = await watching(attachedTarget(cluster, new AbortController().signal));
    await control(cluster).pause('n2');
    await eventually('what others do is told', () => told.length > 0);
    await changeFaults(cluster, isolating('n1', spec.nodes));
    await eventually('what others break is told', () => told.length > 1);
    await control(cluster).resume('n2');
    await eventually('what others mend is told', () => told.length > 2);
    expect(told).toEqual(['+node pause n2', '+fault isolate n1', '-node pause n2']);
    expect(rulesInForce(cluster).cuts).toEqual(between(['n1'], spec.nodes));
    await control(cluster).restart('n1');
    const n1 = await sandbox.connect(cluster, 'n1');
    const alone = { level: 'all', timeoutMs: 300 } as const;
    const put = { type: 'put', key: keyFromText('key'), value: new Uint8Array() } as const;
    expect(await requestOnce(n1, realTiming, put, alone)).toMatchObject({ type: 'error' });
    await changeFaults(cluster, healing);
    await eventually('and healed', () => told.at(-1) === '-fault isolate n1');
    stop();
    await eventually('n1 reaches all replicas again', async () => {
      return (await requestOnce(n1, realTiming, put, alone)).type === 'done';
    });
    const cuts = Array(20_000).fill({ from: 'n1', to: 'n2' });
    const tooMany = breaking((kept) => ({ kept, effect: { type: 'links', rules: { cuts } } }));
    await expect(changeFaults(cluster, tooMany)).rejects.toMatchObject({ code: 'bad-request' });
    await expect(changeFaults(cluster, isolating('x', ['x', 'y']))).rejects.toMatchObject({
      code: 'bad-request',
    });
    await downCluster('dev', { wipe: false, env: sandbox.env });
    expect(rulesInForce((await sandbox.up(spec)).cluster).cuts).toEqual([]);
  });

  it('answers garbage by closing that connection, and nothing else', async () => {
    const { cluster } = await sandbox.up(spec);
    const good = await sandbox.connect(cluster, 'n1');
    const garbage = [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0, 0, 0, 1, 0xf6]),
      Buffer.from([0, 0, 0, 2, 0x81, 0xf6]),
      Buffer.alloc(100_000, 0xab),
    ];
    for (const bytes of garbage) {
      expect(await sayTo(socketPath(cluster, 'n1'), bytes)).toContain('closing');
    }
    const other = { node: 'n1', socketPath: socketPath(cluster, 'n1'), clusterId: 'other' };
    const stranger = await socketEndpoint(other).open();
    await expect(stranger.status()).rejects.toThrow('another cluster');
    expect(await put(good, 'key', 'value')).toMatchObject({ type: 'done' });
    expect(logTail(cluster, 'n1', 20).join('\n')).toContain('connection closed: a frame of');
    expect(await stateOf(cluster, 'n1')).toBe('running');
  });

  it('streams everything a node holds, values too', async () => {
    const { cluster } = await sandbox.up(quorumSpec(runtime, 2, { replicas: 2 }));
    const n1 = await sandbox.connect(cluster, 'n1');
    const value = 'x'.repeat(100_000);
    await Promise.all(Array.from({ length: 60 }, (_, at) => put(n1, `key-${at}`, value)));
    const n2 = await sandbox.connect(cluster, 'n2');
    await eventually('n2 has everything', async () => (await n2.status()).keyCount === 60);
    const { sentCount, syncCount } = await n1.status();
    expect([sentCount > 0, syncCount > 0]).toEqual([true, true]);
    const sizes: number[] = [];
    let slices = 0;
    await n2.scan({ values: true }, (entries) => {
      slices++;
      sizes.push(...entries.map((entry) => entry.value?.length ?? 0));
    });
    expect(sizes).toEqual(Array.from({ length: 60 }, () => 100_000));
    expect(slices).toBeGreaterThan(10);
    let digests = 0;
    await n2.scan({ values: false }, (entries) => {
      digests += entries.filter(({ value, digest }) => value === null && digest !== 0).length;
    });
    expect(digests).toBe(60);
  });

  it('leaves nothing behind when its start is interrupted', async () => {
    for (const afterMs of [0, 60, 150]) {
      const controller = new AbortController();
      const starting = sandbox.up(spec, { signal: controller.signal });
      setTimeout(() => controller.abort(), afterMs);
      await expect(starting).rejects.toMatchObject({ code: 'interrupted', definite: true });
      expect(readdirSync(sandbox.home)).toEqual([]);
      expect(existsSync(sandbox.runtime) ? readdirSync(sandbox.runtime) : []).toEqual([]);
    }
  });

  it('goes on without a node that does not start, and leaves nothing running when none does', async () => {
    const { cluster } = await sandbox.up(spec);
    const n1 = await sandbox.connect(cluster, 'n1');
    for (let n = 0; n < 20; n++) await put(n1, `key-${n}`, 'value');
    await downCluster('dev', { wipe: false, env: sandbox.env });
    damageJournal(cluster, 'n2');
    const { nodes } = await sandbox.up(spec);
    expect(nodes.map(({ state }) => state)).toEqual(['running', 'failed', 'running']);
    expect(nodes[1]?.why).toMatch(/damaged at byte .*`kvx node rejoin n2`/);
    await downCluster('dev', { wipe: false, env: sandbox.env });
    for (const node of spec.nodes) if (node !== 'n2') damageJournal(cluster, node);
    const error: StartError = await sandbox.up(spec).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'cluster', definite: true });
    expect(error.message).toMatch(/^n1 did not start: .*damaged at byte .*and 2 of 3 more/);
    expect(error.failures.map(({ node }) => node)).toEqual([...spec.nodes]);
    expect(error.failures[0]?.log.join('\n')).toContain('damaged at byte');
    expect(findCluster('dev', sandbox.env)?.record.id).toBe(cluster.record.id);
    expect(pidfilesIn(cluster.folder).size).toBe(0);
    expect(existsSync(cluster.sockets)).toBe(false);
  });

  it('shows a node that ended by itself as failed, and restarts it', async () => {
    const { cluster } = await sandbox.up(spec);
    const nodes = control(cluster);
    const n1 = await sandbox.connect(cluster, 'n1');
    for (let n = 0; n < 20; n++) await put(n1, `key-${n}`, 'value');
    await nodes.kill('n2');
    const journal = damageJournal(cluster, 'n2');
    await expect(nodes.restart('n2')).rejects.toThrow('n2 did not start');
    expect(await stateOf(cluster, 'n2')).toBe('failed');
    expect(await get(n1, 'key-3')).toBe('value');
    rmSync(journal);
    await nodes.restart('n2');
    expect(await stateOf(cluster, 'n2')).toBe('running');
  });

  it('refuses a state folder that is broken, and mends it when told how', async () => {
    const { cluster } = await sandbox.up(spec);
    await downCluster('dev', { wipe: false, env: sandbox.env });
    truncateSync(join(cluster.folder, 'cluster.json'), 20);
    await expect(sandbox.up(spec)).rejects.toMatchObject({
      code: 'cluster',
      definite: true,
      message: expect.stringContaining('broken'),
      hint: expect.stringContaining('Its backup is sound'),
    });
    rmSync(join(cluster.folder, 'cluster.json'));
    await expect(sandbox.up(spec)).rejects.toThrow('its cluster.json is missing');
    expect((await sandbox.up(spec, { fresh: true })).outcome).toBe('created');
    writeFileSync(join(cluster.folder, 'cluster.json'), '{}');
    const report = await downCluster('dev', { wipe: true, env: sandbox.env });
    expect(report.wasUp).toBe(true);
    expect(readdirSync(sandbox.home)).toEqual([]);
  });

  it('ends by itself when its launcher dies before it is up', async () => {
    const flags = ['cluster', 'up', '--runtime', runtime, '-n', '3', '--name', 'dev'];
    const env = { ...process.env, ...sandbox.env };
    const launcher = spawn(kvx, [...kvxArgs, ...flags], { env, stdio: 'ignore' });
    const folder = join(sandbox.home, 'dev');
    let started: ProcessIdentity[] = [];
    await eventually('something was started', () => {
      started = [...pidfilesIn(folder).values()];
      return started.length > 0;
    });
    launcher.kill('SIGKILL');
    await eventually('all of it is gone', () => {
      started.push(...pidfilesIn(folder).values());
      return started.every((identity) => conditionOf(identity) === 'gone');
    });
    expect((await sandbox.up(spec)).outcome).toBe('resumed');
  });

  it('of one command ends with it, is gone then, and is never what another command means', async () => {
    const env = { ...process.env, ...sandbox.env };
    const flags = [...kvxArgs, 'run', '--runtime', runtime, '-'];
    const stdio = ['pipe', 'ignore', 'ignore'] as const;
    const command = spawn(kvx, flags, { env, stdio: [...stdio] });
    command.stdin.end('put a 1\nwait 1h\n');
    await eventually('its cluster is up', () =>
      listClusters(sandbox.env).some(({ folder }) => {
        const pidfiles = [...pidfilesIn(folder).values()];
        return pidfiles.length > 0 && pidfiles.every(({ starting }) => !starting);
      }),
    );
    const refusal = { message: 'no cluster is up' };
    expect(() => chooseName(undefined, sandbox.env)).toThrow(expect.objectContaining(refusal));
    command.kill('SIGKILL');
    await eventually('all of it is gone', () => readdirSync(sandbox.home).length === 0);
  });

  it('has everybody running again when the command that started them was killed in the middle', async () => {
    const { cluster } = await sandbox.up(spec);
    const who = runtime === 'threads' ? 'daemon' : 'n2';
    const file = pidfileOf(cluster.folder, who);
    const before = readPidfile(file) as Pidfile;
    writePidfile(file, { ...before, starting: true });
    process.kill(before.pid, 'SIGKILL');
    await eventually('it is gone', () => conditionOf(before) === 'gone');
    if (runtime === 'processes') {
      const why = 'it ended without a word: its launcher went away before it was ready';
      expect(await control(cluster).states()).toMatchObject({ 1: { state: 'failed', why } });
    }
    const { outcome, nodes } = await sandbox.up(spec);
    expect(outcome).toBe(runtime === 'threads' ? 'resumed' : 'already-up');
    expect(nodes.map(({ state }) => state)).toEqual(spec.nodes.map(() => 'running'));
    expect(readPidfile(file)).not.toMatchObject({ pid: before.pid });
  });

  it('is failed as a whole when all its processes are killed, and comes up again', async () => {
    const { cluster } = await sandbox.up(spec);
    await put(await sandbox.connect(cluster, 'n1'), 'key', 'value');
    const { nodes } = spec;
    await changeFaults(
      cluster,
      breaking((faults) => isolate(faults, 'n1', nodes)),
    );
    for (const { pid } of pidfilesIn(cluster.folder).values()) process.kill(pid, 'SIGKILL');
    await eventually('every node is seen to have failed', async () => {
      return (await control(cluster).states()).every(({ state }) => state === 'failed');
    });
    if (runtime === 'threads') {
      const why = 'dev is not up: its daemon ended: killed from outside, or short of memory';
      await expect(control(cluster).restart('n1')).rejects.toThrow(why);
    } else {
      await control(cluster).restart('n1');
      expect(await stateOf(cluster, 'n1')).toBe('running');
      await control(cluster).kill('n1');
    }
    const again = await sandbox.up(spec);
    expect(again.notes[0]).toMatch(
      /^cleaned up after a crash: .*; the faults that were on are gone$/,
    );
    expect(await get(await sandbox.connect(again.cluster, 'n3'), 'key')).toBe('value');
    await downCluster('dev', { wipe: false, env: sandbox.env });
    const refused = { code: 'cluster', definite: true, message: 'cluster dev is not up' };
    await expect(control(cluster).restart('n1')).rejects.toMatchObject(refused);
    await expect(changeFaults(cluster, healing)).rejects.toMatchObject(refused);
  });

  it('says at once that what answers for a node is stopped, and can be ended all the same', async () => {
    const { cluster } = await sandbox.up(spec);
    const identity = [...pidfilesIn(cluster.folder).values()][0] as ProcessIdentity;
    process.kill(identity.pid, 'SIGSTOP');
    await eventually('it is stopped', () => conditionOf(identity) === 'paused');
    const nodes = control(cluster);
    const states = await nodes.states();
    const paused = states.filter(({ state }) => state === 'paused');
    if (runtime === 'threads') {
      const refusal = { code: 'cluster', definite: true };
      const message = expect.stringContaining(`kill -CONT ${identity.pid}`);
      for (const step of ['kill', 'restart', 'pause', 'resume', 'start'] as const) {
        await expect(nodes[step]('n2')).rejects.toMatchObject({ ...refusal, message });
      }
      expect(paused).toMatchObject(spec.nodes.map(() => ({ why: message })));
    } else {
      expect(paused).toHaveLength(1);
      await nodes.restart(paused[0]?.node ?? '');
      await nodes.kill('n3');
    }
    const { wasUp } = await downCluster('dev', { wipe: false, env: sandbox.env });
    expect(wasUp).toBe(true);
  });

  it('stops a process that nobody could find any more', async () => {
    const { cluster } = await sandbox.up(spec);
    const started = [...pidfilesIn(cluster.folder).values()];
    // Moved, not removed file by file: its nodes may be writing into it.
    renameSync(cluster.folder, join(sandbox.runtime, 'gone'));
    await eventually('all of it is gone', () => {
      return started.every((identity) => conditionOf(identity) === 'gone');
    });
  });

  it('writes what happens to each node into its log, a line an event', async () => {
    const { cluster } = await sandbox.up(spec);
    await control(cluster).restart('n2');
    const lines = readFileSync(logFile(cluster.folder, 'n2'), 'utf8').trimEnd().split('\n');
    for (const line of lines)
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z (info |warn |error) /);
    expect(lines.filter((line) => line.endsWith('n2 is ready'))).toHaveLength(2);

    // A write that a crash cut short is no error, but it is never cut without a word.
    await control(cluster).kill('n2');
    const data = dataFolder(cluster.folder, 'n2');
    const last = readdirSync(data)
      .filter((name) => name.endsWith('.wal'))
      .sort()
      .at(-1) as string;
    const bytes = readFileSync(join(data, last));
    bytes.write('torn', contentEnd(bytes));
    writeFileSync(join(data, last), bytes);
    await control(cluster).restart('n2');
    const log = readFileSync(logFile(cluster.folder, 'n2'), 'utf8');
    expect(log).toMatch(
      new RegExp(`warn  the journal cuts 4 bytes of ${last} at byte \\d+: expected frame number`),
    );
    expect(log).toContain('incarnation 3, with its journal');
  });
});

/** Zeros follow what was written to a log. */
const contentEnd = (bytes: Buffer): number => bytes.findLastIndex((byte) => byte !== 0) + 1;

/** Overwrites a byte in the middle of a node's log, which no crash could have done; returns the file. */
function damageJournal(cluster: Cluster, node: string): string {
  const folder = dataFolder(cluster.folder, node);
  const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.wal')) ?? '');
  const bytes = readFileSync(file);
  const at = Math.floor(contentEnd(bytes) / 3);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(file, bytes);
  return file;
}

/** Sends bytes to a socket and reads until it is closed. */
function sayTo(path: string, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(path, () => socket.write(bytes));
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(heard));
  });
}
