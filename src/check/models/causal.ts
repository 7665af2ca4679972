/**
 * Causal convergence: everybody sees causes before effects, and all agree on one order of what is concurrent (Bouajjani,
 * Enea, Guerraoui & Hamza, "On verifying causal consistency", POPL 2017, there CCv). With every value written once it
 * holds exactly when none of its bad patterns is there:
 *
 * - ThinAirRead: a value that nobody wrote (looked for before all models, see `origins.ts`).
 * - CyclicCO: a cause comes after its effect.
 * - WriteCOInitRead: nothing is read where a write of the key is known.
 * - WriteCORead: an old value is read where a newer one is known, newer because its writer knew the old one.
 * - CyclicCF: readings demand an order of concurrent writes that has a circle. (WriteCORead is its shortest form.)
 */

import { countWhile, pushTo } from '../../core/lookup.js';
import { type Budget, type StepWatch, watchOf } from '../budget.js';
import type { Narrator } from '../evidence/narrator.js';
import { type Finding, holds, type ModelVerdict, unknownBecause, violated } from '../finding.js';
import { cycleAmong } from '../graph/cycles.js';
import { allWritesOf, type KeyOperations, readsAt, writesAt } from '../register/split.js';
import { type CausalPast, causalPastOf, type Effective } from './causal-past.js';
import { ambiguity, vagueness } from './guarantees.js';
import { initialOrigin, type Origins } from './origins.js';
import type { SessionTable } from './sessions.js';

export interface KeyWithOrigins {
  readonly operations: KeyOperations;
  readonly origins: Origins;
}

export function causal(
  narrator: Narrator,
  sessions: SessionTable,
  keys: readonly KeyWithOrigins[],
  budget: Budget,
): ModelVerdict {
  const certain = judgeBy(narrator, sessions, keys, ({ of }) => of, budget);
  if (certain.type !== 'holds') return certain;
  const name = ({ operations }: KeyWithOrigins) =>
    narrator.key(operations.index[0] as number) ?? '';
  const ambiguous = keys.find(({ origins }) => origins.ambiguousCount > 0);
  if (ambiguous !== undefined) {
    const agrees = [0, 1, 2].some((guess) => {
      const by = ({ guesses, of }: Origins) => guesses[guess] ?? of;
      return judgeBy(narrator, sessions, keys, by, budget).type === 'holds';
    });
    if (!agrees) return unknownBecause(ambiguity(ambiguous.origins, name(ambiguous)));
  }
  const vague = keys.find(({ origins }) => origins.vagueCount > 0);
  return vague === undefined ? holds : unknownBecause(vagueness(name(vague)));
}

function judgeBy(
  narrator: Narrator,
  sessions: SessionTable,
  keys: readonly KeyWithOrigins[],
  by: (origins: Origins) => Int32Array,
  budget: Budget,
): ModelVerdict {
  const { history } = narrator;
  const effective = effectiveOf(history.count, keys, by);
  const past = causalPastOf(history, sessions, effective, budget);
  if ('why' in past) return unknownBecause(past.why);
  if ('circle' in past) return violated(tellCircle(narrator, effective, past.circle));
  const told: Told = { effective, past };
  const watch = watchOf(budget);
  const conflicts: Conflict[] = [];
  for (const key of keys) {
    const found = conflictsOf(narrator, key, told, conflicts, watch);
    if (found !== null) return violated(found);
    const why = budget.spent(conflicts.length * 56);
    if (why !== null) return unknownBecause(why);
  }
  const circle = conflictCircle(history.count, past, conflicts);
  return circle === null ? holds : violated(tellConflicts(narrator, told, circle));
}

