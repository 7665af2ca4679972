import type { NodeId } from '../core/ids.js';
import type { LinkRules } from '../runtime/links/filter.js';
import type { Column } from './table.js';

/** What is done to the links of one node: `no link to n3 n4`, `hears nothing from n2`, `20 ms to n3`. */
export function faultsOf(node: NodeId, { cuts, delays }: LinkRules): string[] {
  const cutTo = cuts.filter((cut) => cut.from === node).map((cut) => cut.to);
  const cutFrom = cuts.filter((cut) => cut.to === node).map((cut) => cut.from);
  const both = cutTo.filter((peer) => cutFrom.includes(peer));
  const onlyTo = cutTo.filter((peer) => !cutFrom.includes(peer));
  const onlyFrom = cutFrom.filter((peer) => !cutTo.includes(peer));
  const delayed = delays.filter((delay) => delay.from === node && delay.meanMs > 0);
  return [
    ...(both.length === 0 ? [] : [`cut from ${both.join(' ')}`]),
    ...(onlyTo.length === 0 ? [] : [`can't reach ${onlyTo.join(' ')}`]),
    ...(onlyFrom.length === 0 ? [] : [`can't hear ${onlyFrom.join(' ')}`]),
    ...(delayed.length === 0 ? [] : [`slow to ${delayed.map((delay) => delay.to).join(' ')}`]),
  ];
}

/** How the matrix shows a link: `ok`, its mean delay, or `cut`. */
function linkCell(from: NodeId, to: NodeId, { cuts, delays }: LinkRules): string {
  if (from === to) return '-';
  if (cuts.some((cut) => cut.from === from && cut.to === to)) return 'cut';
  const meanMs = delays.find((delay) => delay.from === from && delay.to === to)?.meanMs ?? 0;
  return meanMs === 0 ? 'ok' : `${meanMs}ms`;
}

/** Every link: row from, column to. */
export function linkMatrix(
  nodes: readonly NodeId[],
  rules: LinkRules,
): { readonly columns: readonly Column[]; readonly rows: readonly (readonly string[])[] } {
  return {
    columns: [{ title: 'FROM\\TO' }, ...nodes.map((node) => ({ title: node }))],
    rows: nodes.map((from) => [from, ...nodes.map((to) => linkCell(from, to, rules))]),
  };
}
