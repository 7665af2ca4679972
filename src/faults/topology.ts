/**
 * Which nodes are linked at all. A topology is kept as what is missing: the directions between nodes that have no link.
 * They are part of the cuts from the start, so whoever carries messages need not know the difference; who shows or
 * heals faults does.
 */
import type { NodeId } from '../core/ids.js';
import { type Direction, type LinkRules, pairs } from './link-rules.js';

export const topologyNames = ['full', 'line', 'ring', 'star', 'grid'] as const;
export type TopologyName = (typeof topologyNames)[number];

/** Carries both ways. */
export type NodeLink = readonly [NodeId, NodeId];

/**
 * The links of a shape, nodes in their order: `star` has the first in its middle, `grid` is as near to a square as can
 * be, row by row.
 */
export function linksOf(name: TopologyName, nodes: readonly NodeId[]): NodeLink[] {
  const pairs = (step: number): NodeLink[] =>
    nodes.slice(step).map((node, at) => [nodes[at] as NodeId, node]);
  switch (name) {
    case 'full':
      return nodes.flatMap((from, at) => nodes.slice(at + 1).map((to): NodeLink => [from, to]));
    case 'line':
      return pairs(1);
    case 'ring':
      return nodes.length < 3 ? pairs(1) : [...pairs(1), ...pairs(nodes.length - 1)];
    case 'star':
      return nodes.slice(1).map((node): NodeLink => [nodes[0] as NodeId, node]);
    case 'grid': {
      const columns = Math.ceil(Math.sqrt(nodes.length));
      const across = pairs(1).filter((_, at) => (at + 1) % columns !== 0);
      return [...across, ...pairs(columns)];
    }
  }
}

/** What is missing when there are only these links. */
export function missingBeside(links: readonly NodeLink[], nodes: readonly NodeId[]): Direction[] {
  const linked = new Set(links.flatMap(([a, b]) => [`${a}>${b}`, `${b}>${a}`]));
  return pairs(nodes, nodes).filter(({ from, to }) => !linked.has(`${from}>${to}`));
}

/** The shape that misses exactly this; if none does, the links that there are. */
export function shapeOf(
  missing: readonly Direction[],
  nodes: readonly NodeId[],
): TopologyName | NodeLink[] {
  const wanted = namesOf(missing);
  const name = topologyNames.find(
    (shape) => namesOf(missingBeside(linksOf(shape, nodes), nodes)) === wanted,
  );
  if (name !== undefined) return name;
  return linksOf('full', nodes).filter(([a, b]) => !isAmong(missing, a, b));
}

const namesOf = (directions: readonly Direction[]): string =>
  directions
    .map(({ from, to }) => `${from}>${to}`)
    .sort()
    .join();

const isAmong = (directions: readonly Direction[], from: NodeId, to: NodeId): boolean =>
  directions.some((direction) => direction.from === from && direction.to === to);

/** Cuts as people mean them: what is missing anyway is none. */
export function cutsBeside(missing: readonly Direction[], { cuts }: LinkRules): Direction[] {
  if (missing.length === 0) return [...cuts];
  const absent = new Set(missing.map(({ from, to }) => `${from}>${to}`));
  return cuts.filter(({ from, to }) => !absent.has(`${from}>${to}`));
}

/** What of the topology's missing links is missing now: `fault connect` may have made one. */
export function missingNow(missing: readonly Direction[], { cuts }: LinkRules): Direction[] {
  const cut = new Set(cuts.map(({ from, to }) => `${from}>${to}`));
  return missing.filter(({ from, to }) => cut.has(`${from}>${to}`));
}

/** The parts of a graph in which every two nodes are linked unless a cut is between them. */
export function componentsOf(nodes: readonly NodeId[], cuts: readonly Direction[]): NodeId[][] {
  const cut = new Set(cuts.map(({ from, to }) => `${from}>${to}`));
  const linked = (a: NodeId, b: NodeId): boolean => !cut.has(`${a}>${b}`) && !cut.has(`${b}>${a}`);
  const left = new Set(nodes);
  const parts: NodeId[][] = [];
  for (const first of nodes) {
    if (!left.delete(first)) continue;
    const part = [first];
    for (const node of part) {
      for (const other of left) {
        if (!linked(node, other)) continue;
        left.delete(other);
        part.push(other);
      }
    }
    parts.push(part);
  }
  return parts;
}

/** Whether each node reaches each other over links that carry both ways, over any chain. */
export const isConnected = (nodes: readonly NodeId[], cuts: readonly Direction[]): boolean =>
  componentsOf(nodes, cuts).length <= 1;

/**
 * What `verify` has to know of the links: whether replicas that differ can't converge, and which nodes are silent to
 * each other on purpose. `relays`: nodes pass on what they hear, so that any chain will do.
 */
export function linksForVerify(
  nodes: readonly NodeId[],
  rules: LinkRules,
  relays: boolean,
): { readonly linksCut: boolean; readonly cuts: readonly Direction[] } {
  const between = rules.cuts.filter(({ from, to }) => nodes.includes(from) && nodes.includes(to));
  const linksCut = relays ? !isConnected(nodes, between) : between.length > 0;
  return { linksCut, cuts: between };
}
