import { type Endpoint, withConnection } from '../client/endpoint.js';
import { type ClusterControl, control, currentRules, type NodeState } from '../cluster/cluster.js';
import { endpointsOf } from '../cluster/endpoints.js';
import type { Cluster } from '../cluster/state/state.js';
import { KvxError } from '../core/errors.js';
import type { LinkRules } from '../faults/link-rules.js';
import { faultsOf } from '../render/links.js';
import type { NodeStatus } from '../runtime/links/client-frames.js';
import { failRateFact, failRateOf } from './fail-rates.js';

/** A node that runs says this much sooner than that, unless it is paused or overwhelmed. */
const statusTimeoutMs = 2_000;

export interface NodeReport extends NodeState {
  /** What the node says of itself; `null` when it does not answer. */
  readonly status: NodeStatus | null;
  /** What is done to its links, and how often it fails to answer, in words. */
  readonly faults: readonly string[];
}

/** What the launcher and each running node say, node by node. */
export async function gatherStatus(cluster: Cluster): Promise<NodeReport[]> {
  const states = await (control(cluster) satisfies ClusterControl).states();
  return askNodes(states, currentRules(cluster), endpointsOf(cluster), cluster.record.unlinked);
}

/** As {@link gatherStatus}, of any cluster. */
export async function askNodes(
  states: readonly NodeState[],
  rules: LinkRules,
  endpoints: readonly Endpoint[],
  unlinked: LinkRules['cuts'] = [],
): Promise<NodeReport[]> {
  return Promise.all(
    states.map(async (state) => {
      const endpoint = endpoints.find(({ node }) => node === state.node);
      const status = state.state === 'running' && endpoint ? await askStatus(endpoint) : null;
      const failRate = status === null ? 0 : failRateOf(status);
      const ownFaults = failRate === 0 ? [] : [`${failRateFact} ${failRate}`];
      const faults = [...faultsOf(state.node, rules, unlinked), ...ownFaults];
      return { ...state, status, faults };
    }),
  );
}

async function askStatus(endpoint: Endpoint): Promise<NodeStatus | null> {
  try {
    return await withConnection(
      endpoint,
      (connection) => connection.status(statusTimeoutMs),
      statusTimeoutMs,
    );
  } catch (error) {
    if (error instanceof KvxError) return null;
    throw error;
  }
}
