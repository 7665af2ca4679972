/**
 * A node reduced to what a journal must bring back: a counter a key, each written by one record. Beside it the whole
 * history, so that what is recovered can be compared with what could be.
 */
import { expect } from 'vitest';
import * as wire from '../../src/core/wire.js';
import type { CrashKind } from '../../src/faults/fault.js';
import type { Disk } from '../../src/runtime/journal/disk.js';
import { FileJournal } from '../../src/runtime/journal/journal.js';
import type { JournalSetup } from '../../src/runtime/journal/journal-setup.js';

export type ModelRecord =
  | {
      readonly type: 'set';
      readonly key: string;
      readonly stamp: number;
      readonly value: Uint8Array;
    }
  | { readonly type: 'state'; readonly key: string; readonly stamp: number };

export const modelShape = wire.union<ModelRecord>({
  set: { key: wire.text, stamp: wire.count, value: wire.value },
  state: { key: wire.text, stamp: wire.count },
});

/** Small, so that a few records reach every path. */
export const smallLimits = {
  segmentBytesMax: 400,
  snapshotFloorBytes: 600,
  syncAtOnceBytesMax: 200,
  slice: { recordsMax: 2, bytesMax: 1000 },
  snapshotFileBytesMax: 200,
  snapshotPieceBytes: 120,
  readSliceBytes: 37,
};

export const owner = { cluster: 'c1', node: 'n1' };

export type ModelSetup = Partial<JournalSetup<ModelRecord>>;

export function openJournal(disk: Disk, setup: ModelSetup = {}): FileJournal<ModelRecord> {
  return new FileJournal({ disk, shape: modelShape, limits: smallLimits, owner, ...setup });
}

export function recordOf(stamp: number, bytes = 8): ModelRecord {
  return { type: 'set', key: keyOf(stamp), stamp, value: new Uint8Array(bytes).fill(stamp) };
}

/** Whether this is what {@link recordOf} made. (Comparing large values with `toEqual` takes seconds.) */
export function isIntact(record: ModelRecord): boolean {
  if (record.type !== 'set') return false;
  const { key, value } = recordOf(record.stamp, record.value.length) as typeof record;
  return record.key === key && Buffer.compare(record.value, value) === 0;
}

/** Few keys, so that later records replace what earlier ones wrote. */
function keyOf(stamp: number): string {
  return `k${(stamp * 7) % 6}`;
}

export class ModelNode {
  journal: FileJournal<ModelRecord>;
  readonly #setup: ModelSetup;
  /** Last stamp appended by this incarnation or recovered by it. */
  #appended = 0;
  /** Last stamp that recovery brought back: as good as durable. */
  #recovered = 0;
  readonly #state = new Map<string, number>();

  constructor(disk: Disk, setup: ModelSetup = {}) {
    this.#setup = setup;
    this.journal = openJournal(disk, setup);
  }

  append(count: number, bytes: number): void {
    for (let index = 0; index < count; index++) {
      const record = recordOf(++this.#appended, bytes);
      this.#state.set(record.key, record.stamp);
      this.journal.append(record);
    }
    expect(this.#recovered + this.journal.appended).toBe(this.#appended);
  }

  /** Appends a record beside each slice that it draws; false when it can draw no more at present. */
  drawSnapshot(bytes: number): void {
    while (this.journal.snapshotStep()) this.append(1, bytes);
  }

  beginSnapshot(): void {
    this.journal.beginSnapshot(this.#draw());
  }

  /** Another incarnation, on what a crash left; checks that it is what it has to be. */
  restart(disk: Disk, crash: CrashKind = 'kill'): void {
    // With sync off nothing that this incarnation wrote is promised to survive a power cut.
    const isPromised = crash === 'kill' || this.#setup.sync !== 'off';
    const durable = this.#recovered + (isPromised ? this.journal.durable : 0);
    this.journal.close();
    const journal = openJournal(disk, this.#setup);
    const found: ModelRecord[] = [];
    journal.recover((record) => found.push(record));
    this.#recovered = this.#check(found, durable);
    this.#appended = this.#recovered;
    this.#state.clear();
    for (let stamp = 1; stamp <= this.#recovered; stamp++) this.#state.set(keyOf(stamp), stamp);
    this.journal = journal;
  }

  /** Returns the last stamp found. */
  #check(found: readonly ModelRecord[], durable: number): number {
    const log = found.filter((record) => record.type === 'set');
    const snapshot = found.slice(0, found.length - log.length);
    expect(snapshot.every((record) => record.type === 'state')).toBe(true);
    const first = log[0]?.stamp ?? 0;
    expect(log.map((record) => record.stamp)).toEqual(log.map((_, index) => first + index));
    expect(log.every(isIntact)).toBe(true);
    const last = Math.max(0, ...found.map((record) => record.stamp));
    expect(last).toBeGreaterThanOrEqual(durable);
    expect(last).toBeLessThanOrEqual(this.#appended);
    // A snapshot may run ahead of the log it stands beside, but then the log catches up with it.
    expect(stateOf(found)).toEqual(stateAfter(last));
    return last;
  }

  /** Lazily, as a replica does: a key drawn later shows what was written meanwhile. */
  *#draw(): Generator<ModelRecord> {
    for (const [key, stamp] of this.#state) yield { type: 'state', key, stamp };
  }
}

function stateOf(found: readonly ModelRecord[]): Map<string, number> {
  const state = new Map<string, number>();
  for (const { key, stamp } of found) state.set(key, Math.max(stamp, state.get(key) ?? 0));
  return sorted(state);
}

function stateAfter(last: number): Map<string, number> {
  const state = new Map<string, number>();
  for (let stamp = 1; stamp <= last; stamp++) state.set(keyOf(stamp), stamp);
  return sorted(state);
}

function sorted(state: Map<string, number>): Map<string, number> {
  return new Map([...state].sort());
}
