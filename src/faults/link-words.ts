/** Links as users name them. */
import type { NodeId } from '../core/ids.js';
import { type Direction, pairs } from './link-rules.js';
import { checkEndNode, linkRefused } from './partition.js';

/** Two names of the longest, and blanks. */
const termCharactersMax = 200;

/** Stands for all clients, at one end of a link. */
export const everyClient = 'clients';

type IsEnd = (name: string) => boolean;

/** Names may hold a `-`, too: of the ways to cut the term in two, the one that gives ends. */
export function endsOf(term: string, isEnd: IsEnd): readonly string[] {
  if (term.length > termCharactersMax) return [term];
  const pieces = term.trim().split('-');
  const joined = (from: number, to?: number) => pieces.slice(from, to).join('-').trim();
  const cuts = pieces.slice(1).map((_, at) => [joined(0, at + 1), joined(at + 1)]);
  return cuts.find((ends) => ends.every(isEnd)) ?? cuts[0] ?? pieces;
}

const endsIn = (link: string, isEnd: IsEnd): readonly string[] =>
  link.includes('>') ? link.split('>').map((end) => end.trim()) : endsOf(link, isEnd);

/** Both of `n1-n2`, one of `n1>n2`; none when it is no link. */
export function directionsOf(link: string, isEnd: IsEnd): Direction[] {
  const ends = endsIn(link, isEnd);
  const [from = '', to = ''] = ends;
  const isLink = ends.length === 2 && from !== to && ends.every(isEnd);
  if (!isLink) return [];
  const there = { from, to };
  return link.includes('>') ? [there] : [there, { from: to, to: from }];
}

/**
 * As {@link directionsOf}, of links between nodes, and between clients and nodes; a name alone stands for all its links to
 * nodes. Throws a definite `bad-request` for what is no link.
 */
export function parseLink(
  link: string,
  nodes: readonly NodeId[],
  isClient: (name: string) => boolean,
): Direction[] {
  const isEnd = (name: string): boolean =>
    nodes.includes(name) || name === everyClient || isClient(name);
  if (isEnd(link)) return [...pairs([link], nodes), ...pairs(nodes, [link])];
  const directions = directionsOf(link, isEnd);
  if (directions.every(({ from, to }) => nodes.includes(from) || nodes.includes(to))) {
    if (directions.length > 0) return directions;
  } else throw linkRefused(`${link} is between clients, and they have links to nodes only`, nodes);
  const ends = endsIn(link, isEnd);
  const hint = 'a link is n1>n2 one way, n1-n2 both, n1 all of its links';
  for (const end of ends) if (!isEnd(end)) checkEndNode(end, nodes, hint);
  throw linkRefused(`a link has two ends, not ${ends.join(' and ')}`, nodes, hint);
}
