/** Operations that cut links and heal them: each changes the rules in force, then shows what every link does. */

import type { NodeId } from '../core/ids.js';
import type { ActiveFault, LinksChange } from '../faults/active.js';
import type { Direction } from '../faults/link-rules.js';
import { breakLink, connectLink, isolate, parseGroups, partition } from '../faults/partition.js';
import { type Links, linksDocument, linksOf, linksPage } from './fault-list.js';
import { argument } from './flags.js';
import { type Described, type OperationEntry, operation } from './operation.js';
import { undoFaults } from './undo-faults.js';

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
