/** What is broken on purpose in a cluster now: a list, from which follows what links do and what nodes suffer. */
import type { Millis, NodeId } from '../core/ids.js';
import {
  type Direction,
  joinRules,
  keepRules,
  type LinkRules,
  type RuleScope,
  ruleCount,
  type SingleRule,
  scopeName,
} from './link-rules.js';

export interface ActiveFault {
  /** Not given twice between `up` and `down`. */
  readonly id: number;
  /** The command that made it, without the program's name: `fault delay n1>n3 20ms`. */
  readonly words: string;
  /** `user`, `script FILE`, `nemesis halves`. */
  readonly by: string;
  /** Milliseconds since 1970; virtual time in the simulator. */
  readonly since: Millis;
  readonly effect: FaultEffect;
}

export type FaultEffect =
  | {
      readonly type: 'links';
      readonly rules: Partial<LinkRules>;
      /** Directions that the topology lacks and that carry meanwhile. */
      readonly linked?: readonly Direction[];
    }
  | { readonly type: 'node'; readonly node: NodeId; readonly faults: Partial<NodeFaults> }
  /** By a nemesis; healing it resumes or starts the node. */
  | { readonly type: 'stopped'; readonly node: NodeId; readonly how: 'paused' | 'killed' }
  /** By a nemesis, too, and perhaps not a member yet; healing it removes the node. */
  | { readonly type: 'added'; readonly node: NodeId };

/** What is wrong with one node. Absent: as it should be. */
export interface NodeFaults {
  /** Each turn begins so much later. */
  readonly turnDelayMs: Millis;
  /** Its wall clock shows true + skewMs + drift * (true - sinceMs). */
  readonly clock: { readonly skewMs: Millis; readonly drift: number; readonly sinceMs: Millis };
  readonly disk: DiskFaults;
  /** Its acceptor fails to answer with this probability (mode paxos). */
  readonly failRate: number;
}

export interface DiskFaults {
  /** Each sync begins so much later. */
  readonly syncDelayMs?: Millis;
  readonly failsSyncs?: boolean;
  /** So much more fits, counted from when that is set or the node starts. */
  readonly roomBytes?: number;
  /** What a power cut makes of what was not synced; the simulator alone cuts power. */
  readonly unsynced?: 'torn' | 'lost';
  /** A bit of what was synced is another one; in the simulator. */
  readonly isDamaged?: boolean;
}

/** At most so many at once. */
export const activeFaultsMax = 1024;

/** The list after a change; `next` makes a new entry of it. */
export type FaultsChange = (
  faults: readonly ActiveFault[],
  next: (fault: Omit<ActiveFault, 'id' | 'since'>) => ActiveFault,
) => readonly ActiveFault[];

/** What one more fault does, and what it leaves of those before it; `null`: it only takes away. */
export interface LinksChange {
  readonly kept: readonly ActiveFault[];
  readonly effect: Extract<FaultEffect, { type: 'links' }> | null;
  /** It takes nobody's place, even in the same words: it counts from another moment. */
  readonly isOneMore?: boolean;
}

/** As a change of the list. The same words again by the same author take the place of the earlier ones. */
export function asFaultsChange(
  { words, by }: Pick<ActiveFault, 'words' | 'by'>,
  change: (faults: readonly ActiveFault[]) => Omit<LinksChange, 'effect'> & {
    readonly effect: FaultEffect | null;
  },
): FaultsChange {
  return (faults, next) => {
    const { kept, effect, isOneMore = false } = change(faults);
    if (effect === null) return kept;
    const isOther = (fault: ActiveFault): boolean => fault.words !== words || fault.by !== by;
    const others = isOneMore ? kept : kept.filter(isOther);
    return [...others, next({ words, by, effect })];
  };
}

/** What links do by all of it. `base`: what they do without, by the cluster's own settings. */
export function linkRulesOf(base: LinkRules, faults: readonly ActiveFault[]): LinkRules {
  const effects = faults.flatMap(({ id, effect }) =>
    effect.type === 'links' ? [{ ...effect, rules: withOwner(effect.rules, id) }] : [],
  );
  if (effects.length === 0) return base;
  const linked = new Set(effects.flatMap(({ linked = [] }) => linked.map(scopeName)));
  const cuts = base.cuts.filter((cut) => !linked.has(scopeName(cut)));
  return joinRules([{ ...base, cuts }, ...effects.map(({ rules }) => rules)]);
}

