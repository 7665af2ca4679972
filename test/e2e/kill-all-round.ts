import { requestOnce } from '../../src/client/endpoint.js';
import { control } from '../../src/cluster/cluster.js';
import type { Cluster } from '../../src/cluster/state/state.js';
import { keyFromText } from '../../src/core/key.js';
import { realTiming } from '../../src/node/timing.js';
import { eventually, get, putOf, quorumSpec, Sandbox } from './cluster-sandbox.js';

const clients = 32;

export interface RoundReport {
  readonly acknowledged: number;
  /** Keys whose acknowledged write was not found again. */
  readonly lost: readonly string[];
}

/**
 * Kills every node of a cluster with SIGKILL while 32 clients write, each its own keys, one after the other; starts
 * the cluster again and looks for every write that had been acknowledged.
 */
export async function killAllRound(acknowledgedBeforeKill: number): Promise<RoundReport> {
  const sandbox = new Sandbox();
  try {
    const spec = quorumSpec('processes', 4, { replicas: 3, write: 'quorum', read: 'quorum' });
    const { cluster } = await sandbox.up(spec);
    const acknowledged = new Map<string, string>();
    const writers = Array.from({ length: clients }, (_, at) =>
      writeUntilCut(sandbox, cluster, at, acknowledged),
    );
    await eventually('writes are acknowledged', () => acknowledged.size >= acknowledgedBeforeKill);
    await killAll(cluster);
    await Promise.all(writers);
    const again = await sandbox.up(spec);
    return {
      acknowledged: acknowledged.size,
      lost: await lost(sandbox, again.cluster, acknowledged),
    };
  } finally {
    await sandbox.dispose();
  }
}

async function writeUntilCut(
  sandbox: Sandbox,
  cluster: Cluster,
  client: number,
  acknowledged: Map<string, string>,
): Promise<void> {
  const { nodes } = cluster.record;
  const connection = await sandbox.connect(cluster, nodes[client % nodes.length] as string);
  for (let n = 0; connection.isOpen; n++) {
    const [key, value] = [`client-${client}-${n}`, `value ${client * 1_000_000 + n}`];
    const options = { level: null, timeoutMs: 2000 };
    const result = await requestOnce(
      connection,
      realTiming,
      putOf(keyFromText(key), value),
      options,
    );
    if (result.type === 'done') acknowledged.set(key, value);
  }
}

async function killAll(cluster: Cluster): Promise<void> {
  const states = await control(cluster).states();
  for (const { pid } of states) if (pid !== null) process.kill(pid, 'SIGKILL');
  await eventually('every node is gone', async () => {
    const after = await control(cluster).states();
    return after.every(({ state }) => state === 'failed');
  });
}

async function lost(
  sandbox: Sandbox,
  cluster: Cluster,
  acknowledged: ReadonlyMap<string, string>,
): Promise<string[]> {
  const connection = await sandbox.connect(cluster, 'n1');
  const missing: string[] = [];
  const entries = [...acknowledged];
  while (entries.length > 0) {
    const some = entries.splice(0, 256);
    const found = await Promise.all(some.map(([key]) => get(connection, key)));
    for (const [at, [key, value]] of some.entries()) if (found[at] !== value) missing.push(key);
  }
  return missing;
}
