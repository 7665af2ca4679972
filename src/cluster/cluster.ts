/**
 * Clusters of real nodes: the functions that commands call. Everything here works on the state folder, pidfiles and
 * sockets of a cluster; nothing is kept in memory from one command to the next.
 */

import type { Millis, NodeId } from '../core/ids.js';
import type { LinkRules } from '../faults/link-rules.js';
import { clientFrame, serverFrame } from '../runtime/links/client-frames.js';
import { ask } from './ask.js';
import { checkNode, checkUp } from './checks.js';
import type { NodeState } from './host/control-frames.js';
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

/** Each resolves when it has happened. They throw a `cluster` KvxError for an unknown node or an impossible step. */
export interface ClusterControl {
  /** Does nothing when it runs. Throws {@link StartError} when it does not come up. */
  start(node: NodeId): Promise<void>;
  /** Does nothing when it is dead. */
  kill(node: NodeId): Promise<void>;
  pause(node: NodeId): Promise<void>;
  resume(node: NodeId): Promise<void>;
  /** Kills it if it runs, then starts it. */
  restart(node: NodeId): Promise<void>;
  /** In the cluster's order. */
  states(): Promise<readonly NodeState[]>;
}

export function control(cluster: Cluster): ClusterControl {
  const runner = runnerOf(cluster);
  const step = async (node: NodeId, work: () => Promise<void>): Promise<void> => {
    checkNode(cluster, node);
    await changing(cluster.folder, () => {
      checkUp(cluster);
      return work();
    });
  };
  return {
    start: (node) => step(node, () => runner.start(node)),
    kill: (node) => step(node, () => runner.kill(node)),
    pause: (node) => step(node, () => runner.pause(node)),
    resume: (node) => step(node, () => runner.resume(node)),
    restart: (node) =>
      step(node, async () => {
        await runner.kill(node);
        await runner.start(node);
      }),
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
