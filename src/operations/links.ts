/** Operations that cut links and heal them: each changes the rules in force, then shows what every link does. */

import { KvxError, usageError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import type { ActiveFault, LinksChange } from '../faults/active.js';
import type { Direction } from '../faults/link-rules.js';
import {
  breakLink,
  bridge,
  connectLink,
  isolate,
  majorityRing,
  parseGroups,
  partition,
} from '../faults/partition.js';
import { profileOf } from '../protocols/catalog.js';
import { featureProblem } from '../protocols/refusals.js';
import { line } from '../render/page.js';
import { type Links, linksDocument, linksNow, linksPage } from './fault-list.js';
import { argument, nodeArgument } from './flags.js';
import { commandWords } from './given.js';
import { leaderOf } from './leader.js';
import { type Described, type OperationCall, type OperationEntry, operation } from './operation.js';

interface Linked {
  readonly nodes: readonly NodeId[];
  readonly unlinked: readonly Direction[];
  readonly isClient: (name: string) => boolean;
}

/** What an operation does to links, and the same in words. */
export interface LinksStep {
  readonly change: (faults: readonly ActiveFault[]) => LinksChange;
  readonly told: string;
}

export interface ChangedLinks extends Links {
  readonly told: string;
}

/** An operation that changes what links do, says in a line what it did, and shows what every link does after it. */
export function changingLinks(
  words: Described,
  plan: (call: OperationCall, linked: Linked) => LinksStep | Promise<LinksStep>,
): OperationEntry {
  return operation<ChangedLinks>({
    ...words,
    capabilities: ['cut links'],
    run: async (call) => {
      const { context, given } = call;
      const { nodes, unlinked = [] } = context.spec;
      const isClient = (name: string): boolean => context.isClient(name);
      const { change, told } = await plan(call, { nodes, unlinked, isClient });
      await context.changeFaults(commandWords(words, given), change);
      return { ...linksNow(context), told };
    },
    json: (links) => ({ ...linksDocument(links), did: links.told }),
    page: (links, how) => [line(links.told), ...linksPage(links, how)],
  });
}

const oneEnd = argument('A', 'end', 'one end');
const otherEnd = argument('B', 'end', 'the other end');
const names = (nodes: readonly NodeId[]): string => nodes.join(' ');
const ends = ({ given }: OperationCall) => [given.text('A') ?? '', given.text('B') ?? ''] as const;

function cutOff(node: NodeId, nodes: readonly NodeId[], what = ''): LinksStep {
  const others = nodes.filter((other) => other !== node);
  return {
    change: (faults) => isolate(faults, node, nodes),
    told: `cut ${node}${what} from ${names(others)}`,
  };
}

export const faultPartition = changingLinks(
  {
    name: 'fault partition',
    summary: 'Cut groups of nodes from each other; replaces the cuts between nodes.',
    description:
      'Nodes that no group names are one more group, so one named group is cut from the rest. Prints the link matrix: row from, column to.',
    examples: ['fault partition n1,n2/n3,n4', 'fault partition n1'],
    arguments: [argument('GROUPS', 'groups', 'such as n1,n2/n3,n4')],
  },
  ({ given }, { nodes }) => {
    const groups = parseGroups(given.text('GROUPS') ?? '', nodes);
    return {
      change: (faults) => partition(faults, groups),
      told: `cut from each other: ${groups.map(names).join(' / ')}`,
    };
  },
);

export const faultIsolate = changingLinks(
  {
    name: 'fault isolate',
    summary: 'Cut one node from all others, on top of the cuts there are.',
    examples: ['fault isolate n4', 'fault isolate n4 --json'],
    arguments: [nodeArgument],
  },
  ({ given }, { nodes }) => cutOff(given.text('NODE') ?? '', nodes),
);

export const faultPrimary = changingLinks(
  {
    name: 'fault primary',
    summary: 'Cut off whoever leads now: the leader (mode paxos) or the coordinator (2pc).',
    description:
      'On top of the cuts there are. Says who it was. Exit code 3 when no node says that it leads.',
    examples: ['fault primary', 'fault primary --json'],
  },
  async ({ context: { target, spec } }, { nodes }) => {
    const problem = featureProblem(profileOf(spec.mode), 'leader or coordinator');
    if (problem !== null) throw usageError(problem);
    const leader = await leaderOf(target.endpoints());
    if (leader !== null) return cutOff(leader.node, nodes, `, the ${leader.role},`);
    throw new KvxError('no node says that it leads', {
      code: 'unavailable',
      definite: true,
      hint: '`kvx cluster status` shows what each node is.',
    });
  },
);

export const faultBridge = changingLinks(
  {
    name: 'fault bridge',
    summary: 'Cut the other nodes into two halves, which only this node sees both of.',
    description: 'Replaces the cuts between nodes. Of 3 nodes or more.',
    examples: ['fault bridge n3', 'fault bridge n3 --json'],
    arguments: [nodeArgument],
  },
  ({ given }, { nodes }) => {
    const node = given.text('NODE') ?? '';
    const { halves } = bridge([], node, nodes);
    return {
      change: (faults) => bridge(faults, node, nodes),
      told: `cut from each other: ${halves.map(names).join(' / ')}; ${node} sees both`,
    };
  },
);

export const faultRing = changingLinks(
  {
    name: 'fault ring',
    summary: 'Let every node see a majority, and no two the same one.',
    description: 'Replaces the cuts between nodes. Of 4 nodes or more.',
    examples: ['fault ring', 'fault ring --json'],
  },
  (_, { nodes }) => ({
    change: (faults) => majorityRing(faults, nodes),
    told: `each of ${names(nodes)} sees a majority, and no two the same one`,
  }),
);

export const faultBreak = changingLinks(
  {
    name: 'fault break',
    summary: 'Cut the link between two nodes, or a session and a node, both ways.',
    description:
      'A session that is cut from a node never talks to it: `kvx get KEY --session NAME` asks the others. One way: `kvx fault cut`.',
    examples: ['fault break n1 n2', 'fault break ann n1', 'fault break n1 n2 --json'],
    arguments: [oneEnd, otherEnd],
  },
  (call, { nodes, isClient }) => ({
    change: (faults) => breakLink(faults, ends(call), nodes, isClient),
    told: `cut ${ends(call).join(' from ')}`,
  }),
);

export const faultConnect = changingLinks(
  {
    name: 'fault connect',
    summary: 'Take the cut between two nodes, or a session and a node, away.',
    description: 'Where the topology has no link, makes one, until `fault heal`.',
    examples: ['fault connect n1 n2', 'fault connect ann n1', 'fault connect n1 n2 --json'],
    arguments: [oneEnd, otherEnd],
  },
  (call, linked) => ({
    change: (faults) => connectLink(faults, ends(call), linked),
    told: `connected ${ends(call).join(' and ')}`,
  }),
);
