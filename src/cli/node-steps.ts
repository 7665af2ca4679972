import { type ClusterControl, control, type NodeState } from '../cluster/cluster.js';
import type { Cluster } from '../cluster/state/state.js';
import type { NodeId } from '../core/ids.js';
import { printJson, printLine } from '../render/output.js';
import { withProgress } from './progress.js';
import { toNode, usageError } from './values.js';

type Step = Extract<keyof ClusterControl, 'kill' | 'restart' | 'pause' | 'resume'>;

/**
 * Does one thing to several nodes, one after another, and prints the state each is in then. Names are looked at
 * before anything is done.
 */
export async function stepNodes(
  cluster: Cluster,
  step: Step,
  names: readonly string[],
  how: { readonly json: boolean },
): Promise<void> {
  if (names.length === 0) {
    throw usageError('missing: NODE', `The nodes are ${cluster.record.nodes.join(', ')}.`);
  }
  const nodes: NodeId[] = [...new Set(names.map((name) => toNode(name, cluster.record.nodes)))];
  const controls = control(cluster);
  for (const node of nodes) {
    await withProgress(
      () => `${step} ${node}`,
      () => controls[step](node),
    );
  }
  const states = (await controls.states()).filter(({ node }) => nodes.includes(node));
  printStates(cluster.record.name, states, how);
}

export function printStates(
  cluster: string,
  states: readonly NodeState[],
  how: { readonly json: boolean },
): void {
  if (how.json) printJson({ cluster, nodes: states });
  else for (const { node, state } of states) printLine(`${node} ${state}`);
}
