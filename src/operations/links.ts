/** Operations that cut links and heal them: each changes the rules in force, then shows what every link does. */

import { askStatus } from '../client/ask.js';
import { type Endpoint, requestOnce, withConnection } from '../client/endpoint.js';
import { KvxError, usageError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import type { ActiveFault, LinksChange } from '../faults/active.js';
import type { Direction, LinkRules } from '../faults/link-rules.js';
import { breakLink, connectLink, isolate, parseGroups, partition } from '../faults/partition.js';
import { cutsBeside, missingNow } from '../faults/topology.js';
import { modeHas, profileOf } from '../protocols/catalog.js';
import { featureProblem } from '../protocols/refusals.js';
import { cutClients, faultsOf, linkMatrix } from '../render/links.js';
import { type Block, line, type Page, remark, table } from '../render/page.js';
import type { NodeStatus } from '../runtime/links/client-frames.js';
import type { Target, TargetSpec } from '../targets/target.js';
import type { OperationContext } from './context.js';
import { argument, wideFlag } from './flags.js';
import { toRate } from './given.js';
import { type Described, type OperationEntry, operation, type ShowOptions } from './operation.js';
import { undoFaults } from './undo-faults.js';

interface Links {
  readonly spec: TargetSpec;
  readonly rules: LinkRules;
  /** `null`: not asked for. */
  readonly failRates: readonly FailRate[] | null;
}

/** What a change of the links has to know. */
interface Linked {
  readonly nodes: readonly NodeId[];
  readonly unlinked: readonly Direction[];
  readonly isClient: (name: string) => boolean;
}

type Change = (
  faults: readonly ActiveFault[],
  args: readonly string[],
  linked: Linked,
) => LinksChange;

function changing(words: Described, change: Change): OperationEntry {
  return operation<Links>({
    ...words,
    capabilities: ['cut links'],
    run: async ({ context, given }) => {
      const { nodes, unlinked = [] } = context.spec;
      const said = (words.arguments ?? []).flatMap(({ name }) => given.texts(name));
      const isClient = (name: string): boolean => context.isClient(name);
      await context.changeFaults([words.name, ...said].join(' '), (faults) =>
        change(faults, said, { nodes, unlinked, isClient }),
      );
      return linksOf(context);
    },
    json: linksDocument,
    page: linksPage,
  });
}

const linksOf = (context: OperationContext, failRates: Links['failRates'] = null): Links => ({
  ...{ spec: context.spec, rules: context.target.rules(), failRates },
});

function linksDocument({ spec, rules, failRates }: Links): unknown {
  const { name, nodes, unlinked = [] } = spec;
  const { cuts: _, ...others } = rules;
  return {
    ...{ cluster: name, nodes, cuts: cutsBeside(unlinked, rules) },
    ...{ missing: missingNow(unlinked, rules), ...others },
    ...(failRates === null ? {} : { failRates }),
  };
}

/** A matrix, row from, column to; then clients that are cut off, and nodes that fail. */
function linksPage({ spec, rules, failRates }: Links, { width, given }: ShowOptions): Page {
  const { nodes, unlinked = [] } = spec;
  const { columns, rows } = linkMatrix(nodes, rules, unlinked);
  const fits = given.has('wide') || widthOf([columns.map(({ title }) => title), ...rows]) <= width;
  return [
    ...(fits ? [table(columns, rows, 'any')] : faultBlocks(nodes, rules, unlinked)),
    ...cutClients(nodes, rules).map(({ client, cutFrom }) => {
      return line(`${client} cut from ${cutFrom.join(' ')}`);
    }),
    ...(failRates ?? []).map(({ node, failRate }) => line(`${node} fail rate ${failRate}`)),
  ];
}

/** Of a table: its columns stand two blanks apart. */
function widthOf(rows: readonly (readonly string[])[]): number {
  const [first = []] = rows;
  const widths = first.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return widths.reduce((sum, each) => sum + each + 2, -2);
}

/** Of a matrix that the terminal is too narrow for, what is not as usual. */
function faultBlocks(
  nodes: readonly NodeId[],
  rules: LinkRules,
  unlinked: readonly Direction[],
): Block[] {
  const rows = nodes
    .map((node) => [node, faultsOf(node, rules, unlinked).join('; ')])
    .filter(([, faults]) => faults !== '');
  const others = rows.length === 0 ? 'All links are ok.' : 'All other links are ok.';
  return [
    table(['NODE', 'FAULTS'], rows, 'any'),
    remark(`${others} \`kvx fault list --wide\` shows the matrix.`),
  ];
}

const oneEnd = argument('A', 'end', 'one end');
const otherEnd = argument('B', 'end', 'the other end');

export const faultPartition = changing(
  {
    name: 'fault partition',
    summary: 'Cut groups of nodes from each other; replaces the cuts between nodes.',
    description:
      'Nodes that no group names are one more group, so one named group is cut from the rest. Prints the link matrix: row from, column to.',
    examples: ['fault partition n1,n2/n3,n4', 'fault partition n1'],
    arguments: [argument('GROUPS', 'groups', 'such as n1,n2/n3,n4')],
  },
  (faults, [groups = ''], { nodes }) => partition(faults, parseGroups(groups, nodes)),
);

export const faultIsolate = changing(
  {
    name: 'fault isolate',
    summary: 'Cut one node from all others, on top of the cuts there are.',
    examples: ['fault isolate n4', 'fault isolate n4 --json'],
    arguments: [argument('NODE', 'node', 'which node')],
  },
  (faults, [node = ''], { nodes }) => isolate(faults, node, nodes),
);

export const faultBreak = changing(
  {
    name: 'fault break',
    summary: 'Cut the link between two nodes, or a session and a node, both ways.',
    description:
      'A session that is cut from a node never talks to it: `kvx get KEY --session NAME` asks the others.',
    examples: ['fault break n1 n2', 'fault break ann n1', 'fault break n1 n2 --json'],
    arguments: [oneEnd, otherEnd],
  },
  (faults, [a = '', b = ''], { nodes, isClient }) => breakLink(faults, [a, b], nodes, isClient),
);

export const faultConnect = changing(
  {
    name: 'fault connect',
    summary: 'Take the cut between two nodes, or a session and a node, away.',
    description: 'Where the topology has no link, makes one, until `fault heal`.',
    examples: ['fault connect n1 n2', 'fault connect ann n1', 'fault connect n1 n2 --json'],
    arguments: [oneEnd, otherEnd],
  },
  (faults, [a = '', b = ''], linked) => connectLink(faults, [a, b], linked),
);

export const faultHeal = operation<Links>({
  name: 'fault heal',
  summary: 'Take all faults away; the topology is again as configured.',
  description:
    'Delays that the cluster was started with stay. Nodes that a nemesis stopped run again, and those that it added go.',
  examples: ['fault heal', '$kvx fault heal && $kvx verify'],
  capabilities: ['cut links'],
  run: async ({ context }) => {
    await undoFaults(context.target, () => true, context.signal);
    return linksOf(context);
  },
  json: linksDocument,
  page: linksPage,
});

export const faultList = operation<Links>({
  name: 'fault list',
  summary:
    'Print what each link does: ok, its mean delay, what it loses, doubles or reorders, cut, or none.',
  description:
    'Row: from, column: to. None: the topology has no link there. Below: sessions that are cut from nodes. In mode paxos, also which nodes fail to answer, and how often.',
  examples: ['fault list', 'fault list --json'],
  flags: [wideFlag('the whole matrix, however many nodes there are')],
  changes: false,
  run: async ({ context }) => linksOf(context, await failRatesOf(context)),
  json: linksDocument,
  page: linksPage,
});

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
    argument('NODE', 'node', 'which node; absent: all', { optional: true }),
    argument('RATE', 'rate', 'from 0 to below 1, such as 0.3 or 30%'),
  ],
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
