/** How often nodes fail to answer on purpose, in the modes that can be told to. */

import { type Endpoint, requestOnce, withConnection } from '../client/endpoint.js';
import { type ClusterControl, control } from '../cluster/cluster.js';
import { endpointsOf } from '../cluster/endpoints.js';
import type { Cluster } from '../cluster/state/state.js';
import { parseRate } from '../config/rate.js';
import type { ClusterSpec } from '../config/spec.js';
import { KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { show } from '../core/show.js';
import { realTiming } from '../node/timing.js';
import { modeNamed, modes } from '../protocols/registry.js';
import type { NodeStatus } from '../runtime/links/client-frames.js';
import { toNode, usageError } from './values.js';

const tuneTimeoutMs = 2_000;
/** The mode option that a node starts with. */
const optionName = 'failRate';
/** The fact of a node's status. */
export const failRateFact = 'fail rate';

export interface FailRate {
  readonly node: NodeId;
  readonly failRate: number;
}

/** What of a cluster is needed here. */
interface Tunable {
  readonly spec: Pick<ClusterSpec, 'mode' | 'nodes'>;
  readonly control: Pick<ClusterControl, 'states'>;
  endpoints(): readonly Endpoint[];
}

export function toRate(text: string): number {
  const rate = parseRate(text);
  if (rate !== null && rate < 1) return rate;
  throw usageError(
    `RATE must be a number from 0 to below 1, such as 0.3 or 30%, not ${show(text)}`,
  );
}

export function failRateOf({ facts }: NodeStatus): number {
  const value = facts.find(([name]) => name === failRateFact)?.[1];
  return typeof value === 'number' ? value : 0;
}

/** Whether nodes of this mode can be told to fail. */
const canFail = (mode: string): boolean =>
  modeNamed(mode).options.some(({ name }) => name === optionName);

/**
 * Tells one node, or all that run, how often to fail, until they restart. Throws `bad-request` when the mode has no such
 * thing, and else what the first node that can't be told says.
 */
export function setFailRate(
  cluster: Cluster,
  name: string | undefined,
  rate: number,
): Promise<FailRate[]> {
  return tuneNodes(tunableOf(cluster), name, rate);
}

/** As {@link setFailRate}, of any cluster. */
export async function tuneNodes(
  cluster: Tunable,
  name: string | undefined,
  rate: number,
): Promise<FailRate[]> {
  const { mode, nodes } = cluster.spec;
  if (!canFail(mode)) {
    const able = modes.filter((other) => canFail(other.name)).map((other) => other.name);
    const hint = able.length === 0 ? undefined : `Modes that have one: ${able.join(', ')}.`;
    throw usageError(`mode ${mode} has no fail-rate`, hint);
  }
  const wanted = name === undefined ? await running(cluster) : [toNode(name, nodes)];
  for (const node of wanted) await tune(cluster, node, rate);
  return wanted.map((node) => ({ node, failRate: rate }));
}

/** Of the nodes that fail now, and say so in time. Asks nobody where none can. */
export function failRatesOf(cluster: Cluster): Promise<FailRate[]> {
  return ratesOf(tunableOf(cluster));
}

/** As {@link failRatesOf}, of any cluster. */
export async function ratesOf(cluster: Tunable): Promise<FailRate[]> {
  if (!canFail(cluster.spec.mode)) return [];
  const up = await running(cluster);
  const rates = await Promise.all(
    endpointsTo(cluster, up).map(async (endpoint) => {
      const asking = withConnection(
        endpoint,
        (connection) => connection.status(tuneTimeoutMs),
        tuneTimeoutMs,
      );
      // Whoever does not answer at all is for `cluster status` to show.
      const failRate = await asking.then(failRateOf, () => 0);
      return { node: endpoint.node, failRate };
    }),
  );
  return rates.filter(({ failRate }) => failRate > 0);
}

const tunableOf = (cluster: Cluster): Tunable => ({
  spec: cluster.record,
  control: control(cluster),
  endpoints: () => endpointsOf(cluster),
});

const endpointsTo = (cluster: Tunable, nodes: readonly NodeId[]): Endpoint[] =>
  cluster.endpoints().filter(({ node }) => nodes.includes(node));

async function running(cluster: Tunable): Promise<NodeId[]> {
  const states = await cluster.control.states();
  return states.filter(({ state }) => state === 'running').map(({ node }) => node);
}

async function tune(cluster: Tunable, node: NodeId, value: number): Promise<void> {
  const operation = { type: 'tune', setting: 'fail-rate', value } as const;
  for (const endpoint of endpointsTo(cluster, [node])) {
    const result = await withConnection(
      endpoint,
      (connection) => requestOnce(connection, realTiming, operation, { timeoutMs: tuneTimeoutMs }),
      tuneTimeoutMs,
    );
    if (result.type !== 'error') continue;
    throw new KvxError(`${node}: ${result.message}`, result);
  }
}
