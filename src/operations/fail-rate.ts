/** How often acceptors fail to answer: by the options of their cluster, or by a fault. */

import { usageError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { nodeFaultsOf, withoutParts } from '../faults/active.js';
import { modeHas, profileOf } from '../protocols/catalog.js';
import { featureProblem } from '../protocols/refusals.js';
import { line } from '../render/page.js';
import type { OperationContext } from './context.js';
import { argument } from './flags.js';
import { toRate } from './given.js';
import { operation } from './operation.js';

export interface FailRate {
  readonly node: NodeId;
  readonly failRate: number;
}

/** Of the nodes that fail now. */
export function failRatesOf({ target, spec }: OperationContext): readonly FailRate[] {
  if (!modeHas(spec.mode, 'fail-rate')) return [];
  const usual = usualRate(spec);
  const faults = target.faults();
  return spec.nodes
    .map((node) => ({ node, failRate: nodeFaultsOf(node, faults).failRate ?? usual }))
    .filter(({ failRate }) => failRate > 0);
}

const usualRate = ({ options }: OperationContext['spec']): number =>
  (options as { readonly failRate?: number }).failRate ?? 0;

export const faultFailRate = operation({
  name: 'fault fail-rate',
  summary: 'Let nodes fail to answer a Prepare or an Accept with this probability (mode paxos).',
  description:
    'One node, or all there are. The rate of `cluster up` ends the fault, and so does `fault heal`. Prints each node with its rate.',
  examples: ['fault fail-rate 0.3', 'fault fail-rate n2 90%', 'fault fail-rate 0'],
  arguments: [
    argument('NODE', 'node', 'which node; absent: all', { optional: true }),
    argument('RATE', 'rate', 'from 0 to below 1, such as 0.3 or 30%'),
  ],
  capabilities: ['make nodes fail to answer'],
  run: async ({ context, given }) => {
    const { target, spec, faultAuthor: by } = context;
    const problem = featureProblem(profileOf(spec.mode), 'fail-rate');
    if (problem !== null) throw usageError(problem);
    const failRate = toRate(given.text('RATE') ?? '');
    const named = given.text('NODE');
    const wanted = named === undefined ? spec.nodes : [named];
    await target.changeFaults((faults, next) =>
      wanted.reduce((list, node) => {
        const others = withoutParts(list, node, (part) => part === 'failRate');
        if (failRate === usualRate(spec)) return others;
        const words = `fault fail-rate ${node} ${failRate}`;
        const effect = { type: 'node', node, faults: { failRate } } as const;
        return others.concat(next({ words, by, effect }));
      }, faults),
    );
    return { cluster: spec.name, failRates: wanted.map((node) => ({ node, failRate })) };
  },
  page: ({ failRates }) => failRates.map(({ node, failRate }) => line(`${node} ${failRate}`)),
});
