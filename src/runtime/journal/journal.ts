/**
 * The write-ahead log: our own, because group commit is the whole game. One sync for 256 records makes a hundred times
 * as many records durable as a sync each.
 *
 * **Group commit.** An appended record is encoded at once into one buffer. `flush` writes the buffer as one frame and
 * starts a sync, unless one is under way; then everything appended by the time that one is done goes out as the next
 * frame. So there is never more than one frame on the disk that is not durable. That costs nothing (a write takes
 * microseconds, and would wait for the file's lock while it is synced), and it is what lets recovery tell a write cut
 * short from damage: see `recovery.ts`.
 *
 * **Files.** `00000007.wal` is the seventh segment of the log. `00000007.snapshot` stands for all segments before the
 * seventh. See `record-format.ts` for what is in them.
 *
 * **Snapshots** are drawn while the node works, so one shows records of which the log may not be durable yet, and may
 * show a later record without an earlier one. It gets its name only once everything appended while it was drawn is
 * durable: then replaying the log over it fills what it missed.
 */
import { KvxError } from '../../core/errors.js';
import { invariant } from '../../core/invariant.js';
import type { Shape } from '../../core/wire.js';
import { decodeCbor } from '../cbor.js';
import type { Journal, Position } from '../ports.js';
import type { Disk, DiskFile } from './disk.js';
import { FrameBuffer } from './frame-buffer.js';
import { diskFailure } from './journal-errors.js';
import {
  type FileIdentity,
  type FileKind,
  fileHeaderBytes,
  fileName,
  parseFileName,
  writeFileHeader,
} from './record-format.js';
import { type Recovered, readJournal } from './recovery.js';
import { type SliceLimits, SnapshotWriter } from './snapshot-writer.js';

/**
 * `always`: durable means that it survives a power cut. `off`: durable means handed to the operating system; a killed
 * process loses nothing, a power cut may lose any of it, and with it the order that a snapshot relies on.
 */
export type SyncPolicy = 'always' | 'off';

export interface JournalLimits {
  /** A segment that has reached this many bytes is followed by a new one. */
  readonly segmentBytesMax: number;
  /** No snapshot is wanted before the log has this many bytes... */
  readonly snapshotFloorBytes: number;
  /**
   * ...nor before it has this many times the bytes of the last snapshot. At 1, writing snapshots never takes more bytes
   * than writing the log, and what recovery reads is at most twice the state, or the floor.
   */
  readonly snapshotFactor: number;
  /** How much one `snapshotStep` draws: short enough that a turn does not notice. */
  readonly slice: SliceLimits;
}

export const journalLimits: JournalLimits = {
  segmentBytesMax: 16 * 1024 * 1024,
  snapshotFloorBytes: 4 * 1024 * 1024,
  snapshotFactor: 1,
  slice: { recordsMax: 256, bytesMax: 256 * 1024 },
};

export interface JournalSetup<R> {
  readonly disk: Disk;
  readonly shape: Shape<R>;
  /** `always` when left out. */
  readonly sync?: SyncPolicy;
  /** What is left out is as in {@link journalLimits}. */
  readonly limits?: Partial<JournalLimits>;
}

interface OpenSegment {
  readonly identity: FileIdentity;
  readonly file: DiskFile;
  length: number;
}

interface SnapshotUnderWay<R> {
  readonly writer: SnapshotWriter<R>;
  /** Log bytes that it will replace. */
  readonly logBytesBefore: number;
  /** What has to be durable before the snapshot may count; `null` while it is drawn. */
  needed: Position | null;
}

