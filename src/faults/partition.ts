/** Who is cut from whom: groups and links as users name them, turned into {@link LinkRules}. */
import { KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { oneLine } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';
import { type Direction, type LinkRules, noRules, pairs } from './link-rules.js';

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

/** Only nodes of one group still talk. Replaces the cuts between nodes; delays, and cuts of clients, stay. */
export function partition(
  rules: LinkRules,
  groups: readonly (readonly NodeId[])[],
  unlinked: readonly Direction[] = [],
): LinkRules {
  const nodes = groups.flat();
  const across = groups.flatMap((group) =>
    pairs(
      group,
      nodes.filter((node) => !group.includes(node)),
    ),
  );
  const ofClients = rules.cuts.filter(
    ({ from, to }) => !nodes.includes(from) || !nodes.includes(to),
  );
  return { ...rules, cuts: union(unlinked, across, ofClients) };
}

/** Cuts one node from all others, on top of the cuts there are. */
export function isolate(rules: LinkRules, node: NodeId, nodes: readonly NodeId[]): LinkRules {
  checkNode(node, nodes);
  const others = nodes.filter((other) => other !== node);
  return others.reduce((result, other) => breakLink(result, node, other, nodes), rules);
}

/** Cuts the link between two nodes, or a client and a node, both ways. */
export function breakLink(
  rules: LinkRules,
  a: string,
  b: string,
  nodes: readonly NodeId[],
  isClient: IsClient = noClients,
): LinkRules {
  const { cuts } = connectLink(rules, a, b, nodes, isClient);
  return { ...rules, cuts: [...cuts, { from: a, to: b }, { from: b, to: a }] };
}

/** Takes the cuts between the two away; where the topology has no link, it makes one. */
export function connectLink(
  rules: LinkRules,
  a: string,
  b: string,
  nodes: readonly NodeId[],
  isClient: IsClient = noClients,
): LinkRules {
  for (const end of [a, b]) if (!isClient(end)) checkNode(end, nodes);
  if (a === b) throw refused(`a link has two ends, not ${a} twice`, nodes);
  if (!nodes.includes(a) && !nodes.includes(b)) {
    throw refused(`${a} and ${b} are both clients, and clients have links to nodes only`, nodes);
  }
  const isOther = ({ from, to }: Direction): boolean =>
    !((from === a && to === b) || (from === b && to === a));
  return { ...rules, cuts: rules.cuts.filter(isOther) };
}

/** Links carry all again, once and in order, save for those that the topology does not have; delays stay. */
export function heal(rules: LinkRules, unlinked: readonly Direction[] = []): LinkRules {
  return { ...noRules, delays: rules.delays, cuts: unlinked };
}

function union(...lists: readonly (readonly Direction[])[]): Direction[] {
  const known = new Map(lists.flat().map((cut) => [`${cut.from}>${cut.to}`, cut]));
  return [...known.values()];
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
