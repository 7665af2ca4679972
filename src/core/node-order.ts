import type { NodeId } from './ids.js';

/** By what comes before a number at the end, then by that number: `n2` is before `n10`. */
export function compareNodes(a: NodeId, b: NodeId): number {
  const [stemA, numberA] = splitId(a);
  const [stemB, numberB] = splitId(b);
  if (stemA === stemB && numberA !== numberB) return numberA - numberB;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function splitId(node: NodeId): [stem: string, number: number] {
  let at = node.length;
  while (at > 0 && isDigit(node.charCodeAt(at - 1))) at--;
  return [node.slice(0, at), at === node.length ? -1 : Number(node.slice(at))];
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** After the highest number that there ever was. */
export function nextName({
  nodes,
  founders = [],
  retired = [],
}: {
  readonly nodes: readonly NodeId[];
  readonly founders?: readonly NodeId[];
  readonly retired?: readonly NodeId[];
}): NodeId {
  const numbers = [...nodes, ...founders, ...retired].map((name) => /^n(\d{1,9})$/.exec(name)?.[1]);
  return `n${Math.max(0, ...numbers.map((number) => Number(number ?? 0))) + 1}`;
}
