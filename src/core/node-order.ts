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