/** It means nothing but single messages, which all are done with. */
export function isOver(
  { id, effect }: ActiveFault,
  isDone: (rule: SingleRule) => boolean,
): boolean {
  if (effect.type !== 'links') return false;
  const { singles = [], ...rules } = effect.rules;
  return (
    singles.length > 0 &&
    ruleCount(rules) === 0 &&
    singles.every((rule) => isDone({ ...rule, fault: id }))
  );
}

/** Rules about single messages count for themselves: each says whose it is. */
function withOwner({ singles, ...rules }: Partial<LinkRules>, fault: number): Partial<LinkRules> {
  return singles === undefined
    ? rules
    : { ...rules, singles: singles.map((rule) => ({ ...rule, fault })) };
}

export function nodeFaultsOf(node: NodeId, faults: readonly ActiveFault[]): Partial<NodeFaults> {
  return joinNodeFaults(
    faults.flatMap(({ effect }) =>
      effect.type === 'node' && effect.node === node ? [effect.faults] : [],
    ),
  );
}

/** All of them at once. Of two that say the same, the last one holds. */
export function joinNodeFaults(all: readonly Partial<NodeFaults>[]): Partial<NodeFaults> {
  const joined: Partial<NodeFaults> = Object.assign({}, ...all);
  if (joined.disk === undefined) return joined;
  return { ...joined, disk: Object.assign({}, ...all.map(({ disk }) => disk)) };
}

/** What these are about: `clock`, `disk.roomBytes`. */
export const partsOf = ({ disk = {}, ...others }: Partial<NodeFaults>): string[] => [
  ...Object.keys(others),
  ...Object.keys(disk).map((part) => `disk.${part}`),
];

/** The list without those of a node that are about nothing but parts that `isGone` names. */
export function withoutParts(
  faults: readonly ActiveFault[],
  node: NodeId,
  isGone: (part: string) => boolean,
): readonly ActiveFault[] {
  return faults.filter(({ effect }) => {
    if (effect.type !== 'node' || effect.node !== node) return true;
    return !partsOf(effect.faults).every(isGone);
  });
}

/** The list without what its rules say of some directions. Faults that then do nothing are over. */
export function withoutRules(
  faults: readonly ActiveFault[],
  isGone: (rule: RuleScope, kind: keyof LinkRules | 'linked') => boolean,
): readonly ActiveFault[] {
  return faults.flatMap((fault) => {
    const { effect } = fault;
    if (effect.type !== 'links') return [fault];
    const { linked = [] } = effect;
    const rules = keepRules(effect.rules, (rule, kind) => !isGone(rule, kind));
    const stillLinked = linked.filter((direction) => !isGone(direction, 'linked'));
    const before = ruleCount(effect.rules) + linked.length;
    const after = ruleCount(rules) + stillLinked.length;
    if (after === before) return [fault];
    return after === 0 ? [] : [{ ...fault, effect: { type: 'links', rules, linked: stillLinked } }];
  });
}

/** Of a node that is gone: nothing is said of it any more. */
export function withoutNode(faults: readonly ActiveFault[], node: NodeId): readonly ActiveFault[] {
  const others = faults.filter(({ effect }) => !('node' in effect) || effect.node !== node);
  return withoutRules(others, ({ from, to }) => from === node || to === node);
}

/**
 * Rules of one kind in place of those before about the same. `isOff`: they do nothing, and are said only where something else
 * would be done without them.
 */
export function withRules<K extends keyof LinkRules>(
  { faults, base }: { readonly faults: readonly ActiveFault[]; readonly base: LinkRules },
  kind: K,
  rules: LinkRules[K],
  isOff: boolean,
): LinksChange {
  const names = new Set(rules.map(scopeName));
  const kept = withoutRules(faults, (rule, of) => of === kind && names.has(scopeName(rule)));
  const others = new Set(
    linkRulesOf(base, kept)[kind].map(({ from, to }: Direction) => scopeName({ from, to })),
  );
  const isNeeded = !isOff || rules.some(({ from, to }) => others.has(scopeName({ from, to })));
  return { kept, effect: isNeeded ? { type: 'links', rules: { [kind]: rules } } : null };
}

/** One more, about single messages: it changes nothing of those before. */
export const withSingles = (
  kept: readonly ActiveFault[],
  singles: LinkRules['singles'],
): LinksChange => ({ kept, effect: { type: 'links', rules: { singles } }, isOneMore: true });
