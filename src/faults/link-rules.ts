/** What links do to what they carry, as data. */

import { naturalLog } from '../core/alike.js';
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

/** What a rule is about: what a direction carries, or of that only the messages of one type. */
export interface RuleScope extends Direction {
  readonly type?: string;
}

/** What happens to each message with this probability, from 0 to 1. */
export interface ChanceRule extends RuleScope {
  readonly chance: number;
}

/** A message is held for a time around a mean. */
export interface DelayRule extends RuleScope {
  readonly meanMs: Millis;
  /** A number: uniform within so much of the mean, 0 for always the same. Absent: uniform in [0, 2 · mean]. */
  readonly spread?: 'exponential' | Millis;
}

/** How long a message is held. `random`: from 0 to below 1. */
export function drawDelayMs({ meanMs, spread = meanMs }: DelayRule, random: () => number): Millis {
  if (spread === 0) return meanMs;
  if (spread === 'exponential') return -meanMs * naturalLog(1 - random());
  return Math.max(0, meanMs + spread * (2 * random() - 1));
}

/** Messages that are held for a time uniform in [0, `heldMsMax`] instead of the delay, and overtaken meanwhile. */
export interface ReorderRule extends ChanceRule {
  readonly heldMsMax: Millis;
}

/** Messages leave one after the other; those that find `queueBytes` waiting are lost, unless nothing waits. */
export interface BandwidthRule extends RuleScope {
  readonly bytesPerSecond: number;
  readonly queueBytes: number;
}

/** Of one message alone: the nth that is sent that way from the moment when the fault begins. */
export interface SingleRule extends RuleScope {
  readonly nth: number;
  readonly fate: 'lost' | 'doubled' | 'held';
  /** In place of the link's own delay, and overtaken meanwhile; 0 unless it is held. */
  readonly heldMs: Millis;
  /** The number of the fault that it belongs to, once that is in the list: its count is its own. */
  readonly fault?: number;
}

/**
 * What a cluster's links do to what they carry. Every node holds the same whole table. A rule for a type of message comes
 * before one for all; messages that one line holds back keep their order, and a type with a delay or bandwidth of its own
 * has a line of its own.
 */
export interface LinkRules {
  /** Directions that carry nothing. */
  readonly cuts: readonly Direction[];
  readonly delays: readonly DelayRule[];
  /** Messages that never arrive. */
  readonly losses: readonly ChanceRule[];
  /** Messages that arrive twice. */
  readonly duplications: readonly ChanceRule[];
  readonly reorderings: readonly ReorderRule[];
  readonly bandwidths: readonly BandwidthRule[];
  readonly singles: readonly SingleRule[];
}

export const noRules: LinkRules = {
  cuts: [],
  delays: [],
  losses: [],
  duplications: [],
  reorderings: [],
  bandwidths: [],
  singles: [],
};

export const linkRuleKinds = Object.keys(noRules) as readonly (keyof LinkRules)[];

/** All of them at once. Of two rules of one kind about the same, the last one holds. */
export function joinRules(all: readonly Partial<LinkRules>[]): LinkRules {
  const joined = linkRuleKinds.map((kind) => {
    const rules = all.flatMap((each): readonly RuleScope[] => each[kind] ?? []);
    if (rules.length < 2) return [kind, rules];
    return [kind, [...new Map(rules.map((rule) => [scopeName(rule), rule])).values()]];
  });
  return Object.fromEntries(joined) as unknown as LinkRules;
}

/** Those that `isKept` names. */
export function keepRules(
  rules: Partial<LinkRules>,
  isKept: (rule: RuleScope, kind: keyof LinkRules) => boolean,
): LinkRules {
  const kept = linkRuleKinds.map((kind) => {
    const before: readonly RuleScope[] = rules[kind] ?? [];
    return [kind, before.filter((rule) => isKept(rule, kind))];
  });
  return Object.fromEntries(kept) as unknown as LinkRules;
}

/** What is done to what `self` sends, by who it is for; cuts left out. */
export function rulesFrom(self: NodeId, rules: LinkRules): ReadonlyMap<NodeId, LinkRules> {
  const found = new Map<NodeId, Record<keyof LinkRules, readonly RuleScope[]>>();
  for (const kind of linkRuleKinds) {
    if (kind === 'cuts') continue;
    for (const rule of rules[kind]) {
      if (rule.from !== self) continue;
      const known = found.get(rule.to) ?? { ...noRules };
      known[kind] = [...known[kind], rule];
      found.set(rule.to, known);
    }
  }
  return found as ReadonlyMap<NodeId, unknown> as ReadonlyMap<NodeId, LinkRules>;
}

export function ruleCount(rules: Partial<LinkRules>): number {
  let count = 0;
  for (const kind of linkRuleKinds) count += rules[kind]?.length ?? 0;
  return count;
}

/** `n1>n3`, `n1>n3 accept`; of single messages also which, and whose. */
export function scopeName(rule: RuleScope & Partial<SingleRule>): string {
  const { from, to, type, nth, fate, fault } = rule;
  const name = type === undefined ? `${from}>${to}` : `${from}>${to} ${type}`;
  return nth === undefined ? name : `${name} #${nth} ${fate} ${fault}`;
}
