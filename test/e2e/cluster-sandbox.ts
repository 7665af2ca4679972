import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type NodeConnection, requestOnce } from '../../src/client/endpoint.js';
import { socketPath, type UpReport, upCluster } from '../../src/cluster/cluster.js';
import { stopAll } from '../../src/cluster/down.js';
import { tailOf } from '../../src/cluster/state/log.js';
import { type Cluster, logFile } from '../../src/cluster/state/state.js';
import { type ClusterSpec, nodeNames, type RuntimeName } from '../../src/config/spec.js';
import type { NodeId } from '../../src/core/ids.js';
import { type Key, keyFromText } from '../../src/core/key.js';
import type { ClientResult, Operation } from '../../src/core/operation.js';
import { socketEndpoint } from '../../src/node/socket-endpoint.js';
import { realTiming } from '../../src/node/timing.js';
import { parseModeOptions } from '../../src/protocols/options.js';

/** A state home and a socket folder of a test's own. What runs in it ends with it, also when the test fails. */
export class Sandbox {
  readonly home: string;
  readonly runtime: string;
  readonly #connections: NodeConnection[] = [];

  constructor() {
    // Short, because socket paths must be.
    const root = mkdtempSync(join(tmpdir(), 'kvx-'));
    this.home = join(root, 'home');
    this.runtime = join(root, 'run');
  }

  get env() {
    return { KVX_HOME: this.home, XDG_RUNTIME_DIR: this.runtime };
  }

  up(
    spec: ClusterSpec,
    options: { fresh?: boolean; signal?: AbortSignal } = {},
  ): Promise<UpReport> {
    const { fresh = false, signal = new AbortController().signal } = options;
    return upCluster(spec, { fresh, signal, onProgress: () => {}, env: this.env });
  }

  async connect(cluster: Cluster, node: NodeId): Promise<NodeConnection> {
    const address = { node, socketPath: socketPath(cluster, node), clusterId: cluster.record.id };
    const connection = await socketEndpoint(address).open();
    this.#connections.push(connection);
    return connection;
  }

  async dispose(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    for (const name of this.clusterFolders()) await stopAll(join(this.home, name));
    rmSync(join(this.home, '..'), { recursive: true, force: true });
  }

  clusterFolders(): string[] {
    try {
      const entries = readdirSync(this.home, { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    } catch {
      return [];
    }
  }
}

export function specOf(
  mode: string,
  runtime: RuntimeName,
  nodes: number,
  options: Readonly<Record<string, unknown>> = {},
): ClusterSpec {
  return {
    name: 'dev',
    mode,
    nodes: nodeNames(nodes),
    runtime,
    sync: 'always',
    options: parseModeOptions(mode, options, nodes),
    delays: [],
  };
}

export const quorumSpec = (
  runtime: RuntimeName,
  nodes: number,
  options: Readonly<Record<string, unknown>> = {},
): ClusterSpec => specOf('quorum', runtime, nodes, options);

const timeoutMs = 3000;
const level = null;

export const put = (to: NodeConnection, key: string, value: string): Promise<ClientResult> =>
  requestOnce(to, realTiming, putOf(keyFromText(key), value), { level, timeoutMs });

export const putOf = (key: Key, value: string): Operation => {
  return { type: 'put', key, value: new TextEncoder().encode(value) };
};

/** The value as text, `null` when absent. Throws what else was answered. */
export async function get(from: NodeConnection, key: string): Promise<string | null> {
  const result = await requestOnce(
    from,
    realTiming,
    { type: 'get', key: keyFromText(key) },
    { level, timeoutMs: 20_000 },
  );
  if (result.type !== 'value') throw new Error(`get ${key}: ${JSON.stringify(result)}`);
  return result.value === null ? null : new TextDecoder().decode(result.value);
}

/** Asks again and again until `condition` holds; fails loudly when it never does. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 50_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await delay(5);
  }
}

export const logTail = (cluster: Cluster, node: NodeId, lines: number): readonly string[] =>
  tailOf(logFile(cluster.folder, node), lines);
