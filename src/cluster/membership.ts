/**
 * Nodes that come and go while their cluster runs.
 *
 * | | adding | removing |
 * |---|---|---|
 * | 1 | the record lists the node, and the change as begun | the record says that the change has begun |
 * | 2 | the node starts; whoever it says hello to finds it in the record | |
 * | 3 | the protocol makes it a member | the protocol makes it none |
 * | 4 | | the node is killed; the record lists it no more; its files go |
 * | 5 | the record says that the change is over | the same step |
 *
 * Each step may be done twice, so a command that died halfway is repeated, or undone by the opposite one. Only step 3 can
 * take long; no lock is held meanwhile, so that a node can be restarted without which there is no majority.
 *
 * Of a repeated command nothing is definite but success: the protocol may still do what it was asked the first time. So a
 * node is taken away again only by the very command that started it.
 */

import { existsSync, renameSync, rmSync } from 'node:fs';
import { Client } from '../client/client.js';
import { handOver } from '../client/stabilize.js';
import { definiteError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import { withoutNode } from '../faults/active.js';
import { realTiming } from '../node/timing.js';
import { profileOf } from '../protocols/catalog.js';
import { checkUp } from './checks.js';
import { endpointsOf } from './endpoints.js';
import { runnerOf } from './launch/runners.js';
import { beginAdding, beginRemoving, ended, type Parting, without } from './node-changes.js';
import { withPorts } from './node-ports.js';
import { failure, ofRepeated } from './pending-change.js';
import { changing } from './state/lock.js';
import { forgetMark, giveOrder } from './state/marks.js';
import { pidfileOf } from './state/pidfile.js';
import type { ClusterRecord, NodeChange } from './state/record.js';
import { readFaults, storeFaults } from './state/run-file.js';
import { hasSession } from './state/sessions.js';
import { makeSocketFolder, nodeSocket, respSocket } from './state/sockets.js';
import { type Cluster, dataFolder, logFile, openCluster, writeRecord } from './state/state.js';

export interface ChangeOptions {
  /** For what the protocol has to do. */
  readonly timeoutMs: Millis;
  readonly signal: AbortSignal;
}

export interface ChangeReport {
  readonly node: NodeId;
  /** The cluster's, after the change. */
  readonly nodes: readonly NodeId[];
  readonly tookMs: Millis;
}

/**
 * Starts one more node and makes it a member; `null`: the next name. Does nothing when it is one. When it surely can't
 * become a member it is taken away again; when that is not known it stays, and the call may be repeated. Throws
 * `bad-request` when the mode's nodes are the same for ever.
 */
export async function addNode(
  cluster: Cluster,
  wanted: NodeId | null,
  options: ChangeOptions,
): Promise<ChangeReport> {
  const startedAt = performance.now();
  const { node, step } = await changing(cluster.folder, () => startAdding(cluster, wanted));
  if (step !== 'done') {
    const asked = await reconfigure(cluster, 'add', node, options);
    const result = step === 'repeated' ? ofRepeated(asked) : asked;
    const failed = result.type === 'error';
    const isOut = failed && result.definite;
    if (isOut) await changing(cluster.folder, () => takeAway(cluster, node, 'as if never there'));
    if (failed) throw failure(result, `${node} was not added`, 'add', node);
    await changing(cluster.folder, async () => finish(cluster));
  }
  const { nodes } = openCluster(cluster.folder).record;
  return { node, nodes, tookMs: Math.round(performance.now() - startedAt) };
}

/**
 * Makes a node no member any more, then kills it and, unless `keep`, removes its data and its log. Throws `bad-request`
 * when the mode, or the protocol, can't do without it; and `cluster` when it can't hand over what it alone may hold,
 * unless its data is kept or `force` gives it up.
 */
export async function removeNode(
  cluster: Cluster,
  node: NodeId,
  options: ChangeOptions & { readonly keep: boolean; readonly force?: boolean },
): Promise<ChangeReport> {
  const startedAt = performance.now();
  const { keep, force = false, timeoutMs } = options;
  const { mode, nodes: members } = openCluster(cluster.folder).record;
  const handsOver = profileOf(mode).membership?.handsOver === true && members.includes(node);
  if (handsOver && members.length > 1 && !keep && !force) {
    checkUp(cluster);
    for (const endpoint of endpointsOf(cluster, [node]))
      await handOver(endpoint, timeoutMs, realTiming);
  }
  const before = await changing(cluster.folder, async () => {
    checkUp(cluster);
    const { record } = openCluster(cluster.folder);
    save(cluster, beginRemoving(record, node));
    return record;
  });
  const asked = await reconfigure(cluster, 'remove', node, options);
  const result = before.change?.type === 'remove' ? ofRepeated(asked) : asked;
  if (result.type === 'error') {
    if (result.definite) await changing(cluster.folder, async () => finish(cluster, before.change));
    throw failure(result, `${node} was not removed`, 'remove', node);
  }
  await changing(cluster.folder, () => takeAway(cluster, node, keep ? 'keep files' : 'retire'));
  const { nodes } = openCluster(cluster.folder).record;
  return { node, nodes, tookMs: Math.round(performance.now() - startedAt) };
}

async function startAdding(
  cluster: Cluster,
  wanted: NodeId | null,
): Promise<{ readonly node: NodeId; readonly step: 'begun' | 'repeated' | 'done' }> {
  checkUp(cluster);
  const present = openCluster(cluster.folder);
  const { record, node } = beginAdding(present, wanted);
  if (record === null) return { node, step: 'done' };
  const isRepeated = present.record.change !== undefined;
  if (hasSession(cluster, node)) {
    const message = `${JSON.stringify(node)} can't be a node's name: a session is called so`;
    const hint = 'Give it another: `kvx node add NAME`.';
    throw definiteError('bad-request', message, hint);
  }
  makeSocketFolder(cluster.sockets, record.nodes);
  const grown = save(cluster, await withPorts(record, node));
  if (!existsSync(dataFolder(cluster.folder, node))) {
    giveOrder(cluster.folder, node, { type: 'new' });
  }
  try {
    await runnerOf(grown).start(node);
  } catch (error) {
    if (!isRepeated) await takeAway(cluster, node, 'as if never there');
    throw error;
  }
  return { node, step: isRepeated ? 'repeated' : 'begun' };
}

/** Asks until it is done or time is up: a change asked for twice is one change. */
export async function reconfigure(
  cluster: Cluster,
  change: 'add' | 'remove',
  node: NodeId,
  { timeoutMs, signal }: ChangeOptions,
): Promise<ClientResult> {
  const { nodes, mode } = openCluster(cluster.folder).record;
  const others = nodes.filter((other) => other !== node);
  const mayAlone = change === 'add' && profileOf(mode).membership?.joinsAlone === true;
  const asked = mayAlone ? [...others, node] : others;
  const endpoints = endpointsOf(cluster, asked.length === 0 ? nodes : asked);
  const client = new Client(endpoints, {
    ...{ timing: realTiming, timeoutMs },
    exactlyOnce: true,
  });
  const close = (): void => client.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    const { result } = await client.execute({ type: 'reconfigure', change, node });
    return result;
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

/** The record first: a node without its data must be listed nowhere, or it would be started as if it had some. */
async function takeAway(cluster: Cluster, node: NodeId, how: Parting): Promise<void> {
  const current = openCluster(cluster.folder);
  if (!current.record.nodes.includes(node)) return;
  await runnerOf(current).kill(node);
  const { mode } = current.record;
  const listed = profileOf(mode).options.filter(({ kind }) => kind === 'nodes');
  const names = listed.map(({ name }) => name);
  const shrunk = save(current, without(current.record, node, { how, nodeOptions: names }));
  const { nextId, faults } = readFaults(current.folder);
  storeFaults(current, { nextId, faults: withoutNode(faults, node) });
  forgetFiles(shrunk, node, how === 'keep files');
}

/** Over, or back to what had been left halfway before. */
export function finish(cluster: Cluster, before?: NodeChange): void {
  const record = ended(openCluster(cluster.folder).record);
  save(cluster, before === undefined ? record : { ...record, change: before });
}

export function save(cluster: Cluster, record: ClusterRecord): Cluster {
  writeRecord(cluster.folder, record);
  return { ...cluster, record };
}

/** Removes what is left of a node that was killed and is listed no more; with `keep`, not its data and its log. */
export function forgetFiles({ folder, sockets }: Cluster, node: NodeId, keep: boolean): void {
  rmSync(nodeSocket(sockets, node), { force: true });
  rmSync(respSocket(sockets, node), { force: true });
  rmSync(pidfileOf(folder, node), { force: true });
  if (keep) return;
  forgetMark(folder, node);
  const data = dataFolder(folder, node);
  // In one go: half a journal must never be taken for a whole one. A node's name begins with no dot.
  const doomed = dataFolder(folder, `.${node}`);
  rmSync(doomed, { recursive: true, force: true });
  if (existsSync(data)) renameSync(data, doomed);
  rmSync(doomed, { recursive: true, force: true });
  rmSync(logFile(folder, node), { force: true });
}
