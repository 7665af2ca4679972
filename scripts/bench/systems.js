/** What is measured: clusters of kvx, and etcd and Redis where they are installed. Each is up for its own turn only. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from './ports.js';

/**
 * @typedef {'put' | 'get'} Operation
 * @typedef {{ operation: Operation, clients: number, ms: number, keys: number, valueBytes: number }} Load
 * @typedef {Load & { pipeline?: number }} RespLoad
 * @typedef {{ perSecond: number, p50: number, p99: number, max: number, busyShare: number | null }} Figures
 * @typedef {{ name: string, start(): Promise<void>, fill(load: Load): Promise<void>, measure(load: RespLoad): Promise<Figures>, stop(): Promise<void> }} System
 */

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const kvxScript = join(root, 'bin/run.js');
/**
 * For so long each load goes on before it is measured: what compiles as it runs needs that, and a cluster with one client runs
 * little. The same for all.
 */
const warmUpMsOf = (/** @type {number} */ clients) => (clients === 1 ? 6000 : 2000);

/** A folder for all that is measured, on the disk that clusters are kept on unless `--dir` says otherwise. @param {string} parent */
export const freshFolder = (parent = tmpdir()) => mkdtempSync(join(parent, 'kvx-bench-'));

/** @param {string} home @param {string[]} words */
export async function kvx(home, words) {
  const { stdout } = await run(process.execPath, [kvxScript, ...words], {
    env: { ...process.env, KVX_HOME: home },
    maxBuffer: 2 ** 26,
  });
  return stdout;
}

/** @param {string} home @param {string[]} words @returns {Promise<any>} */
export const kvxBench = async (home, words) =>
  JSON.parse(await kvx(home, ['bench', ...words, '--json']));

/** @param {any} report @returns {Figures} */
export const figuresOf = ({ perSecond, latencyMs, generator }) => ({
  ...{ perSecond, p50: latencyMs.p50, p99: latencyMs.p99, max: latencyMs.max },
  busyShare: generator.busyShare,
});

/** Three nodes. @param {string} name @param {string} folder @param {string[]} flags @param {string[]} loadFlags */
export function kvxSystem(name, folder, flags, loadFlags = []) {
  const home = join(folder, name.replaceAll(' ', '-'));
  return {
    name,
    start: async (more = /** @type {string[]} */ ([])) => {
      mkdirSync(home, { recursive: true });
      await kvx(home, ['cluster', 'up', '-n', '3', ...flags, ...more]);
    },
    fill: async (/** @type {Load} */ { keys, valueBytes }) => {
      const words = ['--keys', `${keys}`, '--value-size', `${valueBytes}`, '--ops', '1'];
      await kvxBench(home, [...words, '--fill', '--clients', '256']);
    },
    measure: async (/** @type {Load} */ { operation, clients, ms, keys, valueBytes }) => {
      const reads = operation === 'get' ? '100%' : '0%';
      const sizes = ['--keys', `${keys}`, '--value-size', `${valueBytes}`];
      const times = ['--duration', `${ms}ms`, '--warm-up', `${warmUpMsOf(clients)}ms`];
      const load = ['--clients', `${clients}`, '--reads', reads];
      return figuresOf(await kvxBench(home, [...load, ...times, ...sizes, ...loadFlags]));
    },
    stop: async () => {
      await kvx(home, ['cluster', 'down', '--wipe']);
    },
  };
}

/** @param {string} command @param {string[]} words */
async function startServer(command, words) {
  const child = spawn(command, words, { stdio: 'ignore' });
  await Promise.race([
    once(child, 'spawn'),
    once(child, 'error').then(([error]) => Promise.reject(error)),
  ]);
  return child;
}

/** @param {import('node:child_process').ChildProcess[]} servers */
async function stopServers(servers) {
  for (const server of servers.splice(0)) {
    if (server.exitCode !== null) continue;
    const exited = once(server, 'exit');
    server.kill('SIGTERM');
    await exited;
  }
}

/** @param {number} port */
async function listens(port) {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isThere) return;
    await delay(100);
  }
  throw new Error(`nobody listens at port ${port}`);
}

