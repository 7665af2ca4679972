/** How often nodes fail to answer on purpose, in the modes that can be told to. */
import { askStatus } from '../client/ask.js';
import { type Endpoint, requestOnce, withConnection } from '../client/endpoint.js';
import { KvxError, usageError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { modeHas, profileOf } from '../protocols/catalog.js';
import { featureProblem } from '../protocols/refusals.js';
import { line } from '../render/page.js';
import type { NodeStatus } from '../runtime/links/client-frames.js';
import type { Target } from '../targets/target.js';
import type { OperationContext } from './context.js';
import { nodeArgument } from './flags.js';
import { operation } from './operation.js';
import { toRate } from './values.js';

const tuneTimeoutMs = 2_000;
/** The fact of a node's status. */
export const failRateFact = 'fail rate';

export interface FailRate {
  readonly node: NodeId;
  readonly failRate: number;
}

export function failRateOf({ facts }: NodeStatus): number {
  const value = facts.find(([name]) => name === failRateFact)?.[1];
  return typeof value === 'number' ? value : 0;
}

/** Of the nodes that fail now, and say so in time. Asks nobody where none can. */
export async function failRatesOf({ target, spec }: OperationContext): Promise<FailRate[]> {
  if (!modeHas(spec.mode, 'fail-rate')) return [];
  const up = await running(target);
  const rates = await Promise.all(
    endpointsTo(target, up).map(async (endpoint) => {
      const status = await askStatus(endpoint, tuneTimeoutMs);
      // Whoever does not answer at all is for `cluster status` to show.
      return { node: endpoint.node, failRate: status === null ? 0 : failRateOf(status) };
    }),
  );
  return rates.filter(({ failRate }) => failRate > 0);
}

const endpointsTo = (target: Target, nodes: readonly NodeId[]): Endpoint[] =>
  target.endpoints().filter(({ node }) => nodes.includes(node));

async function running({ control }: Target): Promise<NodeId[]> {
  const states = await control.states();
  return states.filter(({ state }) => state === 'running').map(({ node }) => node);
}

async function tune(target: Target, node: NodeId, value: number): Promise<void> {
  const operation = { type: 'tune', setting: 'fail-rate', value } as const;
  for (const endpoint of endpointsTo(target, [node])) {
    const result = await withConnection(
      endpoint,
      (connection) =>
        requestOnce(connection, target.timing, operation, { timeoutMs: tuneTimeoutMs }),
      tuneTimeoutMs,
    );
    if (result.type !== 'error') continue;
    throw new KvxError(`${node}: ${result.message}`, result);
  }
}

interface FailRates {
  readonly cluster: string;
  readonly failRates: readonly FailRate[];
}

export const faultFailRate = operation<FailRates>({
  name: 'fault fail-rate',
  summary: 'Let nodes fail to answer a Prepare or an Accept with this probability (mode paxos).',
  description:
    'One node, or all that run; until they restart, which takes them back to the rate of `cluster up`. Prints each node with its rate.',
  examples: ['fault fail-rate 0.3', 'fault fail-rate n2 90%', 'fault fail-rate 0'],
  arguments: [
    nodeArgument('which node; absent: all', true),
    { name: 'RATE', kind: 'rate', description: 'from 0 to below 1, such as 0.3 or 30%' },
  ],
  flags: [],
  capabilities: ['make nodes fail to answer'],
  run: async ({ context: { target, spec }, given }) => {
    const { name: cluster, mode } = spec;
    const problem = featureProblem(profileOf(mode), 'fail-rate');
    if (problem !== null) throw usageError(problem);
    const failRate = toRate(given.text('RATE') ?? '');
    const named = given.text('NODE');
    const wanted = named === undefined ? await running(target) : [named];
    for (const node of wanted) await tune(target, node, failRate);
    return { cluster, failRates: wanted.map((node) => ({ node, failRate })) };
  },
  page: ({ failRates }) => failRates.map(({ node, failRate }) => line(`${node} ${failRate}`)),
});
