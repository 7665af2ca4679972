import type { Millis } from '../core/ids.js';
import type { Shape } from '../core/wire.js';
import { lossOf, type Mark } from '../runtime/admission.js';
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
const syncMsMaxDefault = 60;

export interface SimStorageSetup<R> {
  readonly world: World;
  readonly node: TracedNode;
  readonly shape: Shape<R>;
  readonly syncMsMax?: Millis;
}

/** A machine's disk with a journal on it: the production journal, with limits so small that it rotates and snapshots. */
export class SimStorage<R extends { readonly type: string }> implements Storage<R> {
  readonly #world: World;
  readonly #node: TracedNode;
  readonly #shape: Shape<R>;
  readonly #disk: SimDisk;
  readonly #limits: Partial<JournalLimits>;
  #process: Process | null = null;
  /** Outlives every crash; see `runtime/admission.ts`. */
  #mark: Mark | null = null;
  #snapshots = 0;
  #tornTails = 0;
  #syncs = 0;
  /** By type, those of snapshots too. */
  readonly #recordCounts = new Map<string, number>();

  constructor({ world, node, shape, syncMsMax = syncMsMaxDefault }: SimStorageSetup<R>) {
    const random = world.random.fork();
    this.#world = world;
    this.#node = node;
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
    this.#disk = new SimDisk({
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
      owner: { cluster: 'sim', node: this.#node.id },
      limits: this.#limits,
      onReached: (end: LogEnd) => this.#note(end),
    };
    return new TracedJournal(setup, this.#world.trace, this.#node);
  }

  admit(recovery: Recovery): void {
    const loss = lossOf(recovery, { mark: this.#mark, seen: 0 });
    if (loss !== null) throw new Error(`lost what had been durable: ${JSON.stringify(loss)}`);
    this.#mark = { incarnation: recovery.incarnation, end: recovery.end };
  }

  /** The machine gets an empty disk. */
  lose(): void {
    for (const name of this.#disk.list()) this.#disk.remove(name);
  }

  #note(end: LogEnd): void {
    this.#mark = { incarnation: this.#mark?.incarnation ?? 0, end };
  }

  crash(how: CrashKind): void {
    this.#disk.crash(how);
  }

  addFacts(totals: Map<string, number>): void {
    const add = (name: string, count: number) => totals.set(name, (totals.get(name) ?? 0) + count);
    add('syncs', this.#syncs);
    add('journal snapshots', this.#snapshots);
    add('torn tails cut', this.#tornTails);
    for (const [type, count] of this.#recordCounts) add(`record: ${type}`, count);
  }

  #schedule(delayMs: Millis, run: () => void): void {
    const process = this.#process;
    this.#world.trace.node('sync', this.#node);
    this.#world.after(delayMs, () =>
      process?.run(() => {
        this.#syncs++;
        this.#world.trace.node('durable', this.#node);
        run();
      }),
    );
  }

  /** The disk, with a count of what a test wants to know has happened. */
  #counted(): Disk {
    const disk = this.#disk;
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
