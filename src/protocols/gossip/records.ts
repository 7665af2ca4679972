/**
 * What survives a crash of a replica.
 *
 * Recovery meets records twice and may see a state before the records that led to it (see `Replica.recover`), so each of
 * them is a statement that stays true: `entry` and `member` only replace something older, `dropped` takes away exactly
 * what it names, `clock`, `ceiling` and `horizon` only rise.
 */
import * as wire from '../../core/wire.js';
import { counter, stamped } from '../shared/number-guard.js';

const { boolean, count, key, list, name, nullable, struct, union, value, version } = wire;

/** Every member has, or has had, all that members wrote with a stamp up to this one. */
export const horizon = struct({
  stamp: counter,
  members: list(name),
  /** Nodes that had gone by then: of what they wrote, all that any member had when it learned that they went. */
  departed: list(name),
});
export type Horizon = wire.Shaped<typeof horizon>;

/** A node came or went. The newest version of each node's change counts. */
export const memberChange = struct({ node: name, present: boolean, version: stamped });
export type MemberChange = wire.Shaped<typeof memberChange>;

export const recordShape = union({
  /** This replica holds this version; a `null` value is a tombstone. */
  entry: { key, version, value: nullable(value) },
  /** The entry of exactly this version is gone: it had been deleted, and the delete was collected elsewhere. */
  dropped: { key, version },
  /** Something was lost; from `whole` on it has been copied. */
  rejoining: {},
  whole: {},
  /** What the clock shows: in snapshots, which leave out what is gone, and after a leap. */
  clock: { stamp: count },
  /** No number above this one has been given out or seen by this node. */
  ceiling: { stamp: count },
  /** Tombstones up to here are gone. */
  horizon: { horizon },
  /** A node came or went. */
  member: { change: memberChange },
});

export type DurableRecord = wire.Shaped<typeof recordShape>;
