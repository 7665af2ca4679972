import { power } from '../core/alike.js';
import { definiteError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import type { Rejoin } from '../core/replica.js';
import type { Shape } from '../core/wire.js';
import type { DiskFaults } from '../faults/active.js';
import type { CrashKind } from '../faults/fault.js';
import { lossOf, lossWords, type Mark, nextIncarnation } from '../runtime/admission.js';
import type { Disk } from '../runtime/journal/disk.js';
import { FaultyDisk } from '../runtime/journal/faulty-disk.js';
import { FileJournal } from '../runtime/journal/journal.js';
import type { JournalLimits, JournalSetup } from '../runtime/journal/journal-setup.js';
import type { Journal, LogEnd, Recovery } from '../runtime/ports.js';
import { type DiskImage, SimDisk, type UnsyncedFate } from './disk.js';
import { nodeLane } from './event-order.js';
import { Happening } from './event-queue.js';
import type { Storage } from './host-setup.js';
import type { Process } from './process.js';
import { hashed, type Trace, type TracedNode } from './trace.js';
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
  /** Has a sync end after so long; virtual time does when it is left out. */
  readonly after?: (delayMs: Millis, end: () => void) => void;
  /** What is left out is drawn, so small that the journal rotates and snapshots. */
  readonly limits?: Partial<JournalLimits>;
}

/** A machine's disk with a journal on it: the production journal, with limits so small that it rotates and snapshots. */
export class SimStorage<R extends { readonly type: string }> implements Storage<R> {
  readonly disk: SimDisk;
  readonly #setup: SimStorageSetup<R>;
  readonly #shape: Shape<R>;
  readonly #limits: Partial<JournalLimits>;
  #process: Process | null = null;
  /** The disk as the present incarnation sees it. */
  #faulty: FaultyDisk | null = null;
  #faults: DiskFaults = {};
  /** Undoes what is damaged. */
  #mend: (() => void) | null = null;
  #journal: TracedJournal<R> | null = null;
  /** Outlives every crash; see `runtime/admission.ts`. */
  #mark: Mark | null = null;
  /** The next starts are told that the node begins anew, until that is durable in its journal. */
  #order: { readonly removal: Rejoin['removal'] } | null = null;
  #incarnation = 0;
  /** The mark of a start that has not come to its end. */
  #begun: Mark | null = null;
  #snapshots = 0;
  #tornTails = 0;
  readonly #counts = { syncs: 0 };
  /** By type, those of snapshots too. */
  readonly #recordCounts = new Map<string, { count: number }>();

