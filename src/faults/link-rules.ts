/** What links do to what they carry, as data. */
import type { Millis, NodeId } from '../core/ids.js';

/** One direction between two nodes. */
export interface Direction {
  readonly from: NodeId;
  readonly to: NodeId;
}

/** From each of the ones to each of the others. */
export function pairs(froms: readonly NodeId[], tos: readonly NodeId[]): Direction[] {
  return froms.flatMap((from) => tos.filter((to) => to !== from).map((to) => ({ from, to })));
}

/** Both directions between those on one side and all others. */
export function between(side: readonly NodeId[], nodes: readonly NodeId[]): Direction[] {
  const others = nodes.filter((node) => !side.includes(node));
  return [...pairs(side, others), ...pairs(others, side)];
}

/** What happens to each message of a direction with this probability, from 0 to 1. */
export interface DirectionChance extends Direction {
  readonly chance: number;
}

/** What a cluster's links do to what they carry. Every node holds the same whole table. */
export interface LinkRules {
  /** Directions that carry nothing. */
  readonly cuts: readonly Direction[];
  /** Mean one-way delays; a message is held for a time uniform in [0, 2 · mean], order kept. */
  readonly delays: readonly (Direction & { readonly meanMs: Millis })[];
  /** Messages that never arrive. */
  readonly losses: readonly DirectionChance[];
  /** Messages that arrive twice. */
  readonly duplications: readonly DirectionChance[];
  /** Messages that are held for a time uniform in [0, `heldMsMax`] instead of the delay, and overtaken meanwhile. */
  readonly reorderings: readonly (DirectionChance & { readonly heldMsMax: Millis })[];
}

export const noRules: LinkRules = {
  cuts: [],
  delays: [],
  losses: [],
  duplications: [],
  reorderings: [],
};

export const linkRuleKinds = Object.keys(noRules) as readonly (keyof LinkRules)[];

/** All of them at once. Of two rules about one direction, other than cuts, the last one holds. */
export const joinRules = (all: readonly Partial<LinkRules>[]): LinkRules => ({
  cuts: all.flatMap(({ cuts = [] }) => cuts),
  delays: all.flatMap(({ delays = [] }) => delays),
  losses: all.flatMap(({ losses = [] }) => losses),
  duplications: all.flatMap(({ duplications = [] }) => duplications),
  reorderings: all.flatMap(({ reorderings = [] }) => reorderings),
});
