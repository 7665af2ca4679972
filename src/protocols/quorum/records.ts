/**
 * What survives a crash of a replica.
 *
 * A journal's snapshot is drawn while the node works and is followed by every record since it began, so recovery meets
 * records twice and may see a state before the records that led to it. Each record is therefore a statement that stays
 * true whatever else is known: `entry` and `hint` only ever replace something older, `collected` and `handed` only take
 * away what is not newer than they name, `ceiling` only rises.
 */
import type { NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { Version } from '../../core/version.js';
import { count, key, name, nullable, type Shape, union, value, version } from '../../core/wire.js';

export type DurableRecord =
  /** This replica holds this version; a `null` value is a tombstone. */
  | {
      readonly type: 'entry';
      readonly key: Key;
      readonly version: Version;
      readonly value: Uint8Array | null;
    }
  /** The entry of exactly this version is gone: a tombstone that every replica has had for long enough. */
  | { readonly type: 'collected'; readonly key: Key; readonly version: Version }
  /** `target` has missed this write; it is kept here until it can be handed off. */
  | {
      readonly type: 'hint';
      readonly target: NodeId;
      readonly key: Key;
      readonly version: Version;
      readonly value: Uint8Array | null;
    }
  /** `target` needs no hint for the key up to this version. */
  | {
      readonly type: 'handed';
      readonly target: NodeId;
      readonly key: Key;
      readonly version: Version;
    }
  /** Something was lost, and what comes before this is void; from `whole` on all of it has been copied. */
  | { readonly type: 'rejoining' }
  | { readonly type: 'whole' }
  /** No stamp above this one has been given out or seen by this node. */
  | { readonly type: 'ceiling'; readonly stamp: number };

export const recordShape: Shape<DurableRecord> = union<DurableRecord>({
  entry: { key, version, value: nullable(value) },
  collected: { key, version },
  hint: { target: name, key, version, value: nullable(value) },
  handed: { target: name, key, version },
  rejoining: {},
  whole: {},
  ceiling: { stamp: count },
});
