import type { Shape } from '../../core/wire.js';
import type { JournalOwner, LogEnd } from '../ports.js';
import type { Disk } from './disk.js';
import { sliceBytesDefault } from './sliced-file.js';

/**
 * `always`: durable means that it survives a power cut. `off`: durable means handed to the operating system; a killed
 * process loses nothing, a power cut may lose any of it, and with it the order that a snapshot relies on.
 */
export type SyncPolicy = 'always' | 'off';

export interface JournalLimits {
  /** A segment that has reached this many bytes is followed by a new one. */
  readonly segmentBytesMax: number;
  /**
   * No snapshot is wanted before the log has this many bytes: reading them back takes half a second, and a snapshot of a small
   * state costs as much as many operations...
   */
  readonly snapshotFloorBytes: number;
  /**
   * ...nor before it has this many times the bytes of the last snapshot. At 1, writing snapshots never takes more bytes
   * than writing the log, and what recovery reads is at most twice the state, or the floor.
   */
  readonly snapshotFactor: number;
  /**
   * A write of at most so many bytes is synced in the node's own thread, if the disk is quick: few wait for it, and to be woken
   * by another thread takes as long as the disk. While a larger one is synced there is other work to be done.
   */
  readonly syncAtOnceBytesMax: number;
  /** Each start begins a segment. A snapshot is wanted after this many, however little they hold. */
  readonly startsMax: number;
  /** A file of a snapshot that has reached this many bytes is followed by a part. */
  readonly snapshotFileBytesMax: number;
  /** So much of a snapshot is synced at a time, and nothing more is written meanwhile: syncs of the log wait for no more. */
  readonly snapshotPieceBytes: number;
  /** How much of a file recovery has in memory at a time. */
  readonly readSliceBytes: number;
  /** How much one `snapshotStep` draws: short enough that a turn does not notice. */
  readonly slice: { readonly recordsMax: number; readonly bytesMax: number };
}

export const journalLimits: JournalLimits = {
  segmentBytesMax: 16 * 1024 * 1024,
  snapshotFloorBytes: 16 * 1024 * 1024,
  snapshotFactor: 1,
  syncAtOnceBytesMax: 16 * 1024,
  startsMax: 64,
  snapshotFileBytesMax: 64 * 1024 * 1024,
  snapshotPieceBytes: 1024 * 1024,
  readSliceBytes: sliceBytesDefault,
  slice: { recordsMax: 256, bytesMax: 256 * 1024 },
};

/**
 * Logs of nodes that hold the same grow alike, and snapshots of all nodes at once would leave nobody to answer meanwhile: who
 * comes later in the cluster waits for a little more log, at most half as much again.
 */
export function inTurns(place: number, nodeCount: number): Partial<JournalLimits> {
  const more = 1 + place / (2 * nodeCount);
  return {
    snapshotFloorBytes: Math.round(journalLimits.snapshotFloorBytes * more),
    snapshotFactor: journalLimits.snapshotFactor * more,
  };
}

export interface JournalSetup<R> {
  readonly disk: Disk;
  readonly shape: Shape<R>;
  /** Whose journal it has to be. Goes into every file of a fresh one. */
  readonly owner: JournalOwner;
  /** This start's incarnation is at least this: for a node that begins anew under a name that its peers know. */
  readonly incarnationMin?: number;
  /** `always` when left out. */
  readonly sync?: SyncPolicy;
  /** Hears how far the log is durable, after each sync; with sync off, after each write. Must be quick. */
  readonly onReached?: (end: LogEnd) => void;
  /** What is left out is as in {@link journalLimits}. */
  readonly limits?: Partial<JournalLimits>;
}
