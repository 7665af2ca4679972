/**
 * Clusters of real nodes: the functions that commands call. Everything here works on the state folder, pidfiles and
 * sockets of a cluster; nothing is kept in memory from one command to the next.
 */

import type { Millis, NodeId } from '../core/ids.js';
import type { LinkRules } from '../faults/link-rules.js';
import { clientFrame, serverFrame } from '../runtime/links/client-frames.js';
import { ask } from './ask.js';
import { checkNode, checkUp } from './checks.js';
import type { NodeOrder, NodeState } from './host/control-frames.js';
import { runnerOf } from './launch/runners.js';
import { changing } from './state/lock.js';
import { storeRules } from './state/run-file.js';
import { nodeSocket } from './state/sockets.js';
import type { Cluster } from './state/state.js';

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

const rulesMsMax: Millis = 2000;

/**
 * Stores the rules for nodes that start later, and hands them to every node that is up. A paused node finds them
 * waiting at its socket and obeys before anything that comes after them.
 */
export async function setRules(cluster: Cluster, rules: LinkRules): Promise<void> {
  for (const { from, to } of rules.delays) {
    checkNode(cluster, from);
    checkNode(cluster, to);
  }
  // The other end of a cut may be a client.
  for (const { from, to } of rules.cuts) {
    checkNode(cluster, cluster.record.nodes.includes(to) ? to : from);
  }
  await changing(cluster.folder, async () => {
    checkUp(cluster);
    storeRules(cluster, rules);
    const states = await runnerOf(cluster).states();
    const live = states.filter(({ state }) => state === 'running' || state === 'paused');
    await Promise.all(live.map((state) => handRules(cluster, state, rules)));
  });
}

async function handRules(cluster: Cluster, { node, state }: NodeState, rules: LinkRules) {
  const handed = ask({
    path: socketPath(cluster, node),
    who: node,
    cluster: cluster.record.id,
    frame: { type: 'set-rules', id: 1, rules } as const,
    question: clientFrame,
    answer: serverFrame,
    timeoutMs: state === 'paused' ? 50 : rulesMsMax,
  });
  try {
    await handed;
  } catch (error) {
    if (state !== 'paused') throw error;
  }
}

/** Where a node serves clients and peers. */
export function socketPath(cluster: Cluster, node: NodeId): string {
  checkNode(cluster, node);
  return nodeSocket(cluster.sockets, node);
}