function effectiveOf(
  count: number,
  keys: readonly KeyWithOrigins[],
  by: (origins: Origins) => Int32Array,
): Effective {
  const takesPart = new Uint8Array(count);
  const origin = new Int32Array(count).fill(-1);
  for (const { operations, origins } of keys) {
    const { register, index } = operations;
    const readFrom = by(origins);
    for (let at = 0; at < register.count; at++) {
      const from = readFrom[at] as number;
      const isRead = readsAt(register, at) && (from >= 0 || from === initialOrigin);
      if (!isRead && !writesAt(register, at)) continue;
      const operation = index[at] as number;
      takesPart[operation] = 1;
      if (isRead) origin[operation] = from >= 0 ? (index[from] as number) : from;
    }
  }
  return { count, takesPart, origin };
}

/** What there is to tell a violation from. */
interface Told {
  readonly effective: Effective;
  readonly past: CausalPast;
}

/** `before` must come before `after` in the order on which all agree, because `reading` knew the one and read the other. */
interface Conflict {
  readonly before: number;
  readonly after: number;
  readonly reading: number;
}

/** Adds what one key's readings demand; or finds what is a bad pattern by itself. */
function conflictsOf(
  narrator: Narrator,
  { operations, origins }: KeyWithOrigins,
  told: Told,
  conflicts: Conflict[],
  watch: StepWatch,
): Finding | null {
  const { effective, past } = told;
  const { register, index } = operations;
  const writes = writesByChain(operations, past);
  const rank = origins.rank === null ? null : ranksInHistory(operations, origins.rank);
  for (let at = 0; at < register.count; at++) {
    const operation = index[at] as number;
    const origin = effective.origin[operation] as number;
    const isRead = origin >= 0 || origin === initialOrigin;
    if (effective.takesPart[operation] === 0 || !(isRead || rank !== null)) continue;
    watch(writes.size);
    for (const [chain, list] of writes) {
      const known = lastKnown(list, past, operation, chain);
      if (known === -1 || known === origin || known === operation) continue;
      if (origin === initialOrigin) return tellKnown(narrator, told, operation, known, null);
      if (rank !== null) {
        const newer = isRead ? origin : operation;
        if ((rank.get(known) as number) > (rank.get(newer) as number)) {
          const why = `by their versions ${narrator.deed(newer)} is older than ${narrator.deed(known)}`;
          return tellKnown(narrator, told, operation, known, why);
        }
      }
      if (origin < 0 || isBefore(past, known, origin)) continue;
      if (isBefore(past, origin, known)) {
        const why = whyOverwritten(narrator, told, operation, known);
        return tellKnown(narrator, told, operation, known, why);
      }
      conflicts.push({ before: known, after: origin, reading: operation });
    }
  }
  return null;
}

const isBefore = (past: CausalPast, earlier: number, later: number): boolean =>
  past.known(later, past.chain[earlier] as number) >= (past.position[earlier] as number);

function writesByChain({ register, index }: KeyOperations, past: CausalPast) {
  const writes = new Map<number, number[]>();
  for (const at of allWritesOf(register)) {
    const operation = index[at] as number;
    pushTo(writes, past.chain[operation] as number, operation);
  }
  return writes;
}

/** The last write of a chain to the key that is in the causal past of `operation`, itself aside; -1 when there is none. */
function lastKnown(
  list: readonly number[],
  past: CausalPast,
  operation: number,
  chain: number,
): number {
  const isOwn = past.chain[operation] === chain;
  const bound = past.known(operation, chain) - (isOwn ? 1 : 0);
  return list[countWhile(list, (at) => (past.position[at] as number) <= bound) - 1] ?? -1;
}

function ranksInHistory({ index }: KeyOperations, rank: Int32Array): ReadonlyMap<number, number> {
  const ranks = new Map<number, number>();
  for (let at = 0; at < rank.length; at++) {
    if ((rank[at] as number) >= 0) ranks.set(index[at] as number, rank[at] as number);
  }
  return ranks;
}

