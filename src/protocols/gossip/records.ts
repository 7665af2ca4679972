/**
 * What survives a crash of a replica.
 *
 * Recovery meets records twice and may see a state before the records that led to it (see `Replica.recover`), so each of
 * them is a statement that stays true: `entry` and `member` only replace something older, `dropped` takes away exactly
 * what it names, `clock`, `ceiling` and `horizon` only rise.
 */
import type { NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { Version } from '../../core/version.js';
import {
  boolean,
  count,
  key,
  list,
  name,
  nullable,
  type Shape,
  struct,
  union,
  value,
  version,
} from '../../core/wire.js';

/** Every member has, or has had, all that members wrote with a stamp up to this one. */
export interface Horizon {
  readonly stamp: number;
  readonly members: readonly NodeId[];
  /** Nodes that had gone by then: of what they wrote, all that any member had when it learned that they went. */
  readonly departed: readonly NodeId[];
}

/** A node came or went. The newest version of each node's change counts. */
export interface MemberChange {
  readonly node: NodeId;
  readonly present: boolean;
  readonly version: Version;
}

export type DurableRecord =
  /** This replica holds this version; a `null` value is a tombstone. */
  | {
      readonly type: 'entry';
      readonly key: Key;
      readonly version: Version;
      readonly value: Uint8Array | null;
    }
  /** The entry of exactly this version is gone: it had been deleted, and the delete was collected elsewhere. */
  | { readonly type: 'dropped'; readonly key: Key; readonly version: Version }
  /** Something was lost; from `whole` on it has been copied. */
  | { readonly type: 'rejoining' }
  | { readonly type: 'whole' }
  /** What the clock shows: in snapshots, which leave out what is gone, and after a leap. */
  | { readonly type: 'clock'; readonly stamp: number }
  /** No number above this one has been given out or seen by this node. */
  | { readonly type: 'ceiling'; readonly stamp: number }
  /** Tombstones up to here are gone. */
  | { readonly type: 'horizon'; readonly horizon: Horizon }
  /** A node came or went. */
  | { readonly type: 'member'; readonly change: MemberChange };

export const horizonShape: Shape<Horizon> = struct<Horizon>({
  stamp: count,
  members: list(name),
  departed: list(name),
});

export const memberShape: Shape<MemberChange> = struct<MemberChange>({
  node: name,
  present: boolean,
  version,
});

export const recordShape: Shape<DurableRecord> = union<DurableRecord>({
  entry: { key, version, value: nullable(value) },
  dropped: { key, version },
  rejoining: {},
  whole: {},
  clock: { stamp: count },
  ceiling: { stamp: count },
  horizon: { horizon: horizonShape },
  member: { change: memberShape },
});
