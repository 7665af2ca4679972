/** Who is cut from whom: groups and links as users name them, turned into {@link LinkRules}. */
import { KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import type { Direction, LinkRules } from '../runtime/links/filter.js';

/**
 * Reads `n1,n2/n3,n4`: groups that can't talk to each other. Nodes that no group names are one more group, so a single
 * named group is cut from the rest. Throws a `bad-request` KvxError (definite) that names the valid nodes.
 */
export function parseGroups(text: string, nodes: readonly NodeId[]): NodeId[][] {
  const groups = text.split('/').map((group) => group.split(',').map((name) => name.trim()));
  const named = groups.flat();
  for (const [at, node] of named.entries()) {
    checkNode(node, nodes);
    if (named.indexOf(node) !== at) throw refused(`${node} stands in the partition twice`, nodes);
  }
  const rest = nodes.filter((node) => !named.includes(node));
  if (rest.length > 0) groups.push(rest);
  if (groups.length < 2) throw refused('a partition needs nodes on both sides', nodes);
  return groups;
}

/** Only nodes of one group still talk. Replaces the cuts there were; delays stay. */
export function partition(rules: LinkRules, groups: readonly (readonly NodeId[])[]): LinkRules {
  const cuts = groups.flatMap((group) =>
    groups
      .filter((other) => other !== group)
      .flatMap((other) => group.flatMap((from) => other.map((to) => ({ from, to })))),
  );
  return { ...rules, cuts };
}

/** Cuts one node from all others, on top of the cuts there are. */
export function isolate(rules: LinkRules, node: NodeId, nodes: readonly NodeId[]): LinkRules {
  checkNode(node, nodes);
  const others = nodes.filter((other) => other !== node);
  return others.reduce((result, other) => breakLink(result, node, other, nodes), rules);
}

/** Cuts the link between two nodes, both ways. */
export function breakLink(
  rules: LinkRules,
  a: NodeId,
  b: NodeId,
  nodes: readonly NodeId[],
): LinkRules {
  const { cuts } = connectLink(rules, a, b, nodes);
  return { ...rules, cuts: [...cuts, { from: a, to: b }, { from: b, to: a }] };
}

/** Takes the cuts between two nodes away. */
export function connectLink(
  rules: LinkRules,
  a: NodeId,
  b: NodeId,
  nodes: readonly NodeId[],
): LinkRules {
  checkNode(a, nodes);
  checkNode(b, nodes);
  if (a === b) throw refused(`a link has two ends, not ${a} twice`, nodes);
  const isOther = ({ from, to }: Direction): boolean =>
    !((from === a && to === b) || (from === b && to === a));
  return { ...rules, cuts: rules.cuts.filter(isOther) };
}

/** No cuts any more; delays stay. */
export function heal(rules: LinkRules): LinkRules {
  return { ...rules, cuts: [] };
}

function checkNode(node: NodeId, nodes: readonly NodeId[]): void {
  if (nodes.includes(node)) return;
  throw refused(node === '' ? 'a group names nobody' : `there is no node ${node}`, nodes);
}

function refused(message: string, nodes: readonly NodeId[]): KvxError {
  return new KvxError(message, {
    code: 'bad-request',
    definite: true,
    hint: `The nodes are ${nodes.join(', ')}; groups look like n1,n2/n3,n4.`,
  });
}