export class FileJournal<R> implements Journal<R> {
  readonly #disk: Disk;
  readonly #shape: Shape<R>;
  readonly #ordered: boolean;
  readonly #limits: JournalLimits;
  /** Appended, not yet written. */
  readonly #buffer = new FrameBuffer();
  #state: 'new' | 'open' | 'failed' | 'closed' = 'new';
  #appended: Position = 0;
  #durable: Position = 0;
  #segment: OpenSegment | null = null;
  #nextSequence = 1;
  /** The next write begins a new segment. */
  #rotates = false;
  #syncing = false;
  /** A flush came while a sync was under way. */
  #flushAsked = false;
  #snapshot: SnapshotUnderWay<R> | null = null;
  #snapshotBytes = 0;
  #logBytes = 0;
  #onDurable = () => {};
  #onFailure = (error: Error): void => {
    throw error;
  };

  constructor(setup: JournalSetup<R>) {
    this.#disk = setup.disk;
    this.#shape = setup.shape;
    this.#ordered = (setup.sync ?? 'always') === 'always';
    this.#limits = { ...journalLimits, ...setup.limits };
  }

  get appended(): Position {
    return this.#appended;
  }

  get durable(): Position {
    return this.#durable;
  }

  get logBytes(): number {
    return this.#logBytes;
  }

  get wantsSnapshot(): boolean {
    if (this.#state !== 'open' || this.#snapshot !== null) return false;
    const { snapshotFloorBytes, snapshotFactor } = this.#limits;
    return this.#logBytes > Math.max(snapshotFloorBytes, this.#snapshotBytes * snapshotFactor);
  }

  onDurable(handler: () => void): void {
    this.#onDurable = handler;
  }

  onFailure(handler: (error: Error) => void): void {
    this.#onFailure = handler;
  }

  /** Throws a definite `KvxError` (`cluster`) when the disk fails or what is on it can't be trusted. */
  recover(visit: (record: R) => void): void {
    invariant(this.#state === 'new', 'a journal is recovered once, before anything else');
    const recovered = this.#onDisk('read', () =>
      readJournal(this.#disk, (cbor) => visit(this.#decode(cbor))),
    );
    this.#onDisk('open', () => this.#resume(recovered));
    this.#state = 'open';
  }

  append(record: R): void {
    invariant(this.#state !== 'new', 'a journal is recovered before it is appended to');
    // A failed journal takes no more memory; the node learns of the failure by its handler.
    if (this.#state === 'open') this.#buffer.add(this.#shape.toWire(record));
    this.#appended++;
  }

  flush(): void {
    if (this.#state !== 'open') return;
    if (this.#syncing) this.#flushAsked = true;
    else this.#writeAndSync();
  }

  beginSnapshot(records: Iterable<R>): void {
    invariant(this.#snapshot === null, 'one snapshot at a time');
    if (this.#state !== 'open') return;
    // What is appended but not yet written goes into the new segment with what follows. The snapshot shows it as well,
    // which does no harm: a record may be met twice.
    this.#rotates = this.#segment !== null;
    this.#orFail(() => {
      const { slice } = this.#limits;
      const identity = this.#identify('snapshot');
      this.#snapshot = {
        writer: new SnapshotWriter(this.#disk, this.#shape, identity, records, slice),
        logBytesBefore: this.#logBytes,
        needed: null,
      };
    });
  }

  snapshotStep(): boolean {
    const snapshot = this.#snapshot;
    if (this.#state !== 'open' || snapshot === null || snapshot.needed !== null) return false;
    const { writer } = snapshot;
    writer.draw();
    this.#orFail(() => {
      writer.write();
      if (writer.isDrawn) writer.sync((error) => this.#onSnapshotSynced(error));
    });
    if (!writer.isDrawn) return true;
    snapshot.needed = this.#appended;
    this.flush();
    return false;
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#segment?.file.close();
    this.#snapshot?.writer.close();
    this.#buffer.clear();
  }

  #decode(cbor: Uint8Array): R {
    try {
      return this.#shape.fromWire(decodeCbor(cbor));
    } catch (cause) {
      const what = cause instanceof Error ? cause.message : String(cause);
      const error = new KvxError(
        `the journal in ${this.#disk.place} holds a record that is none of this mode's: ${what}`,
        {
          code: 'cluster',
          definite: true,
          hint: 'Start it with the mode and the version of kvx that wrote it.',
        },
      );
      error.cause = cause;
      throw error;
    }
  }

  /** Brings the disk into order and goes on where the log ends. */
  #resume({ remove, segments, nextSequence, snapshotBytes }: Recovered): void {
    for (const name of remove) this.#disk.remove(name);
    for (const [index, { identity, length }] of segments.entries()) {
      this.#logBytes += length;
      const isLast = index === segments.length - 1;
      // Older segments were made durable before the next was begun, unless they were written with sync off.
      if (identity.ordered && !isLast) continue;
      const file = this.#disk.open(fileName(identity), length);
      // A segment says in its header how it is written, so a change of policy begins a new one.
      if (isLast && identity.ordered === this.#ordered) this.#segment = { identity, file, length };
      else file.close();
    }
    this.#nextSequence = nextSequence;
    this.#snapshotBytes = snapshotBytes;
  }

  #writeAndSync(): void {
    if (this.#buffer.isEmpty) return;
    const reached = this.#appended;
    this.#orFail(() => {
      const segment = this.#writeBuffer();
      if (this.#ordered) {
        this.#syncing = true;
        segment.file.sync((error) => this.#onSynced(error, reached));
      } else {
        this.#durable = reached;
        this.#settleSnapshot();
      }
    });
  }

  #writeBuffer(): OpenSegment {
    const full = this.#segment !== null && this.#segment.length >= this.#limits.segmentBytesMax;
    if (this.#rotates || full) this.#closeSegment();
    this.#segment ??= this.#beginSegment();
    const segment = this.#segment;
    const frame = this.#buffer.seal(segment.identity, segment.length);
    segment.file.append(frame);
    segment.length += frame.length;
    this.#logBytes += frame.length;
    this.#buffer.clear();
    return segment;
  }

  /** With sync always, what it holds is durable: nothing is written while a sync is under way. */
  #closeSegment(): void {
    this.#segment?.file.close();
    this.#segment = null;
    this.#rotates = false;
  }

  #beginSegment(): OpenSegment {
    const identity = this.#identify('log');
    const file = this.#disk.create(fileName(identity));
    this.#nextSequence++;
    file.append(writeFileHeader(identity));
    this.#logBytes += fileHeaderBytes;
    return { identity, file, length: fileHeaderBytes };
  }

  #identify(kind: FileKind): FileIdentity {
    return { kind, sequence: this.#nextSequence, ordered: this.#ordered };
  }

  #onSynced(error: Error | null, reached: Position): void {
    if (this.#state !== 'open') return;
    this.#syncing = false;
    if (error !== null) {
      // Not tried again: after a failed sync nobody knows what the disk holds of what was written before it.
      this.#fail('sync', error);
      return;
    }
    this.#durable = reached;
    this.#orFail(() => this.#settleSnapshot());
    if (this.#flushAsked) {
      this.#flushAsked = false;
      this.flush();
    }
    this.#onDurable();
  }

  #onSnapshotSynced(error: Error | null): void {
    if (this.#state !== 'open') return;
    if (error === null) this.#orFail(() => this.#settleSnapshot());
    else this.#fail('sync', error);
  }

  /** Lets the snapshot take the place of what is older, when both it and the log it needs are durable. */
  #settleSnapshot(): void {
    const snapshot = this.#snapshot;
    if (snapshot === null || snapshot.needed === null) return;
    if (!snapshot.writer.isSynced || this.#durable < snapshot.needed) return;
    const { sequence } = snapshot.writer.identity;
    snapshot.writer.publish();
    this.#snapshot = null;
    this.#snapshotBytes = snapshot.writer.bytes;
    this.#logBytes -= snapshot.logBytesBefore;
    if (this.#rotates) this.#closeSegment();
    for (const name of this.#disk.list()) {
      const file = parseFileName(name);
      if (file !== null && file.sequence < sequence) this.#disk.remove(name);
    }
  }

  #onDisk<T>(doing: string, action: () => T): T {
    try {
      return action();
    } catch (cause) {
      throw diskFailure(this.#disk, doing, cause);
    }
  }

  #orFail(action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.#fail('write', cause);
    }
  }

  /** Throws `cause` when it is no failure of the disk. */
  #fail(doing: string, cause: unknown): void {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    this.#buffer.clear();
    const error = diskFailure(this.#disk, doing, cause);
    if (!(error instanceof KvxError)) throw error;
    this.#onFailure(error);
  }
}
