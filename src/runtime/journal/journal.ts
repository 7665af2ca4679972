/**
 * The write-ahead log: our own, because group commit is the whole game. One sync for 256 records makes a hundred times
 * as many records durable as a sync each.
 *
 * **Group commit.** An appended record is encoded at once into one buffer. `flush` writes the buffer as one frame and
 * starts a sync, unless one is under way; then everything appended by the time that one is done goes out as the next
 * frame. So there is never more than one frame on the disk that is not durable. That costs nothing (a write takes
 * microseconds, and would wait for the file's lock while it is synced), and it is what lets recovery tell a write cut
 * short from damage: see `recovery.ts`. A small write is synced before `flush` returns, where the disk is quick.
 *
 * **Files.** `00000007.wal` is the seventh segment of the log. `00000007.snapshot` stands for all segments before the
 * seventh; a large one goes on in `00000007.snapshot.0001` and so on. See `record-format.ts` for what is in them. A
 * segment is made under a temporary name and gets its own when its header is durable.
 *
 * **Identity.** Every file names its cluster, its node and the incarnation (the start of the node) that wrote it. A start
 * begins a new segment, and so makes its incarnation durable, before the node can answer anybody. Opening a journal of
 * another owner is refused (`JournalError`, `foreign`), as is opening one that is open already (`in use`).
 *
 * **Snapshots** are drawn while the node works, so one shows records of which the log may not be durable yet, and may
 * show a later record without an earlier one. It gets its name only once everything appended while it was drawn is
 * durable: then replaying the log over it fills what it missed.
 */
