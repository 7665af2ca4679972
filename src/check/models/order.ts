/**
 * What the sessions of a history say about the order of one key's writes, whatever the clocks say.
 *
 * Each constraint is an edge between two writes, the older first, with the two operations of one session that demand
 * it. If a guarantee's edges close a circle, no order of the writes keeps the guarantee. Where every write's version is
 * known the order is given, and one edge against it is enough.
 */

import { entryOf } from '../../core/lookup.js';
import type { History } from '../../history/history.js';
import { cycleAmong } from '../graph/cycles.js';
import { foundAt, type KeyOperations, writesAt } from '../register/split.js';
import { ambiguous, initialOrigin, type Origins } from './origins.js';
import { Frontier, precedes, type SessionTable } from './sessions.js';

/** Why one write is older than another, as bits. */
export const because = {
  /** The session made both, in this order: monotonic writes. */
  wroteBoth: 1,
  /** The session wrote the one and then read the other: read your writes. */
  wroteThenRead: 2,
  /** The session read the one and then the other: monotonic reads. */
  readBoth: 4,
  /** The session read the one and then wrote the other: writes follow reads. */
  readThenWrote: 8,
  /** One operation found the one and put the other in its place. */
  replaced: 16,
} as const;

/** Of two writes; writes and operations are numbered as in the key's register, `initialOrigin` is before all. */
export interface Constraint {
  readonly older: number;
  readonly newer: number;
  /** Of {@link because}. */
  readonly reason: number;
  /** The operations of the session that demand it; of `replaced` both are the same. */
  readonly first: number;
  readonly second: number;
  /** Where a read leads back over one of another value: the session's read before both. */
  readonly before?: number;
}

interface Known {
  readonly writes: Frontier;
  readonly reads: Frontier;
  /** Reads of what several operations wrote. */
  readonly unsure: Frontier;
}

/** `of`: the origins to go by, the certain ones or the guessed. */
export function constraintsOf(
  history: History,
  sessions: SessionTable,
  { register, index }: KeyOperations,
  of: Int32Array,
): Constraint[] {
  const found: Constraint[] = [];
  const add = (older: number, newer: number, reason: number, first: number, second: number) =>
    found.push({ older, newer, reason, first, second });
  const local = new Map<number, number>();
  const known = new Map<number, Known>();
  for (let at = 0; at < register.count; at++) {
    const operation = index[at] as number;
    const own = entryOf(known, sessions.of[operation] as number, () => ({
      writes: new Frontier(history),
      reads: new Frontier(history),
      unsure: new Frontier(history),
    }));
    const origin = of[at] as number;
    const isRead = origin >= 0 || origin === initialOrigin;
    const isWrite = writesAt(register, at);
    const here = (earlier: number): number => local.get(earlier) as number;
    const writes = own.writes.before(operation).map(here);
    const reads = own.reads.before(operation).map(here);
    if (isRead) {
      for (const write of writes) {
        if (write !== origin) add(write, origin, because.wroteThenRead, write, at);
      }
      for (const read of reads) {
        const seen = of[read] as number;
        if (seen !== origin && seen !== initialOrigin)
          add(seen, origin, because.readBoth, read, at);
      }
    }
    for (const between of own.unsure.before(operation).map(here)) {
      // Whoever wrote what was read in between: it is newer than what was read before it, and older than what came then.
      const before = reads.find((read) => {
        const isEarlier = precedes(history, index[read] as number, index[between] as number);
        return isEarlier && of[read] === origin;
      });
      if (origin < 0 || before === undefined) continue;
      if (foundAt(register, between) === register.value[origin]) continue;
      const back = { older: origin, newer: origin, reason: because.readBoth };
      found.push({ ...back, first: between, second: at, before });
    }
    if (isWrite) {
      for (const write of writes) add(write, at, because.wroteBoth, write, at);
      for (const read of reads) {
        const seen = of[read] as number;
        // What is read before it is written is no order at all: an edge from a write to itself.
        if (seen !== initialOrigin) add(seen, at, because.readThenWrote, read, at);
      }
    }
    if (isRead && isWrite && origin >= 0) add(origin, at, because.replaced, at, at);
    if (isRead || isWrite || origin === ambiguous) local.set(operation, at);
    if (origin === ambiguous && !isWrite) own.unsure.add(operation);
    if (isRead) own.reads.add(operation);
    if (isWrite) own.writes.add(operation);
  }
  return found;
}

/**
 * Why no order of the writes satisfies the constraints with these reasons: a short circle of them, the first one for a
 * `wanted` reason, or one constraint that is impossible alone. `null` when there is an order.
 */
export function contradiction(
  constraints: readonly Constraint[],
  { wanted, context }: { readonly wanted: number; readonly context: number },
  count: number,
  { rank }: Origins,
): readonly Constraint[] | null {
  const chosen: Constraint[] = [];
  for (const constraint of constraints) {
    if ((constraint.reason & (wanted | context)) === 0) continue;
    if ((constraint.reason & wanted) !== 0 && isImpossible(constraint, rank)) return [constraint];
    if (rank === null && constraint.newer !== initialOrigin) chosen.push(constraint);
  }
  if (chosen.length === 0) return null;
  const circle = circleOf(chosen, count, ({ reason }) => (reason & wanted) !== 0);
  return circle && plainest(circle, chosen, wanted);
}

function circleOf(
  constraints: readonly Constraint[],
  count: number,
  isWanted: (constraint: Constraint) => boolean,
): Constraint[] | null {
  const at = (nth: number) => constraints[nth] as Constraint;
  const older = constraints.map((constraint) => constraint.older);
  const newer = constraints.map((constraint) => constraint.newer);
  const circle = cycleAmong(count, older, newer, (nth) => isWanted(at(nth)));
  return circle?.map(at) ?? null;
}

/**
 * Of the circles the one to tell, and where it begins. Writers are in the right where a reader met a replica that lags:
 * so a circle of one reading and the order of a session's writes, if there is one, and it begins with a reading.
 */
function plainest(
  circle: readonly Constraint[],
  chosen: readonly Constraint[],
  wanted: number,
): readonly Constraint[] {
  const ofWrites = because.wroteBoth | because.replaced;
  const isReading = ({ reason }: Constraint): boolean => (reason & wanted & ~ofWrites) !== 0;
  const written = new Map<string, Constraint>();
  for (const constraint of chosen) {
    const { older, newer, reason } = constraint;
    if ((reason & ofWrites) !== 0) written.set(`${older} ${newer}`, constraint);
  }
  for (const constraint of chosen) {
    const against = written.get(`${constraint.newer} ${constraint.older}`);
    if (isReading(constraint) && against !== undefined) return [constraint, against];
  }
  const first = Math.max(0, circle.findIndex(isReading));
  return [...circle.slice(first), ...circle.slice(0, first)];
}

function isImpossible({ older, newer }: Constraint, rank: Int32Array | null): boolean {
  if (newer === initialOrigin || older === newer) return true;
  return rank !== null && (rank[older] as number) > (rank[newer] as number);
}