/** Three nodes, each with its log synced before it answers, as is its default. @param {string} folder @returns {System} */
export function etcdSystem(folder) {
  const data = join(folder, 'etcd');
  /** @type {import('node:child_process').ChildProcess[]} */
  const servers = [];
  /** @type {number[]} */
  let ports = [];
  const load = async (/** @type {Load & { warmUpMs?: number }} */ of) => {
    const { operation, clients, ms, warmUpMs, keys, valueBytes } = of;
    const script = join(import.meta.dirname, 'etcd-load.js');
    const times = [ms, warmUpMs ?? warmUpMsOf(clients)];
    const words = [operation, clients, ...times, keys, valueBytes, ...ports].map(String);
    const { stdout } = await run(process.execPath, [script, ...words]);
    return JSON.parse(stdout);
  };
  return {
    name: 'etcd ×3',
    start: async () => {
      const all = await freePorts(6);
      ports = all.slice(0, 3);
      const peers = all.slice(3).map((port) => `http://127.0.0.1:${port}`);
      const cluster = peers.map((url, nth) => `n${nth}=${url}`).join(',');
      for (const [nth, peer] of peers.entries()) {
        const client = `http://127.0.0.1:${ports[nth]}`;
        const urls = ['--listen-client-urls', client, '--advertise-client-urls', client];
        const own = ['--name', `n${nth}`, '--data-dir', join(data, `n${nth}`)];
        const others = ['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer];
        const words = [...own, ...urls, ...others, '--initial-cluster', cluster];
        servers.push(await startServer('etcd', words));
      }
      await Promise.all(ports.map(listens));
      // Until there is a leader.
      for (let tries = 0; tries < 20; tries++) {
        const probe = { operation: /** @type {Operation} */ ('put'), clients: 1, ms: 200 };
        const { perSecond } = await load({ ...probe, warmUpMs: 0, keys: 1, valueBytes: 1 });
        if (perSecond > 0) return;
      }
      throw new Error('etcd has no leader');
    },
    fill: async (of) => {
      await load({ ...of, operation: 'put', clients: 256, ms: of.keys / 4, warmUpMs: 0 });
    },
    measure: load,
    stop: async () => {
      await stopServers(servers);
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/**
 * The load of `redis-benchmark`, which fails at the first error reply. It ends after so many operations: as many as are done
 * in that time.
 * @param {() => number} portOf
 */
export function redisLoad(portOf) {
  const ask = async (/** @type {RespLoad} */ load, /** @type {number} */ count) => {
    const { operation, clients, keys, valueBytes, pipeline = 1 } = load;
    const what = ['-t', operation === 'put' ? 'set' : 'get', '-d', `${valueBytes}`];
    const how = ['-c', `${clients}`, '-P', `${pipeline}`, '-n', `${count}`, '-r', `${keys}`];
    const words = ['-p', `${portOf()}`, ...what, ...how, '--csv'];
    const { stdout } = await run('redis-benchmark', words);
    const [, figures = ''] = stdout.trim().split('\n');
    // "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
    const [perSecond, , , p50, , p99, max] = figures
      .split(',')
      .slice(1)
      .map((each) => Number(each.replaceAll('"', '')));
    return { perSecond, p50, p99, max, busyShare: null };
  };
  return {
    fill: async (/** @type {RespLoad} */ load) => {
      await ask({ ...load, operation: 'put', clients: 256 }, load.keys * 5);
    },
    measure: async (/** @type {RespLoad} */ load) => {
      // So many that redis-benchmark's clock, of milliseconds, sees time pass: otherwise it prints `nan`.
      let figures = await ask(load, Math.max(1000, 10 * load.clients) * (load.pipeline ?? 1));
      for (const ms of [warmUpMsOf(load.clients), load.ms]) {
        figures = await ask(load, Math.ceil(((figures.perSecond ?? 0) * ms) / 1000));
      }
      return /** @type {Figures} */ (figures);
    },
  };
}

/** Three nodes, n1 of which is loaded by `redis-benchmark`. @param {string} name @param {string} folder @param {string[]} flags @returns {System} */
export function kvxRespSystem(name, folder, flags) {
  let port = 0;
  const { start, stop } = kvxSystem(name, folder, flags);
  return {
    name,
    start: async () => {
      [port = 0] = await freePorts(3);
      await start(['--resp', `${port}`]);
    },
    ...redisLoad(() => port),
    stop,
  };
}

/** One node, its log synced before it answers; no replicas. The load is `redis-benchmark`'s. @param {string} folder @returns {System} */
export function redisSystem(folder) {
  const data = join(folder, 'redis');
  /** @type {import('node:child_process').ChildProcess[]} */
  const servers = [];
  let port = 0;
  return {
    name: 'Redis ×1, AOF always',
    start: async () => {
      [port = 0] = await freePorts(1);
      mkdirSync(data, { recursive: true });
      const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
      const where = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', data];
      servers.push(await startServer('redis-server', [...where, ...durable]));
      await listens(port);
    },
    ...redisLoad(() => port),
    stop: async () => {
      await stopServers(servers);
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** @param {string} command */
export async function isInstalled(command) {
  return await run(command, ['--version']).then(
    () => true,
    () => false,
  );
}
