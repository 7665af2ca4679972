import type { NodeId } from '../core/ids.js';
import { formatSize } from '../core/show.js';
import type { ChanceRule, Direction, LinkRules, RuleScope } from '../faults/link-rules.js';
import { cutsBeside } from '../faults/topology.js';
import type { Column } from './table.js';

/**
 * What is done to the links of one node: `cut from n3 n4`, `can't hear n2`, `slow to n3`. A link that the topology does
 * not have (`unlinked`) is no fault.
 */
export function faultsOf(
  node: NodeId,
  rules: LinkRules,
  unlinked: readonly Direction[] = [],
): string[] {
  const cuts = cutsBeside(unlinked, rules);
  const cutTo = cuts.filter((cut) => cut.from === node).map((cut) => cut.to);
  const cutFrom = cuts.filter((cut) => cut.to === node).map((cut) => cut.from);
  const both = cutTo.filter((peer) => cutFrom.includes(peer));
  const onlyTo = cutTo.filter((peer) => !cutFrom.includes(peer));
  const onlyFrom = cutFrom.filter((peer) => !cutTo.includes(peer));
  const harms = harmsOf(rules).filter(({ from }) => from === node);
  return [
    ...(both.length === 0 ? [] : [`cut from ${both.join(' ')}`]),
    ...(onlyTo.length === 0 ? [] : [`can't reach ${onlyTo.join(' ')}`]),
    ...(onlyFrom.length === 0 ? [] : [`can't hear ${onlyFrom.join(' ')}`]),
    ...[...new Set(harms.map(({ told }) => told))].map((told) => {
      const peers = harms.filter((harm) => harm.told === told);
      return `${told} ${peers.map(({ to }) => to).join(' ')}`;
    }),
  ];
}

/** What is done to messages that a link still carries, for a list and for a cell. */
interface Harm extends Direction {
  readonly told: string;
  readonly cell: string;
}

function harmsOf(rules: LinkRules): readonly Harm[] {
  const { delays, losses, duplications, reorderings, bandwidths } = rules;
  const harm = (rule: RuleScope, told: string, cell: string): Harm => {
    const { from, to, type } = rule;
    return type === undefined
      ? { from, to, told, cell }
      : { from, to, told: `${told.replace('messages', type)}`, cell: `${type} ${cell}` };
  };
  const ofChance = (verb: string, all: readonly ChanceRule[]): Harm[] =>
    all.map((rule) => {
      return harm(
        rule,
        `${verb} messages to`,
        `${verb} ${Number((rule.chance * 100).toFixed(1))}%`,
      );
    });
  return [
    ...delays
      .filter(({ meanMs }) => meanMs > 0)
      .map((rule) => harm(rule, 'slow to', `${rule.meanMs}ms`)),
    ...ofChance('loses', losses),
    ...ofChance('doubles', duplications),
    ...ofChance('reorders', reorderings),
    ...bandwidths.map((rule) => {
      return harm(rule, 'narrow to', `${formatSize(rule.bytesPerSecond)}/s`);
    }),
  ];
}

/** How the matrix shows a link: `ok`, what is done to messages, `cut`, or `none` where the topology has none. */
function linkCell(
  from: NodeId,
  to: NodeId,
  rules: LinkRules,
  unlinked: readonly Direction[],
): string {
  if (from === to) return '-';
  const isIt = (direction: Direction): boolean => direction.from === from && direction.to === to;
  if (rules.cuts.some(isIt)) return unlinked.some(isIt) ? 'none' : 'cut';
  const harms = harmsOf(rules).filter(isIt);
  return harms.map(({ cell }) => cell).join(', ') || 'ok';
}

/** Every link: row from, column to. */
export function linkMatrix(
  nodes: readonly NodeId[],
  rules: LinkRules,
  unlinked: readonly Direction[] = [],
): { readonly columns: readonly Column[]; readonly rows: readonly (readonly string[])[] } {
  return {
    columns: [{ title: 'FROM\\TO' }, ...nodes.map((node) => ({ title: node }))],
    rows: nodes.map((from) => [from, ...nodes.map((to) => linkCell(from, to, rules, unlinked))]),
  };
}

/** Clients that are cut from nodes, either way. */
export function cutClients(
  nodes: readonly NodeId[],
  { cuts }: LinkRules,
): { readonly client: string; readonly cutFrom: readonly NodeId[] }[] {
  const found = new Map<string, Set<NodeId>>();
  for (const { from, to } of cuts) {
    const [client, node] = nodes.includes(from) ? [to, from] : [from, to];
    if (!nodes.includes(client)) found.set(client, (found.get(client) ?? new Set()).add(node));
  }
  return [...found].map(([client, cutFrom]) => ({ client, cutFrom: [...cutFrom] }));
}
