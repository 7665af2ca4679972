/** What a change of a cluster's nodes does to its record. Pure, but for a look at who is alive. */
import { existsSync } from 'node:fs';
import { namePattern } from '../config/spec.js';
import { definiteError, usageError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import { nodesMax } from '../core/limits.js';
import { nextName } from '../core/node-order.js';
import type { Direction } from '../faults/link-rules.js';
import { profileOf } from '../protocols/catalog.js';
import { featureProblem } from '../protocols/refusals.js';
import { checkNode } from './checks.js';
import { halfDone } from './pending-change.js';
import { conditionOf, identify } from './state/pidfile.js';
import type { ClusterRecord, NodeChange } from './state/record.js';
import { type Cluster, dataFolder } from './state/state.js';

/** The record with one node more, and which; `null` when it is in there already. */
export function beginAdding(
  { record, folder }: Cluster,
  wanted: NodeId | null,
): { readonly record: ClusterRecord | null; readonly node: NodeId } {
  checkMode(record);
  const pending = pendingChange(record);
  if (pending !== null) {
    if (pending.type !== 'add' || (wanted ?? pending.node) !== pending.node)
      throw halfDone(pending);
    return { record: { ...record, change: changeOf('add', pending.node) }, node: pending.node };
  }
  const node = wanted ?? nextName(record);
  if (record.nodes.includes(node)) return { record: null, node };
  checkNewName(record, node, existsSync(dataFolder(folder, node)));
  const change = changeOf('add', node);
  const founders = record.founders ?? record.nodes;
  return { record: { ...record, nodes: [...record.nodes, node], founders, change }, node };
}

export function beginRemoving(record: ClusterRecord, node: NodeId): ClusterRecord {
  checkMode(record);
  checkNode({ record }, node);
  const pending = pendingChange(record);
  // What was begun can always be undone.
  if (pending !== null && pending.node !== node) throw halfDone(pending);
  const founders = record.founders ?? record.nodes;
  return { ...record, founders, change: changeOf('remove', node) };
}

/** The record of a cluster in which this node begins anew. Throws when another change is under way. */
export function beginRejoining(record: ClusterRecord, node: NodeId): ClusterRecord {
  const pending = pendingChange(record);
  if (pending !== null && (pending.node !== node || pending.type !== 'rejoin')) {
    throw halfDone(pending);
  }
  return { ...record, change: changeOf('rejoin', node) };
}

export function ended({ change: _, ...record }: ClusterRecord): ClusterRecord {
  return record;
}

/** A node that was a member and loses its data is *retired*: its name is not given again. */
export type Parting = 'retire' | 'keep files' | 'as if never there';

/** Nothing names the node any more, save that it is known to have been; `nodeOptions` are lists of nodes. */
export function without(
  record: ClusterRecord,
  node: NodeId,
  { how, nodeOptions }: { readonly how: Parting; readonly nodeOptions: readonly string[] },
): ClusterRecord {
  const others = (names: readonly NodeId[]) => names.filter((name) => name !== node);
  const isOther = ({ from, to }: Direction): boolean => from !== node && to !== node;
  const { retired = [], respPorts = [], metricsPorts = [] } = record;
  const options = { ...record.options };
  for (const name of nodeOptions) {
    const names = options[name];
    if (Array.isArray(names)) options[name] = others(names);
  }
  return {
    ...ended(record),
    nodes: others(record.nodes),
    options,
    delays: record.delays.filter(isOther),
    unlinked: (record.unlinked ?? []).filter(isOther),
    respPorts: respPorts.filter((each) => each.node !== node),
    metricsPorts: metricsPorts.filter((each) => each.node !== node),
    retired: how === 'retire' ? [...others(retired), node] : retired,
  };
}

function checkMode({ mode }: ClusterRecord): void {
  const problem = featureProblem(profileOf(mode), 'changes of membership');
  if (problem !== null) throw usageError(problem);
}

function checkNewName(record: ClusterRecord, node: NodeId, hasData: boolean): void {
  if (!namePattern.test(node)) {
    const hint = 'Use up to 32 letters, digits, - and _, beginning with a letter or digit.';
    throw usageError(`${JSON.stringify(node)} can't be a node's name`, hint);
  }
  if (record.nodes.length >= nodesMax) throw usageError(`a cluster has at most ${nodesMax} nodes`);
  const wasThere = (record.retired ?? []).includes(node);
  if (wasThere && !hasData) {
    const hint = 'Without a name, `kvx node add` takes one that is free.';
    throw usageError(`${node} was removed with its data, and its name is not given twice`, hint);
  }
}

/** What was left halfway. Throws when somebody is still at it. */
function pendingChange({ change }: ClusterRecord): NodeChange | null {
  if (change === undefined) return null;
  if (change.by.pid === process.pid || conditionOf(change.by) === 'gone') return change;
  throw definiteError(
    'cluster',
    `another kvx command (pid ${change.by.pid}) is at work: ${change.type} ${change.node}`,
    'Wait for it to end, or stop it.',
  );
}

function changeOf(type: NodeChange['type'], node: NodeId): NodeChange {
  const by = identify(process.pid);
  invariant(by !== null, 'this process lives');
  return { type, node, by };
}
