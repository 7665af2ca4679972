/**
 * A node that can't start with its data begins anew: as a new member that copies first, under its old name.
 *
 * | | |
 * |---|---|
 * | 1 | it is tried whether the node starts with what it has: data that are sound are never put aside |
 * | 2 | the record says that the change has begun |
 * | 3 | the protocol takes its earlier self out, in modes that count votes |
 * | 4 | what is left of its data is put aside, and the order to begin anew lies beside its mark |
 * | 5 | the node starts: empty, and told so |
 * | 6 | the protocol takes it in again; or it says that it has copied |
 * | 7 | the record says that the change is over |
 *
 * Each step may be done twice, so a command that died halfway is repeated.
 */
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Endpoint, withConnection } from '../client/endpoint.js';
import { definiteError, KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { profileOf } from '../protocols/catalog.js';
import { checkNode, checkUp } from './checks.js';
import { endpointsOf } from './endpoints.js';
import { bindingOf } from './host/admission.js';
import { StartError } from './launch/runner.js';
import { runnerOf } from './launch/runners.js';
import { type ChangeOptions, finish, reconfigure, save } from './membership.js';
import { beginRejoining } from './node-changes.js';
import { failure, ofRepeated } from './pending-change.js';
import { changing } from './state/lock.js';
import { giveOrder, orderFor, type Removal } from './state/marks.js';
import { type Cluster, dataFolder, openCluster } from './state/state.js';

export interface RejoinReport {
  readonly node: NodeId;
  /** `kept`: it started, or ran, with the data that it has. */
  readonly outcome: 'kept' | 'rejoined';
  /** Where what was left of its data is now; `null` when nothing was left, or nothing was put aside. */
  readonly aside: string | null;
  readonly tookMs: Millis;
}

const pollMs: Millis = 50;
const statusMsMax: Millis = 2000;

/** Throws a `cluster` or `bad-request` KvxError; not definite when the call has to be repeated to see it through. */
export async function rejoinNode(
  cluster: Cluster,
  node: NodeId,
  options: ChangeOptions,
): Promise<RejoinReport> {
  const startedAt = performance.now();
  const report = (outcome: RejoinReport['outcome'], aside: string | null): RejoinReport => {
    return { node, outcome, aside, tookMs: Math.round(performance.now() - startedAt) };
  };
  const step = await changing(cluster.folder, () => begin(cluster, node));
  const present = openCluster(cluster.folder);
  const votes = countsVotes(present);
  if (step === 'kept') {
    await untilCopied(present, node, options);
    return report('kept', null);
  }
  let aside: string | null = null;
  if (!(await hasBegunAnew(present, node))) {
    const removal = votes ? await takeOut(present, node, options, step) : null;
    aside = await changing(cluster.folder, () => beginAnew(present, node, removal));
  }
  if (votes) await takeIn(present, node, options);
  else await untilCopied(present, node, options);
  await changing(cluster.folder, async () => finish(cluster));
  return report('rejoined', aside);
}

/** In these modes nobody may vote under a name whose votes are forgotten; in the others a node makes up for it itself. */
function countsVotes({ record }: Cluster): boolean {
  const mode = profileOf(record.mode);
  return mode.membership !== null && !mode.copiesByItself;
}

/** `kept`: it runs with the data that it has. */
type Step = 'kept' | 'begun' | 'repeated';

async function begin(cluster: Cluster, node: NodeId): Promise<Step> {
  checkNode(cluster, node);
  checkUp(cluster);
  const { record } = openCluster(cluster.folder);
  const change = beginRejoining(record, node);
  if (record.change === undefined && (await startsAsItIs(cluster, node))) return 'kept';
  const binding = bindingOf(cluster, node);
  if (binding !== null) {
    const hint = `Put ${dataFolder(cluster.folder, node)} back, or begin anew with \`kvx cluster up --fresh\`.`;
    throw definiteError('bad-request', `${node} can't rejoin: ${binding}`, hint);
  }
  save(cluster, change);
  return record.change === undefined ? 'begun' : 'repeated';
}

async function startsAsItIs(cluster: Cluster, node: NodeId): Promise<boolean> {
  try {
    await runnerOf(cluster).start(node);
    return true;
  } catch (error) {
    if (error instanceof StartError) return false;
    throw error;
  }
}

/** An earlier call came so far. */
async function hasBegunAnew(cluster: Cluster, node: NodeId): Promise<boolean> {
  const states = await runnerOf(cluster).states();
  if (states.some((state) => state.node === node && state.state === 'running')) return true;
  if (orderFor(cluster.folder, node) === null) return false;
  await changing(cluster.folder, () => runnerOf(cluster).start(node));
  return true;
}

async function takeOut(
  cluster: Cluster,
  node: NodeId,
  options: ChangeOptions,
  step: Step,
): Promise<Removal> {
  const asked = await reconfigure(cluster, 'remove', node, options);
  const result = step === 'repeated' ? ofRepeated(asked) : asked;
  if (result.type === 'done') {
    return { stamp: result.version?.stamp ?? 0, existed: result.existed === true };
  }
  if (result.type === 'error' && result.definite)
    await changing(cluster.folder, async () => finish(cluster));
  throw failure(result, `${node} did not rejoin`, 'rejoin', node);
}

async function beginAnew(cluster: Cluster, node: NodeId, removal: Removal): Promise<string | null> {
  const { folder } = cluster;
  await runnerOf(cluster).kill(node);
  const aside = putAside(folder, node);
  giveOrder(folder, node, { type: 'rejoin', removal });
  await runnerOf(cluster).start(node);
  return aside;
}

/** Nothing is deleted: it may be another node's, or all that is left of something. */
function putAside(folder: string, node: NodeId): string | null {
  const data = dataFolder(folder, node);
  if (!existsSync(data) || readdirSync(data).length === 0) return null;
  const asideFolder = join(folder, 'aside');
  mkdirSync(asideFolder, { recursive: true, mode: 0o700 });
  for (let number = 1; ; number++) {
    const place = join(asideFolder, `${node}-${number}`);
    if (existsSync(place)) continue;
    renameSync(data, place);
    return place;
  }
}

async function takeIn(cluster: Cluster, node: NodeId, options: ChangeOptions): Promise<void> {
  const result = await reconfigure(cluster, 'add', node, options);
  if (result.type === 'error') {
    // It is out, and started: only the last step is missing, whatever became of it.
    throw failure({ ...result, definite: false }, `${node} did not rejoin`, 'rejoin', node);
  }
}

async function untilCopied(
  cluster: Cluster,
  node: NodeId,
  { timeoutMs, signal }: ChangeOptions,
): Promise<void> {
  const [endpoint] = endpointsOf(cluster, [node]) as [Endpoint];
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { role, facts } = await withConnection(
      endpoint,
      (connection) => connection.status(statusMsMax),
      statusMsMax,
    );
    if (role !== 'copying') return;
    if (performance.now() > deadline || signal.aborted) {
      const waits = facts.find(([name]) => name === 'copies from')?.[1];
      const from = waits === undefined ? 'the others' : waits;
      throw new KvxError(`${node} still copies from ${from}`, {
        code: 'timeout',
        definite: false,
        hint: `It goes on by itself, when those it waits for are up; \`kvx cluster status\` shows it.`,
      });
    }
    await delay(pollMs);
  }
}