/** Causal order and conflicts together, as edges; the conflicts come first. */
function conflictCircle(
  count: number,
  past: CausalPast,
  conflicts: readonly Conflict[],
): readonly Conflict[] | null {
  if (conflicts.length === 0) return null;
  const from = conflicts.map(({ before }) => before);
  const to = conflicts.map(({ after }) => after);
  // Only ends of conflicts matter: the causal order between them is asked for directly, chain by chain.
  const positionOf = (at: number) => past.position[at] as number;
  const ends = [...new Set([...from, ...to])].sort((a, b) => positionOf(a) - positionOf(b));
  const befores = new Set(from);
  const byChain = new Map<number, number[]>();
  for (const end of ends) pushTo(byChain, past.chain[end] as number, end);
  for (const end of befores) {
    for (const [chain, list] of byChain) {
      const known = lastKnown(list, past, end, chain);
      if (known === -1) continue;
      from.push(known);
      to.push(end);
    }
  }
  for (const list of byChain.values()) {
    for (let at = 1; at < list.length; at++) {
      from.push(list[at - 1] as number);
      to.push(list[at] as number);
    }
  }
  const circle = cycleAmong(count, from, to, (edge) => edge < conflicts.length);
  return circle?.flatMap((edge) => conflicts[edge] ?? []) ?? null;
}

/** With whose values they read, so that the story is whole. */
function withOrigins({ origin }: Effective, operations: readonly number[]): number[] {
  const origins = operations.map((at) => origin[at] as number).filter((at) => at >= 0);
  return [...operations, ...origins];
}

function tellCircle(narrator: Narrator, effective: Effective, circle: readonly number[]): Finding {
  const steps = circle.map((at) => narrator.whoDid(at));
  return {
    anomaly: 'causes in a circle',
    sentence: `${steps.join(', then ')}: each of these comes before the next, and the last before the first`,
    operations: withOrigins(effective, circle),
    culprit: -1,
  };
}

/** How whoever did `reading` came to know of `known`. */
function tellPath(narrator: Narrator, path: readonly number[]): string {
  const steps = path.slice(1, -1).map((at) => narrator.whoDid(at));
  const [known = 0] = path;
  if (steps.length === 0) return `it was its own ${narrator.act(known)}`;
  return `it knew: ${steps.join(', then ')}`;
}

function tellKnown(
  narrator: Narrator,
  { effective, past }: Told,
  operation: number,
  known: number,
  why: string | null,
): Finding {
  const path = past.path(known, operation);
  const origin = effective.origin[operation] as number;
  const between = origin >= 0 && isBefore(past, origin, known) ? past.path(origin, known) : [];
  return {
    anomaly: origin === initialOrigin ? 'missing cause' : 'overwritten cause',
    sentence: `${narrator.whoDid(operation)}, although it knew of ${narrator.deed(known)}`,
    because: [tellPath(narrator, path), ...(why === null ? [] : [why])],
    operations: withOrigins(effective, [...path, ...between]),
    culprit: operation,
  };
}

function whyOverwritten(
  narrator: Narrator,
  { effective, past }: Told,
  reading: number,
  known: number,
) {
  const origin = effective.origin[reading] as number;
  const steps = past.path(origin, known).slice(1, -1);
  const knew = steps.map((at) => narrator.whoDid(at));
  const how = knew.length === 0 ? '' : `: ${knew.join(', then ')}`;
  return `${narrator.deed(known)} came after ${narrator.deed(origin)}${how}`;
}

function tellConflicts(
  narrator: Narrator,
  { effective, past }: Told,
  circle: readonly Conflict[],
): Finding {
  const steps = circle.map(
    ({ before, after, reading }) =>
      `${narrator.deed(before)} must come before ${narrator.deed(after)}: ${narrator.who(reading)} knew of the first and ${narrator.did(reading)}`,
  );
  const involved = circle.flatMap(({ before, after, reading }, place) => {
    const next = circle[(place + 1) % circle.length] as Conflict;
    return [...past.path(before, reading), ...past.path(after, next.before)];
  });
  return {
    anomaly: 'no common order',
    sentence: `clients saw concurrent writes in different orders: ${steps[0]}`,
    because: steps.slice(1),
    operations: withOrigins(effective, involved),
    culprit: circle[0]?.reading as number,
  };
}
