/** Who is cut from whom: groups and links as users name them, turned into faults. */
import { KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { oneLine } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';
import { type ActiveFault, type LinksChange, withoutRules } from './active.js';
import { between, type Direction, pairs } from './link-rules.js';

/** Whether there is a client of that name, which may stand at one end of a link. */
type IsClient = (name: string) => boolean;

const noClients: IsClient = () => false;

/**
 * Reads `n1,n2/n3,n4`: groups that can't talk to each other. Nodes that no group names are one more group, so a single
 * named group is cut from the rest. Throws a `bad-request` KvxError (definite) that names the valid nodes.
 */
export function parseGroups(text: string, nodes: readonly NodeId[]): NodeId[][] {
  const groups = text.split('/').map((group) => group.split(',').map((name) => name.trim()));
  const named = groups.flat();
  for (const [at, node] of named.entries()) {
    if (node === '') throw refused('a group names nobody', nodes, groupsHint);
    checkNode(node, nodes, groupsHint);
    if (named.indexOf(node) !== at) {
      throw refused(`${node} stands in the partition twice`, nodes, groupsHint);
    }
  }
  const rest = nodes.filter((node) => !named.includes(node));
  if (rest.length > 0) groups.push(rest);
  if (groups.length < 2) throw refused('a partition needs nodes on both sides', nodes, groupsHint);
  return groups;
}

/** Between those who are in no group together. */
export function cutsAcross(groups: readonly (readonly NodeId[])[]): Direction[] {
  const nodes = groups.flat();
  return groups.flatMap((group) =>
    pairs(
      group,
      nodes.filter((node) => !group.includes(node)),
    ),
  );
}

/** Only nodes of one group still talk. Replaces the cuts between nodes; delays, and cuts of clients, stay. */
export function partition(
  faults: readonly ActiveFault[],
  groups: readonly (readonly NodeId[])[],
): LinksChange {
  const nodes = groups.flat();
  const isBetweenNodes = ({ from, to }: Direction): boolean =>
    nodes.includes(from) && nodes.includes(to);
  const kept = withoutRules(
    faults,
    (direction, kind) => kind === 'linked' || (kind === 'cuts' && isBetweenNodes(direction)),
  );
  return { kept, effect: { type: 'links', rules: { cuts: cutsAcross(groups) } } };
}

/** Cuts one node from all others, on top of the cuts there are. */
export function isolate(
  faults: readonly ActiveFault[],
  node: NodeId,
  nodes: readonly NodeId[],
): LinksChange {
  checkNode(node, nodes);
  return { kept: faults, effect: { type: 'links', rules: { cuts: between([node], nodes) } } };
}

/** Cuts the link between two nodes, or a client and a node, both ways. */
export function breakLink(
  faults: readonly ActiveFault[],
  [a, b]: readonly [string, string],
  nodes: readonly NodeId[],
  isClient?: IsClient,
): LinksChange {
  const cuts = bothWays(a, b, nodes, isClient);
  const kept = withoutRules(
    faults,
    (direction, kind) => kind === 'linked' && isAmong(cuts, direction),
  );
  return { kept, effect: { type: 'links', rules: { cuts } } };
}

/** Takes the cuts between the two away; where the topology has no link, it makes one. */
export function connectLink(
  faults: readonly ActiveFault[],
  [a, b]: readonly [string, string],
  {
    nodes,
    unlinked = [],
    isClient,
  }: {
    readonly nodes: readonly NodeId[];
    readonly unlinked?: readonly Direction[];
    readonly isClient?: IsClient;
  },
): LinksChange {
  const link = bothWays(a, b, nodes, isClient);
  const kept = withoutRules(
    faults,
    (direction, kind) => kind === 'cuts' && isAmong(link, direction),
  );
  const linked = link.filter((direction) => isAmong(unlinked, direction));
  return { kept, effect: linked.length === 0 ? null : { type: 'links', rules: {}, linked } };
}

const isAmong = (all: readonly Direction[], { from, to }: Direction): boolean =>
  all.some((each) => each.from === from && each.to === to);

/** The directions of a link, once it is known that there can be one. */
function bothWays(
  a: string,
  b: string,
  nodes: readonly NodeId[],
  isClient: IsClient = noClients,
): readonly Direction[] {
  for (const end of [a, b]) if (!isClient(end)) checkNode(end, nodes);
  if (a === b) throw refused(`a link has two ends, not ${a} twice`, nodes);
  if (!nodes.includes(a) && !nodes.includes(b)) {
    throw refused(`${a} and ${b} are both clients, and clients have links to nodes only`, nodes);
  }
  return [
    { from: a, to: b },
    { from: b, to: a },
  ];
}

const groupsHint = 'groups look like n1,n2/n3,n4';

function checkNode(node: NodeId, nodes: readonly NodeId[], hint?: string): void {
  if (nodes.includes(node)) return;
  throw refused(`there is no node ${oneLine(node, 60)}${didYouMean(node, nodes)}`, nodes, hint);
}

function refused(message: string, nodes: readonly NodeId[], more?: string): KvxError {
  return new KvxError(message, {
    code: 'bad-request',
    definite: true,
    hint: `The nodes are ${nodes.join(', ')}${more === undefined ? '' : `; ${more}`}.`,
  });
}
