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
    if (node === '') throw linkRefused('a group names nobody', nodes, groupsHint);
    checkEndNode(node, nodes, groupsHint);
    if (named.indexOf(node) !== at) {
      throw linkRefused(`${node} stands in the partition twice`, nodes, groupsHint);
    }
  }
  const rest = nodes.filter((node) => !named.includes(node));
  if (rest.length > 0) groups.push(rest);
  if (groups.length < 2)
    throw linkRefused('a partition needs nodes on both sides', nodes, groupsHint);
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
  return replacingCuts(faults, cutsAcross(groups), groups.flat());
}

function replacingCuts(
  faults: readonly ActiveFault[],
  cuts: readonly Direction[],
  nodes: readonly NodeId[],
): LinksChange {
  const kept = withoutRules(faults, ({ from, to }, kind) => {
    return kind === 'linked' || (kind === 'cuts' && nodes.includes(from) && nodes.includes(to));
  });
  return { kept, effect: { type: 'links', rules: { cuts } } };
}

/** Cuts one node from all others, on top of the cuts there are. */
export function isolate(
  faults: readonly ActiveFault[],
  node: NodeId,
  nodes: readonly NodeId[],
): LinksChange {
  checkEndNode(node, nodes);
  return cutLinks(faults, between([node], nodes));
}

/** On top of the cuts there are. */
export function cutLinks(faults: readonly ActiveFault[], cuts: readonly Direction[]): LinksChange {
  const kept = withoutRules(
    faults,
    (direction, kind) => kind === 'linked' && isAmong(cuts, direction),
  );
  return { kept, effect: { type: 'links', rules: { cuts } } };
}

/** Cuts the link between two nodes, or a client and a node, both ways. */
export function breakLink(
  faults: readonly ActiveFault[],
  [a, b]: readonly [string, string],
  nodes: readonly NodeId[],
  isClient?: IsClient,
): LinksChange {
  return cutLinks(faults, bothWays(a, b, nodes, isClient));
}

/** The others in two halves, which only this node sees both of. */
export function bridge(
  faults: readonly ActiveFault[],
  node: NodeId,
  nodes: readonly NodeId[],
): LinksChange & { readonly halves: readonly (readonly NodeId[])[] } {
  checkEndNode(node, nodes);
  const others = nodes.filter((other) => other !== node);
  const middle = Math.ceil(others.length / 2);
  const halves = [others.slice(0, middle), others.slice(middle)];
  if (others.length < 2) throw linkRefused('a bridge needs 3 nodes at least', nodes);
  return { ...replacingCuts(faults, cutsAcross(halves), nodes), halves };
}

/**
 * Each node sees a majority, itself included, and no two the same one (Jepsen's partition-majorities-ring): in a ring each
 * sees as many on its left as on its right, and, where that is one too few, the one opposite or one more on either side.
 */
export function majorityRing(
  faults: readonly ActiveFault[],
  nodes: readonly NodeId[],
): LinksChange {
  const count = nodes.length;
  if (count < 4) throw linkRefused('a ring of majorities needs 4 nodes at least', nodes);
  const peers = Math.floor(count / 2);
  const hasOpposite = peers % 2 === 1 && count % 2 === 0;
  const reach = hasOpposite ? (peers - 1) / 2 : Math.ceil(peers / 2);
  const cuts = pairs(nodes, nodes).filter(({ from, to }) => {
    const apart = Math.abs(nodes.indexOf(from) - nodes.indexOf(to));
    const distance = Math.min(apart, count - apart);
    return distance > reach && !(hasOpposite && distance * 2 === count);
  });
  return replacingCuts(faults, cuts, nodes);
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
  for (const end of [a, b]) if (!isClient(end)) checkEndNode(end, nodes);
  if (a === b) throw linkRefused(`a link has two ends, not ${a} twice`, nodes);
  if (!nodes.includes(a) && !nodes.includes(b)) {
    throw linkRefused(
      `${a} and ${b} are both clients, and clients have links to nodes only`,
      nodes,
    );
  }
  return [
    { from: a, to: b },
    { from: b, to: a },
  ];
}

const groupsHint = 'groups look like n1,n2/n3,n4';

export function checkEndNode(node: NodeId, nodes: readonly NodeId[], hint?: string): void {
  if (nodes.includes(node)) return;
  throw linkRefused(`there is no node ${oneLine(node, 60)}${didYouMean(node, nodes)}`, nodes, hint);
}

export function linkRefused(message: string, nodes: readonly NodeId[], more?: string): KvxError {
  return new KvxError(message, {
    code: 'bad-request',
    definite: true,
    hint: `The nodes are ${nodes.join(', ')}${more === undefined ? '' : `; ${more}`}.`,
  });
}