import { invariant } from '../../core/invariant.js';
import type { Shape } from '../../core/wire.js';
import { decodeAs } from '../cbor.js';
import { CborReader } from '../cbor-reader.js';
import type { Journal, JournalOwner, LogEnd, Position, Recovery } from '../ports.js';
import type { Disk } from './disk.js';
import { FrameBuffer, WrittenFile } from './frame-buffer.js';
import { diskFailure, JournalError, otherMode } from './journal-errors.js';
import { type JournalLimits, type JournalSetup, journalLimits } from './journal-setup.js';
import {
  type FileEnd,
  type FileHeader,
  fileName,
  parseFileName,
  temporaryName,
} from './record-format.js';
import { type RecoveredJournal, readJournal } from './recovery.js';
import { SnapshotWriter } from './snapshot-writer.js';

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
  readonly #owner: JournalOwner;
  readonly #incarnationMin: number;
  readonly #onReached: (end: LogEnd) => void;
  readonly #ordered: boolean;
  readonly #limits: JournalLimits;
  /** Of recovery: most of what it reads is copied once more, into a store. */
  readonly #reader = new CborReader(true);
  /** Appended, not yet written. */
  readonly #buffer = new FrameBuffer();
  #state: 'new' | 'open' | 'failed' | 'closed' = 'new';
  #appended: Position = 0;
  #durable: Position = 0;
  /** What was written last, durable or not, and where the log ended with it. */
  #written: Position = 0;
  #writtenEnd: LogEnd = { segment: 0, bytes: 0 };
  #syncCount = 0;
  #incarnation = 0;
  /** Since the last snapshot. */
  #starts = 0;
  /** Open from the end of recovery on. */
  #segment: WrittenFile | null = null;
  #nextSequence = 1;
  /** The next write begins a new segment. */
  #rotates = false;
  #syncing = false;
  /** A flush came while a sync was under way. */
  #flushAsked = false;
  #snapshot: SnapshotUnderWay<R> | null = null;
  #isSnapshotAsked = false;
  #snapshotBytes = 0;
  #logBytes = 0;
  #unlock = () => {};
  #onDurable = () => {};
  #onFailure = (error: Error): void => {
    throw error;
  };

  constructor(setup: JournalSetup<R>) {
    this.#disk = setup.disk;
    this.#shape = setup.shape;
    this.#owner = setup.owner;
    this.#incarnationMin = setup.incarnationMin ?? 1;
    this.#onReached = setup.onReached ?? (() => {});
    this.#ordered = (setup.sync ?? 'always') === 'always';
    this.#limits = { ...journalLimits, ...setup.limits };
  }

  get appended(): Position {
    return this.#appended;
  }

  get durable(): Position {
    return this.#durable;
  }

  get syncCount(): number {
    return this.#syncCount;
  }

  get logBytes(): number {
    return this.#logBytes;
  }

  get wantsSnapshot(): boolean {
    if (this.#state !== 'open' || this.#snapshot !== null) return false;
    if (this.#isSnapshotAsked) return true;
    const { snapshotFloorBytes, snapshotFactor, startsMax } = this.#limits;
    if (this.#starts > startsMax) return true;
    return this.#logBytes > Math.max(snapshotFloorBytes, this.#snapshotBytes * snapshotFactor);
  }

  get #end(): LogEnd {
    return { segment: this.#nextSequence - 1, bytes: this.#segment?.bytes ?? 0 };
  }

  onDurable(handler: () => void): void {
    this.#onDurable = handler;
  }

  onFailure(handler: (error: Error) => void): void {
    this.#onFailure = handler;
  }

  /** The next snapshot is wanted at once, however little there is to replace. */
  askForSnapshot(): void {
    this.#isSnapshotAsked = true;
  }

  /** As {@link Journal.recover}. Throws a `JournalError`: see `JournalProblem` for why. */
  recover(visit: (record: R) => void, accept: (recovery: Recovery) => void = () => {}): Recovery {
    invariant(this.#state === 'new', 'a journal is recovered once, before anything else');
    this.#unlock = this.#onDisk('lock', () => this.#disk.lock());
    try {
      const reading = {
        disk: this.#disk,
        owner: this.#owner,
        sliceBytes: this.#limits.readSliceBytes,
      };
      const found = this.#onDisk('read', () =>
        readJournal(reading, (cbor) => visit(this.#decode(cbor))),
      );
      const { isFresh, incarnation: previousIncarnation, cuts } = found;
      const incarnation = Math.max(previousIncarnation + 1, this.#incarnationMin);
      const end = { segment: found.nextSequence - 1, bytes: found.segments.at(-1)?.end.bytes ?? 0 };
      const recovery = { end, isFresh, previousIncarnation, incarnation, cuts };
      accept(recovery);
      this.#incarnation = incarnation;
      this.#onDisk('open', () => this.#resume(found));
      this.#state = 'open';
      return recovery;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  append(record: R): void {
    invariant(this.#state !== 'new', 'a journal is recovered before it is appended to');
    // A failed journal takes no more memory; the node learns of the failure by its handler.
    if (this.#state === 'open') this.#buffer.add(this.#shape, record);
    this.#appended++;
  }

  flush(): void {
    if (this.#state !== 'open') return;
    if (this.#syncing) this.#flushAsked = true;
    else this.#writeAndSync();
  }

  beginSnapshot(records: Iterable<R>): void {
    invariant(this.#snapshot === null, 'one snapshot at a time');
    this.#isSnapshotAsked = false;
    if (this.#state !== 'open') return;
    // What is appended but not yet written goes into the new segment with what follows. The snapshot shows it as well,
    // which does no harm: a record may be met twice.
    this.#rotates = true;
    this.#orFail(() => {
      const header = this.#header('snapshot', null);
      this.#snapshot = {
        writer: new SnapshotWriter(this.#disk, this.#shape, header, records, this.#limits),
        logBytesBefore: this.#logBytes,
        needed: null,
      };
    });
  }

  snapshotStep(): boolean {
    const snapshot = this.#snapshot;
    if (this.#state !== 'open' || snapshot === null || snapshot.needed !== null) return false;
    const { writer } = snapshot;
    if (writer.isBusy) return false;
    writer.draw();
    this.#orFail(() => writer.write((error) => this.#onSnapshotSynced(error)));
    if (!writer.isDrawn) return !writer.isBusy;
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
    this.#unlock();
  }

  #decode(cbor: Uint8Array): R {
    try {
      return decodeAs(this.#shape, cbor, this.#reader);
    } catch (cause) {
      throw otherMode(this.#disk, cause);
    }
  }

  /** Brings the disk into order and begins this start's segment. */
  #resume({ remove, segments, nextSequence, snapshotBytes }: RecoveredJournal): void {
    for (const name of remove) this.#disk.remove(name);
    let incarnation = 0;
    for (const [index, { header, end }] of segments.entries()) {
      this.#logBytes += end.bytes;
      if (header.incarnation > incarnation) this.#starts++;
      incarnation = header.incarnation;
      // Older segments were made durable before the next was begun, unless they were written with sync off.
      const isLast = index === segments.length - 1;
      if (!header.ordered || isLast) this.#disk.open(fileName(header), end.bytes).close();
    }
    this.#nextSequence = nextSequence;
    this.#snapshotBytes = snapshotBytes;
    this.#starts++;
    this.#beginSegment(segments.at(-1)?.end ?? null);
  }

  #writeAndSync(): void {
    if (this.#buffer.isEmpty) return;
    const isSmall = this.#buffer.length <= this.#limits.syncAtOnceBytesMax;
    try {
      const { file } = this.#writeBuffer();
      this.#written = this.#appended;
      this.#writtenEnd = this.#end;
      if (this.#ordered) {
        if (!isSmall || !file.syncIfQuick()) {
          this.#syncing = true;
          return file.sync(this.#onSynced);
        }
        this.#syncCount++;
      }
      this.#reachWritten();
    } catch (cause) {
      this.#fail('write', cause);
    }
  }

  #writeBuffer(): WrittenFile {
    const full = this.#current.bytes >= this.#limits.segmentBytesMax;
    if (this.#rotates || full) this.#rotate();
    const segment = this.#current;
    this.#logBytes += segment.append(this.#buffer);
    return segment;
  }

  get #current(): WrittenFile {
    invariant(this.#segment !== null, 'a journal that is open has a segment');
    return this.#segment;
  }

  /** With sync always, what the old segment holds is durable: nothing is written while a sync is under way. */
  #rotate(): void {
    const { file, checksum, bytes } = this.#current;
    file.close();
    this.#segment = null;
    this.#rotates = false;
    this.#beginSegment({ checksum, bytes });
  }

  /** Durable on return, with its name, so that no crash leaves a segment without a header. */
  #beginSegment(previous: FileEnd | null): void {
    const header = this.#header('log', previous);
    const temporary = temporaryName(header);
    const segment = new WrittenFile(this.#disk, temporary, header);
    this.#segment = segment;
    segment.file.syncNow();
    this.#disk.rename(temporary, fileName(header));
    this.#nextSequence++;
    this.#logBytes += segment.bytes;
  }

  #header(kind: FileHeader['kind'], previous: FileEnd | null): FileHeader {
    return {
      kind,
      sequence: this.#nextSequence,
      part: 0,
      owner: this.#owner,
      incarnation: this.#incarnation,
      ordered: this.#ordered,
      previous,
    };
  }

  readonly #onSynced = (error: Error | null): void => {
    if (this.#state !== 'open') return;
    this.#syncing = false;
    this.#syncCount++;
    if (error !== null) {
      // Not tried again: after a failed sync nobody knows what the disk holds of what was written before it.
      this.#fail('sync', error);
      return;
    }
    try {
      this.#reachWritten();
    } catch (cause) {
      this.#fail('write', cause);
    }
    if (this.#flushAsked) {
      this.#flushAsked = false;
      this.flush();
    }
    this.#onDurable();
  };

  #reachWritten(): void {
    this.#durable = this.#written;
    this.#onReached(this.#writtenEnd);
    this.#settleSnapshot();
  }

  #onSnapshotSynced(error: Error | null): void {
    if (this.#state !== 'open') return;
    this.#syncCount++;
    if (error === null) this.#orFail(() => this.#settleSnapshot());
    else this.#fail('sync', error);
  }

  /** Lets the snapshot take the place of what is older, when both it and the log it needs are durable. */
  #settleSnapshot(): void {
    const snapshot = this.#snapshot;
    if (snapshot === null || snapshot.needed === null) return;
    if (!snapshot.writer.isSynced || this.#durable < snapshot.needed) return;
    const { sequence } = snapshot.writer.header;
    // A snapshot never stands without the segment after it: a segment that is gone is always seen.
    if (this.#rotates) this.#rotate();
    snapshot.writer.publish();
    this.#snapshot = null;
    this.#snapshotBytes = snapshot.writer.bytes;
    this.#logBytes -= snapshot.logBytesBefore;
    this.#starts = 1;
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
    if (!(error instanceof JournalError)) throw error;
    this.#onFailure(error);
  }
}
