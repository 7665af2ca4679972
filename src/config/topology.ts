import type { NodeId } from '../core/ids.js';
import { nodesMax } from '../core/limits.js';
import { show } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';
import type { Direction } from '../faults/link-rules.js';
import {
  linksOf,
  missingBeside,
  type NodeLink,
  type TopologyName,
  topologyNames,
} from '../faults/topology.js';
import type { Problem } from './problem.js';
import type { Setting } from './setting.js';

/** Two names of the longest, and blanks. */
const termCharactersMax = 200;

type Report = (problem: Problem) => void;

/**
 * What is missing in the topology that a setting means: a shape's name; or links, each `n1-n2` or `[n1, n2]`, as a list or,
 * of the former, with commas between them.
 */
export function unlinkedBy(
  setting: Setting,
  nodes: readonly NodeId[],
  report: Report,
): readonly Direction[] {
  const { value } = setting;
  if (topologyNames.includes(value as TopologyName)) {
    return missingBeside(linksOf(value as TopologyName, nodes), nodes);
  }
  if (typeof value === 'string' && !value.includes('-')) {
    report({
      ...setting.placeOf(),
      message: `${unknownShape(value)}, or links such as n1-n2,n2-n3`,
    });
    return [];
  }
  const terms: unknown = typeof value === 'string' ? value.split(',') : value;
  if (Array.isArray(terms) && terms.length > nodesMax ** 2) {
    report({ ...setting.placeOf(), message: `there are ${terms.length} links, more than pairs` });
    return [];
  }
  if (!Array.isArray(terms)) {
    const message = `a topology is ${topologyNames.join(', ')}, or a list of links such as n1-n2`;
    report({ ...setting.placeOf(), message });
    return [];
  }
  const links: NodeLink[] = [];
  for (const [at, term] of terms.entries()) {
    const path = typeof value === 'string' ? [] : [at];
    const link = readLink(term, nodes);
    if (typeof link === 'string') report({ ...setting.placeOf(path), message: link });
    else links.push(link);
  }
  return missingBeside(links, nodes);
}

function unknownShape(value: string): string {
  const question = didYouMean(value, topologyNames) || '.';
  return `there is no topology ${show(value)}${question} There are ${topologyNames.join(', ')}`;
}

/** A link, or what is wrong with it. */
function readLink(term: unknown, nodes: readonly NodeId[]): NodeLink | string {
  const ends = typeof term === 'string' ? endsOf(term, nodes) : term;
  const isPair =
    Array.isArray(ends) && ends.length === 2 && ends.every((end) => typeof end === 'string');
  if (!isPair) return `expected a link such as n1-n2 or [n1, n2], not ${show(term)}`;
  const [a, b] = ends as [string, string];
  const unknown = [a, b].find((end) => !nodes.includes(end));
  if (unknown !== undefined) {
    return `there is no node ${show(unknown)}${didYouMean(unknown, nodes)}`;
  }
  return a === b ? `a link has two ends, not ${a} twice` : [a, b];
}

/** Names may hold a `-`, too: of the ways to cut the term in two, the one that gives nodes. */
function endsOf(term: string, nodes: readonly NodeId[]): readonly string[] {
  if (term.length > termCharactersMax) return [term];
  const pieces = term.trim().split('-');
  const cuts = pieces.slice(1).map((_, at) => [
    pieces
      .slice(0, at + 1)
      .join('-')
      .trim(),
    pieces
      .slice(at + 1)
      .join('-')
      .trim(),
  ]);
  return cuts.find((ends) => ends.every((end) => nodes.includes(end))) ?? cuts[0] ?? pieces;
}
