/**
 * Clusters of real nodes: the functions that commands call. Everything here works on the state folder, pidfiles and
 * sockets of a cluster; nothing is kept in memory from one command to the next.
 */

import { rulesOf } from '../config/spec.js';
import { usageError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import {
  type ActiveFault,
  activeFaultsMax,
  type FaultsChange,
  linkRulesOf,
  nodeFaultsOf,
} from '../faults/active.js';
import type { CrashKind, CrashMoment } from '../faults/fault.js';
import { ruleCount } from '../faults/link-rules.js';
import { type ClientFrame, clientFrame, serverFrame } from '../runtime/links/client-frames.js';
import { directionsMax } from '../runtime/links/fault-shapes.js';
import type { MetricFamily } from '../runtime/metrics/family.js';
import { ask } from './ask.js';
import { checkNode, checkUp } from './checks.js';
import type { NodeOrder, NodeState } from './host/control-frames.js';
import { runnerOf } from './launch/runners.js';
import { changing } from './state/lock.js';
import { readFaults, storeFaults } from './state/run-file.js';
import { nodeSocket } from './state/sockets.js';
import { type Cluster, openCluster } from './state/state.js';

export { downCluster, sweepOrphans } from './down.js';
export type { NodeState } from './host/control-frames.js';
export { StartError } from './launch/runner.js';
export { addNode, removeNode } from './membership.js';
export { rejoinNode } from './rejoin.js';
export { chooseCluster, chooseName, findCluster, listClusters } from './state/state.js';
export { type UpReport, upCluster } from './up.js';

/**
 * Each resolves when it has happened. They throw a `cluster` KvxError for an unknown node or an impossible step, and
 * {@link StartError} when it does not come up. Who runs is not started, and who is dead not killed; `restart` is both.
 */
export interface ClusterControl
  extends Record<NodeOrder | 'restart', (node: NodeId) => Promise<void>> {
  /** As a kill or a power cut, at once or when that moment comes. Not everywhere can that be done. */
  crash?(node: NodeId, how: CrashKind, when: CrashMoment | null): Promise<void>;
  /** In the cluster's order. */
  states(): Promise<readonly NodeState[]>;
}

export function control(cluster: Cluster): ClusterControl {
  const runner = runnerOf(cluster);
  const carryingOut =
    (...orders: readonly NodeOrder[]) =>
    async (node: NodeId): Promise<void> => {
      checkNode(cluster, node);
      await changing(cluster.folder, async () => {
        checkUp(cluster);
        for (const order of orders) await runner[order](node);
      });
    };
  return {
    start: carryingOut('start'),
    kill: carryingOut('kill'),
    pause: carryingOut('pause'),
    resume: carryingOut('resume'),
    restart: carryingOut('kill', 'start'),
    states: () => runner.states(),
  };
}

const faultsMsMax: Millis = 2000;

/**
 * Changes what is broken on purpose, while no other command does. It is stored before nodes are told of it, and taken out
 * once they have undone it, so that nothing is ever broken that the list does not say. Nodes that start later find it there.
 * A paused node finds it waiting at its socket and obeys before anything that comes after it.
 */
export async function changeFaults({ folder }: Cluster, change: FaultsChange): Promise<void> {
  await changing(folder, async () => {
    const cluster = openCluster(folder);
    checkUp(cluster);
    const before = readFaults(folder);
    let { nextId } = before;
    const faults = change(before.faults, (fault) => ({
      ...fault,
      id: nextId++,
      since: Date.now(),
    }));
    if (faults === before.faults) return;
    checkFaults(cluster, faults);
    const undone = before.faults.filter((fault) => !faults.includes(fault));
    const ids = new Set(undone.map(({ id }) => id));
    const meanwhile = [...undone, ...faults.filter(({ id }) => !ids.has(id))];
    storeFaults(cluster, { nextId, faults: meanwhile });
    await handFaults(cluster, faults);
    if (undone.length > 0) storeFaults(cluster, { nextId, faults });
  });
}

function checkFaults(cluster: Cluster, faults: readonly ActiveFault[]): void {
  if (faults.length > activeFaultsMax) {
    throw usageError(`${activeFaultsMax} faults are on, and there may be no more at once`);
  }
  const { nodes } = cluster.record;
  const rules = faults.map(({ effect }) => (effect.type === 'links' ? effect.rules : {}));
  const count = rules.reduce((sum, each) => sum + ruleCount(each), 0);
  if (count > directionsMax) {
    const hint = `There may be ${directionsMax} at once: \`kvx fault heal\` ends some.`;
    throw usageError(`these faults are ${count} rules of one link each`, hint);
  }
  for (const { effect } of faults) {
    if (effect.type !== 'links') {
      if (effect.type !== 'added') checkNode(cluster, effect.node);
      continue;
    }
    // The other end may be a client.
    const directions = [...Object.values(effect.rules).flat(), ...(effect.linked ?? [])];
    for (const { from, to } of directions) checkNode(cluster, nodes.includes(to) ? to : from);
  }
}

/** To every node that is up. One that ends meanwhile need not answer: it finds them when it starts. */
async function handFaults(cluster: Cluster, faults: readonly ActiveFault[]): Promise<void> {
  const rules = linkRulesOf(rulesOf(cluster.record), faults);
  const runner = runnerOf(cluster);
  const isRunning = async (node: NodeId): Promise<boolean> =>
    (await runner.states()).some((each) => each.node === node && each.state === 'running');
  const states = await runner.states();
  const live = states.filter(({ state }) => state === 'running' || state === 'paused');
  await Promise.all(
    live.map(async ({ node, state }) => {
      const own = nodeFaultsOf(node, faults);
      const timeoutMs = state === 'paused' ? 50 : faultsMsMax;
      const frame = { type: 'set-faults', id: 1, rules, own } as const;
      await askNode(cluster, node, frame, timeoutMs).catch(async (error: unknown) => {
        if (state !== 'paused' && (await isRunning(node))) throw error;
      });
    }),
  );
}

const askNode = (cluster: Cluster, node: NodeId, frame: ClientFrame, timeoutMs: Millis) =>
  ask({
    ...{ path: socketPath(cluster, node), who: node, cluster: cluster.record.id },
    ...{ frame, question: clientFrame, answer: serverFrame, timeoutMs },
  });

/** What a node has counted and measured since its start. Rejects with a definite `cluster` KvxError when it does not answer. */
export async function askMetrics(
  cluster: Cluster,
  node: NodeId,
  timeoutMs: Millis,
): Promise<readonly MetricFamily[]> {
  const answer = await askNode(cluster, node, { type: 'metrics', id: 1 }, timeoutMs);
  invariant(answer.type === 'metrics', 'a node answers what it is asked');
  return answer.families;
}

/** Where a node serves clients and peers. */
export function socketPath(cluster: Cluster, node: NodeId): string {
  checkNode(cluster, node);
  return nodeSocket(cluster.sockets, node);
}
