/**
 * What the sessions of a history say about the order of one key's writes, whatever the clocks say.
 *
 * Each constraint is an edge between two writes, the older first, with the two operations of one session that demand
 * it. If a guarantee's edges close a circle, no order of the writes keeps the guarantee. Where every write's version is
 * known the order is given, and one edge against it is enough.
 */

import type { History } from '../../history/history.js';
import { cycleAmong } from '../graph/cycles.js';
import { entryOf } from '../lookup.js';
import { type KeyOperations, writesAt } from '../register/split.js';
import { initialOrigin, type Origins } from './origins.js';
import { Frontier, type SessionTable } from './sessions.js';

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

/** Columns; writes and operations are numbered as in the key's register, `initialOrigin` is before all. */
export interface Constraints {
  readonly older: number[];
  readonly newer: number[];
  readonly reason: number[];
  /** The operations of the session that demand it; of `replaced` both are the same. */
  readonly first: number[];
  readonly second: number[];
}

interface Known {
  readonly writes: Frontier;
  readonly reads: Frontier;
}

/** `of`: the origins to go by, the certain ones or the guessed. */
export function constraintsOf(
  history: History,
  sessions: SessionTable,
  operations: KeyOperations,
  of: Int32Array,
): Constraints {
  const found: Constraints = { older: [], newer: [], reason: [], first: [], second: [] };
  const { register, index } = operations;
  const local = new Map<number, number>();
  const known = new Map<number, Known>();
  for (let at = 0; at < register.count; at++) {
    const operation = index[at] as number;
    const session = sessions.of[operation] as number;
    const own = entryOf(known, session, () => ({
      writes: new Frontier(history),
      reads: new Frontier(history),
    }));
    const origin = of[at] as number;
    const isRead = origin >= 0 || origin === initialOrigin;
    const isWrite = writesAt(register, at);
    const here = (operation: number): number => local.get(operation) as number;
    const writes = own.writes.before(operation).map(here);
    const reads = own.reads.before(operation).map(here);
    if (isRead) readConstraints(found, of, at, writes, reads);
    if (isWrite) writeConstraints(found, of, at, writes, reads);
    if (isRead && isWrite && origin >= 0) add(found, origin, at, because.replaced, at, at);
    if (isRead || isWrite) local.set(operation, at);
    if (isRead) own.reads.add(operation);
    if (isWrite) own.writes.add(operation);
  }
  return found;
}

function readConstraints(
  found: Constraints,
  of: Int32Array,
  at: number,
  writes: readonly number[],
  reads: readonly number[],
): void {
  const origin = of[at] as number;
  for (const write of writes) {
    if (write !== origin) add(found, write, origin, because.wroteThenRead, write, at);
  }
  for (const read of reads) {
    const earlier = of[read] as number;
    if (earlier !== origin && earlier !== initialOrigin) {
      add(found, earlier, origin, because.readBoth, read, at);
    }
  }
}

function writeConstraints(
  found: Constraints,
  of: Int32Array,
  at: number,
  writes: readonly number[],
  reads: readonly number[],
): void {
  for (const write of writes) add(found, write, at, because.wroteBoth, write, at);
  for (const read of reads) {
    const origin = of[read] as number;
    // What is read before it is written is no order at all: an edge from a write to itself.
    if (origin !== initialOrigin) add(found, origin, at, because.readThenWrote, read, at);
  }
}

function add(
  found: Constraints,
  older: number,
  newer: number,
  reason: number,
  first: number,
  second: number,
): void {
  found.older.push(older);
  found.newer.push(newer);
  found.reason.push(reason);
  found.first.push(first);
  found.second.push(second);
}

/**
 * Why no order of the writes satisfies the constraints with these reasons: a short circle of them, the first one for a
 * `wanted` reason, or one constraint that is impossible alone. `null` when there is an order.
 */
export function contradiction(
  constraints: Constraints,
  { wanted, context }: { readonly wanted: number; readonly context: number },
  count: number,
  { rank }: Origins,
): readonly number[] | null {
  const { older, newer, reason } = constraints;
  const chosen: number[] = [];
  for (let edge = 0; edge < reason.length; edge++) {
    const why = reason[edge] as number;
    if ((why & (wanted | context)) === 0) continue;
    if ((why & wanted) !== 0 && isImpossible(older[edge], newer[edge], rank)) return [edge];
    if (rank === null && newer[edge] !== initialOrigin) chosen.push(edge);
  }
  if (rank !== null) return null;
  const circle = cycleAmong(
    count,
    chosen.map((edge) => older[edge] as number),
    chosen.map((edge) => newer[edge] as number),
    (at) => ((reason[chosen[at] as number] as number) & wanted) !== 0,
  );
  if (circle === null) return null;
  const edges = circle.map((at) => chosen[at] as number);
  return plainest(edges, chosen, constraints, wanted);
}

/**
 * Of the circles the one to tell, and where it begins. Writers are in the right where a reader met a replica that lags:
 * so a circle of one reading and the order of a session's writes, if there is one, and it begins with a reading.
 */
function plainest(
  circle: readonly number[],
  chosen: readonly number[],
  { older, newer, reason }: Constraints,
  wanted: number,
): readonly number[] {
  const ofWrites = because.wroteBoth | because.replaced;
  const isReading = (edge: number): boolean =>
    ((reason[edge] as number) & wanted & ~ofWrites) !== 0;
  const written = new Map<string, number>();
  for (const edge of chosen) {
    if (((reason[edge] as number) & ofWrites) !== 0) {
      written.set(`${older[edge]} ${newer[edge]}`, edge);
    }
  }
  for (const edge of chosen) {
    const against = isReading(edge) ? written.get(`${newer[edge]} ${older[edge]}`) : undefined;
    if (against !== undefined) return [edge, against];
  }
  const first = Math.max(0, circle.findIndex(isReading));
  return [...circle.slice(first), ...circle.slice(0, first)];
}

function isImpossible(
  older: number | undefined,
  newer: number | undefined,
  rank: Int32Array | null,
): boolean {
  if (newer === initialOrigin || older === newer) return true;
  return rank !== null && (rank[older as number] as number) > (rank[newer as number] as number);
}
