/**
 * What survives a crash of a replica.
 *
 * A journal's snapshot is drawn while the node works and is followed by every record since it began, so recovery meets
 * records twice and may see a state before the records that led to it. Each record is therefore a statement that stays
 * true whatever else is known: `entry` and `hint` only ever replace something older, `collected` and `handed` only take
 * away what is not newer than they name, `ceiling` only rises.
 */
import { count, key, name, nullable, type Shaped, union, value, version } from '../../core/wire.js';

export const recordShape = union({
  /** This replica holds this version; a `null` value is a tombstone. */
  entry: { key, version, value: nullable(value) },
  /** The entry of exactly this version is gone: a tombstone that every replica has had for long enough. */
  collected: { key, version },
  /** `target` has missed this write; it is kept here until it can be handed off. */
  hint: { target: name, key, version, value: nullable(value) },
  /** `target` needs no hint for the key up to this version. */
  handed: { target: name, key, version },
  /** Something was lost, and what comes before this is void; from `whole` on all of it has been copied. */
  rejoining: {},
  whole: {},
  /** No stamp above this one has been given out or seen by this node. */
  ceiling: { stamp: count },
});

export type DurableRecord = Shaped<typeof recordShape>;