  constructor(setup: SimStorageSetup<R>) {
    const { world, shape, syncMsMax = syncMsMaxDefault } = setup;
    const random = world.chance(`disk ${setup.node.id}`);
    this.#setup = setup;
    this.#shape = {
      ...shape,
      write: (record, sink) => {
        const counted = this.#recordCounts.get(record.type);
        if (counted === undefined) this.#recordCounts.set(record.type, { count: 1 });
        else counted.count++;
        shape.write(record, sink);
      },
    };
    this.#limits = {
      segmentBytesMax: 256 << random.below(6),
      snapshotFloorBytes: 512 << random.below(6),
      snapshotFileBytesMax: 1024,
      readSliceBytes: 512,
      slice: { recordsMax: 1 + random.below(8), bytesMax: 1024 },
      ...setup.limits,
    };
    this.disk = new SimDisk({
      random,
      syncMs: { min: 0.05, max: 0.1 + syncMsMax * power(random.next(), 4) },
      schedule: (delayMs, run) => this.#schedule(delayMs, run),
    });
  }

  open(process: Process): Journal<R> {
    this.#process = process;
    const { world, node } = this.#setup;
    this.#faulty = new FaultyDisk(this.#counted(), {
      now: () => world.now,
      at: (time, run) => world.at(time, () => process.run(run), nodeLane(node.index)),
    });
    this.#faulty.setFaults(this.#faults);
    const setup = {
      disk: this.#faulty,
      shape: this.#shape,
      owner: { cluster: 'sim', node: this.#setup.node.id },
      incarnationMin: nextIncarnation({ mark: this.#mark, seen: 0 }),
      limits: this.#limits,
      onReached: (end: LogEnd) => this.#note(end),
    };
    this.#journal = new TracedJournal(setup, { trace: world.trace, node, process });
    return this.#journal;
  }

  setFaults(faults: DiskFaults): void {
    this.#faults = faults;
    this.#faulty?.setFaults(faults);
    if (faults.isDamaged) this.#mend ??= this.disk.rot();
    else {
      this.#mend?.();
      this.#mend = null;
    }
  }

  admit(recovery: Recovery, mayHaveLost: boolean): Rejoin | null {
    const { incarnation, end } = recovery;
    this.#incarnation = incarnation;
    this.#begun = null;
    if (this.#order !== null) return { incarnation, removal: this.#order.removal };
    const loss = lossOf(recovery, { mark: this.#mark, seen: 0 });
    if (loss === null || mayHaveLost) {
      this.#begun = { incarnation, end };
      return null;
    }
    if (this.#setup.copiesByItself !== true) {
      throw definiteError('cluster', lossWords(this.#setup.node.id, loss, this.disk.place));
    }
    // Until it is durable that it copies, the loss must be seen again at every start.
    return { incarnation, removal: null };
  }

  /** The journal is recovered, and its incarnation is durable. */
  started(): void {
    this.#mark = this.#begun ?? this.#mark;
    this.#begun = null;
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

  /** The machine gets another disk, and nobody can tell: as if all had been restored from a backup. */
  replaceDisk(image: DiskImage): void {
    this.disk.replace(image);
    this.#mark = null;
  }

  #note(end: LogEnd): void {
    this.#order = null;
    this.#mark = { incarnation: this.#incarnation, end };
    const { world, node } = this.#setup;
    world.trace.note(hashed.durable, node.index, this.#journal?.durable ?? 0);
  }

  crash(how: CrashKind, unsynced?: UnsyncedFate): void {
    this.disk.crash(how, unsynced ?? this.#faults.unsynced);
  }

  /** A snapshot begins at the end of the next turn, however little there is to replace. */
  askForSnapshot(): void {
    this.#journal?.askForSnapshot();
  }

  addFacts(totals: Map<string, number>): void {
    const add = (name: string, count: number) => totals.set(name, (totals.get(name) ?? 0) + count);
    add('syncs', this.#counts.syncs);
    add('journal snapshots', this.#snapshots);
    add('torn tails cut', this.#tornTails);
    for (const [type, { count }] of this.#recordCounts) add(`record: ${type}`, count);
  }

  #schedule(delayMs: Millis, run: () => void): void {
    const { world, node, after } = this.#setup;
    const end = new SyncEnd(this.#process, this.#counts, run);
    world.trace.note(hashed.sync, node.index);
    if (after !== undefined) after(delayMs, () => end.happen());
    else world.schedule(world.now + delayMs, end, nodeLane(node.index));
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
      create: (name, reserves) => disk.create(name, reserves),
      open: (name, length) => {
        if (disk.size(name) > length) this.#tornTails++;
        return disk.open(name, length);
      },
      rename: (from, to) => {
        if (to.endsWith('.snapshot')) this.#snapshots++;
        disk.rename(from, to);
      },
      remove: (name) => disk.remove(name),
    };
  }
}

/** A sync comes to its end while its process lives. */
class SyncEnd extends Happening {
  readonly #process: Process | null;
  readonly #counts: { syncs: number };
  readonly #run: () => void;

  constructor(process: Process | null, counts: { syncs: number }, run: () => void) {
    super();
    this.#process = process;
    this.#counts = counts;
    this.#run = run;
  }

  happen(): void {
    if (this.#process?.takes(this) !== true) return;
    this.#counts.syncs++;
    this.#run();
  }
}

interface Traced {
  readonly trace: Trace;
  readonly node: TracedNode;
  readonly process: Process;
}

class TracedJournal<R extends { readonly type: string }> extends FileJournal<R> {
  readonly #traced: Traced;

  constructor(setup: JournalSetup<R>, traced: Traced) {
    super(setup);
    this.#traced = traced;
  }

  override append(record: R): void {
    const { trace, node, process } = this.#traced;
    // A process that dies within a turn does not know it before the turn ends.
    if (process.isAlive) trace.note(hashed.persist, node.index, this.appended);
    super.append(record);
  }
}
