/** Operations that cut links and heal them: each changes the rules in force, then shows what every link does. */

import type { NodeId } from '../core/ids.js';
import type { ActiveFault, LinksChange } from '../faults/active.js';
import type { Direction, LinkRules } from '../faults/link-rules.js';
import { breakLink, connectLink, isolate, parseGroups, partition } from '../faults/partition.js';
import { cutsBeside, missingNow } from '../faults/topology.js';
import { cutClients, faultsOf, linkMatrix } from '../render/links.js';
import { type Block, line, type Page, remark, table } from '../render/page.js';
import type { TargetSpec } from '../targets/target.js';
import type { OperationContext } from './context.js';
import { type FailRate, failRatesOf } from './fail-rate.js';
import { argument, wideFlag } from './flags.js';
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
  run: async ({ context }) => linksOf(context, failRatesOf(context)),
  json: linksDocument,
  page: linksPage,
});
