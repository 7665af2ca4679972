import type { Millis } from '../core/ids.js';
import type { Rejoin } from '../core/replica.js';
import type { Shape } from '../core/wire.js';
import { lossOf, type Mark, nextIncarnation } from '../runtime/admission.js';
import type { Disk } from '../runtime/journal/disk.js';
import { FileJournal } from '../runtime/journal/journal.js';
import type { JournalLimits, JournalSetup } from '../runtime/journal/journal-setup.js';
import { parseFileName } from '../runtime/journal/record-format.js';
import type { LogEnd, Recovery } from '../runtime/ports.js';
import { type CrashKind, SimDisk } from './disk.js';
import type { Storage } from './host.js';
import type { Process } from './process.js';
import type { Trace, TracedNode } from './trace.js';
import type { World } from './world.js';

/** How long a sync of the slowest disk takes at most; each disk is drawn, most are far faster. */
const syncMsMaxDefault: Millis = 60;

export interface SimStorageSetup<R> {
  readonly world: World;
  readonly node: TracedNode;
  readonly shape: Shape<R>;
  /** Longest sync of all such disks; most are far faster. */
  readonly syncMsMax?: Millis;
  /** A node that lacks what it had made durable starts, and is told so. */
  readonly copiesByItself?: boolean;
}

/** A machine's disk with a journal on it: the production journal, with limits so small that it rotates and snapshots. */
export class SimStorage<R extends { readonly type: string }> implements Storage<R> {
  readonly disk: SimDisk;
  readonly #setup: SimStorageSetup<R>;
  readonly #shape: Shape<R>;
  readonly #limits: Partial<JournalLimits>;
  #process: Process | null = null;
  /** Outlives every crash; see `runtime/admission.ts`. */
  #mark: Mark | null = null;
  /** The next starts are told that the node begins anew, until that is durable in its journal. */
  #order: { readonly removal: Rejoin['removal'] } | null = null;
  #incarnation = 0;
  #snapshots = 0;
  #tornTails = 0;
  #syncs = 0;
  #failedSyncs = 0;
  /** By type, those of snapshots too. */
  readonly #recordCounts = new Map<string, number>();

  constructor(setup: SimStorageSetup<R>) {
    const { world, shape, syncMsMax = syncMsMaxDefault } = setup;
    const random = world.random.fork();
    this.#setup = setup;
    this.#shape = {
      fromWire: (raw) => shape.fromWire(raw),
      toWire: (record) => {
        this.#recordCounts.set(record.type, (this.#recordCounts.get(record.type) ?? 0) + 1);
        return shape.toWire(record);
      },
    };
    this.#limits = {
      segmentBytesMax: 256 << random.below(6),
      snapshotFloorBytes: 512 << random.below(6),
      snapshotFileBytesMax: 1024,
      readSliceBytes: 512,
      slice: { recordsMax: 1 + random.below(8), bytesMax: 1024 },
    };
    this.disk = new SimDisk({
      random,
      syncMs: { min: 0.05, max: 0.1 + syncMsMax * random.next() ** 4 },
      schedule: (delayMs, run) => this.#schedule(delayMs, run),
    });
  }

  open(process: Process): FileJournal<R> {
    this.#process = process;
    const setup = {
      disk: this.#counted(),
      shape: this.#shape,
      owner: { cluster: 'sim', node: this.#setup.node.id },
      incarnationMin: nextIncarnation({ mark: this.#mark, seen: 0 }),
      limits: this.#limits,
      onReached: (end: LogEnd) => this.#note(end),
    };
    return new TracedJournal(setup, this.#setup.world.trace, this.#setup.node);
  }

  admit(recovery: Recovery): Rejoin | null {
    const { incarnation, end } = recovery;
    this.#incarnation = incarnation;
    if (this.#order !== null) return { incarnation, removal: this.#order.removal };
    const loss = lossOf(recovery, { mark: this.#mark, seen: 0 });
    if (loss === null) {
      this.#mark = { incarnation, end };
      return null;
    }
    if (this.#setup.copiesByItself !== true) {
      throw new Error(`lost what had been durable: ${JSON.stringify(loss)}`);
    }
    // Until it is durable that it copies, the loss must be seen again at every start.
    return { incarnation, removal: null };
  }

  /** What was here is put aside; the node that starts next begins anew. */
  beginAnew(removal: Rejoin['removal']): void {
    this.disk.wipe();
    this.#order = { removal };
  }

  /** The machine gets an empty disk. */
  lose(): void {
    this.disk.wipe();
  }

  #note(end: LogEnd): void {
    this.#order = null;
    this.#mark = { incarnation: this.#incarnation, end };
  }

  crash(how: CrashKind): void {
    this.disk.crash(how);
  }

  addFacts(totals: Map<string, number>): void {
    const add = (name: string, count: number) => totals.set(name, (totals.get(name) ?? 0) + count);
    add('syncs', this.#syncs);
    add('failed syncs', this.#failedSyncs);
    add('journal snapshots', this.#snapshots);
    add('torn tails cut', this.#tornTails);
    for (const [type, count] of this.#recordCounts) add(`record: ${type}`, count);
  }

  #schedule(delayMs: Millis, run: () => void): void {
    const { world, node } = this.#setup;
    const process = this.#process;
    world.trace.node('sync', node);
    world.after(delayMs, () =>
      process?.run(() => {
        if (this.disk.isBroken) this.#failedSyncs++;
        else this.#syncs++;
        world.trace.node('durable', node);
        run();
      }),
    );
  }

  /** The disk, with a count of what a test wants to know has happened. */
  #counted(): Disk {
    const { disk } = this;
    return {
      place: disk.place,
      lock: () => disk.lock(),
      list: () => disk.list(),
      size: (name) => disk.size(name),
      read: (name, offset, length) => disk.read(name, offset, length),
      create: (name) => disk.create(name),
      open: (name, length) => {
        if (disk.size(name) > length) this.#tornTails++;
        return disk.open(name, length);
      },
      rename: (from, to) => {
        if (parseFileName(to)?.kind === 'snapshot') this.#snapshots++;
        disk.rename(from, to);
      },
      remove: (name) => disk.remove(name),
    };
  }
}

class TracedJournal<R extends { readonly type: string }> extends FileJournal<R> {
  readonly #trace: Trace;
  readonly #node: TracedNode;

  constructor(setup: JournalSetup<R>, trace: Trace, node: TracedNode) {
    super(setup);
    this.#trace = trace;
    this.#node = node;
  }

  override append(record: R): void {
    this.#trace.persist(this.#node, this.appended, record);
    super.append(record);
  }
}
