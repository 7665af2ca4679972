import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KvxError } from '../../src/core/errors.js';
import type { CrashKind } from '../../src/sim/disk.js';
import {
  contents,
  copyFiles,
  type DiskHarness,
  type MakeDiskHarness,
  until,
  writeFile,
} from './disk-harness.js';
import { Blown, FusedDisk } from './fused-disk.js';
import {
  isIntact,
  ModelNode,
  type ModelRecord,
  type ModelSetup,
  openJournal,
  recordOf,
} from './journal-model.js';

/** How much of the slow tests a disk can afford. */
export interface Effort {
  /** Runs of each property. */
  readonly runs: number;
  /** Every so many bytes one is damaged. */
  readonly damageStride: number;
}

/** What the `Journal` port promises, over a `Disk`. */
export function describeJournal(name: string, makeHarness: MakeDiskHarness, effort: Effort): void {
  describe(`FileJournal on ${name}`, () => {
    describe('in good times', () => describeContract(makeHarness));
    describe('after crashes', () => describeCrashes(makeHarness, effort));
    describe('damaged', () => describeDamage(makeHarness, effort));
  });
}

function describeContract(makeHarness: MakeDiskHarness): void {
  let harness: DiskHarness;
  beforeEach(() => {
    harness = makeHarness(1);
  });
  afterEach(() => harness.dispose());

  const opened = (setup?: ModelSetup) => {
    const journal = openJournal(harness.disk, setup);
    const found: ModelRecord[] = [];
    journal.recover((record) => found.push(record));
    return { journal, found };
  };

  it('brings back what was flushed, in order', async () => {
    const { journal, found } = opened();
    expect(found).toEqual([]);
    const records = [1, 2, 3].map((stamp) => recordOf(stamp));
    for (const record of records) journal.append(record);
    journal.flush();
    await until(harness, () => journal.durable === 3);
    journal.close();
    harness.crash('kill');
    expect(opened().found).toEqual(records);
  });

  it('counts positions from its opening', async () => {
    const first = opened().journal;
    first.append(recordOf(1));
    first.flush();
    await until(harness, () => first.durable === 1);
    first.close();
    const { journal } = opened();
    expect([journal.appended, journal.durable]).toEqual([0, 0]);
  });

  it('is not durable before the sync has called back, then calls', async () => {
    const { journal } = opened();
    const seen: number[] = [];
    journal.onDurable(() => seen.push(journal.durable));
    journal.append(recordOf(1));
    journal.flush();
    expect(journal.durable).toBe(0);
    expect(seen).toEqual([]);
    await until(harness, () => seen.length > 0);
    expect(seen).toEqual([1]);
  });

  it('lets everything appended during a sync share the next one', async () => {
    const { journal } = opened();
    const seen: number[] = [];
    journal.onDurable(() => seen.push(journal.durable));
    journal.append(recordOf(1));
    journal.flush();
    for (let stamp = 2; stamp <= 256; stamp++) {
      journal.append(recordOf(stamp));
      journal.flush();
    }
    await until(harness, () => journal.durable === 256);
    expect(seen).toEqual([1, 256]);
  });

  it('does not write what nobody asked to flush', async () => {
    const { journal } = opened();
    journal.append(recordOf(1));
    journal.flush();
    journal.append(recordOf(2));
    await until(harness, () => journal.durable === 1);
    journal.close();
    harness.crash('kill');
    expect(opened().found).toEqual([recordOf(1)]);
  });

  it('takes a value of the largest size', async () => {
    const { journal } = opened();
    const large = recordOf(1, 1024 * 1024);
    journal.append(large);
    journal.append(recordOf(2));
    journal.flush();
    await until(harness, () => journal.durable === 2);
    journal.close();
    const { found } = opened();
    expect(found.map(isIntact)).toEqual([true, true]);
    expect(found.map((record) => record.stamp)).toEqual([1, 2]);
  });

  it('copies bytes out of the file: a small value pins no more than itself', async () => {
    const { journal } = opened();
    journal.append(recordOf(1));
    journal.flush();
    await until(harness, () => journal.durable === 1);
    journal.close();
    const [record] = opened().found;
    expect(record?.type === 'set' && record.value.buffer.byteLength).toBe(8);
  });

  it('with sync off, is durable when flush returns, and survives a kill', () => {
    const { journal } = opened({ sync: 'off' });
    journal.append(recordOf(1));
    journal.flush();
    expect(journal.durable).toBe(1);
    journal.close();
    harness.crash('kill');
    expect(opened({ sync: 'off' }).found).toEqual([recordOf(1)]);
  });

  it('begins a new segment when the policy changes', async () => {
    const unsynced = opened({ sync: 'off' }).journal;
    unsynced.append(recordOf(1));
    unsynced.flush();
    unsynced.close();
    const { journal } = opened({ sync: 'always' });
    journal.append(recordOf(2));
    journal.flush();
    await until(harness, () => journal.durable === 1);
    journal.close();
    expect(harness.disk.list().sort()).toEqual(['00000001.wal', '00000002.wal']);
    expect(opened().found).toEqual([recordOf(1), recordOf(2)]);
  });

  it('drops its past when a snapshot is complete', async () => {
    const node = new ModelNode(harness.disk);
    node.restart(harness.disk);
    expect(node.journal.wantsSnapshot).toBe(false);
    while (!node.journal.wantsSnapshot) {
      node.append(3, 8);
      node.journal.flush();
      await until(harness, () => node.journal.durable === node.journal.appended);
    }
    const bytesBefore = node.journal.logBytes;
    expect(bytesBefore).toBeGreaterThan(600);
    node.beginSnapshot();
    expect(node.journal.wantsSnapshot).toBe(false);
    while (node.journal.snapshotStep()) node.append(1, 8);
    await until(harness, () => harness.disk.list().some((file) => file.endsWith('.snapshot')));
    expect(node.journal.logBytes).toBeLessThan(bytesBefore);
    expect(harness.disk.list()).not.toContain('00000001.wal');
    expect(harness.disk.list().filter((file) => file.endsWith('.tmp'))).toEqual([]);
    node.append(2, 8);
    node.journal.flush();
    await until(harness, () => node.journal.durable === node.journal.appended);
    node.restart(harness.disk);
  });

  it('leaves alone what is not its own', () => {
    writeFile(harness.disk, 'node.log', new Uint8Array(5));
    opened();
    expect(harness.disk.list()).toEqual(['node.log']);
  });

  it('does not take a bug of the visitor for a failure of the disk', async () => {
    const { journal } = opened();
    journal.append(recordOf(1));
    journal.flush();
    await until(harness, () => journal.durable === 1);
    journal.close();
    const bug = new Error('bug');
    expect(() =>
      openJournal(harness.disk).recover(() => {
        throw bug;
      }),
    ).toThrow(bug);
  });
}

type Step =
  | { readonly type: 'append'; readonly count: number; readonly bytes: number }
  | { readonly type: 'flush' | 'pass' | 'settle' | 'begin' | 'draw' }
  | { readonly type: 'arm'; readonly calls: number }
  | { readonly type: 'crash'; readonly kind: CrashKind };

function anyStep(crashes: readonly CrashKind[]): fc.Arbitrary<Step> {
  const plain = (type: 'flush' | 'pass' | 'settle' | 'begin' | 'draw') =>
    fc.constant<Step>({ type });
  const crash = fc.constantFrom(...crashes).map<Step>((kind) => ({ type: 'crash', kind }));
  // A crash between two calls needs a disk that throws from within: only the simulated one.
  const arm = fc.nat(8).map<Step>((calls) => ({ type: 'arm', calls }));
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant('append' as const),
        count: fc.integer({ min: 1, max: 4 }),
        bytes: fc.constantFrom(0, 8, 100, 700),
      }),
    },
    { weight: 4, arbitrary: plain('flush') },
    { weight: 4, arbitrary: plain('pass') },
    { weight: 2, arbitrary: plain('settle') },
    { weight: 2, arbitrary: plain('begin') },
    { weight: 5, arbitrary: plain('draw') },
    { weight: 2, arbitrary: crash },
    ...(crashes.includes('power') ? [{ weight: 1, arbitrary: arm }] : []),
  );
}

/** One run of a property: a node, restarted after each crash, which checks what it finds. */
class CrashRun {
  readonly #harness: DiskHarness;
  readonly #disk: FusedDisk | null;
  readonly #node: ModelNode;

  constructor(harness: DiskHarness, setup: ModelSetup) {
    this.#harness = harness;
    this.#disk = harness.crashes.includes('power') ? new FusedDisk(harness.disk) : null;
    this.#node = new ModelNode(this.#present, setup);
  }

  async run(steps: readonly Step[]): Promise<void> {
    this.#restart('kill');
    for (const step of steps) {
      try {
        await this.#step(step);
      } catch (error) {
        if (!(error instanceof Blown)) throw error;
        this.#crash('power');
      }
    }
    this.#crash(this.#harness.crashes.at(-1) as CrashKind);
    // And what was recovered stays, whatever comes.
    this.#crash(this.#harness.crashes.at(-1) as CrashKind);
  }

  get #present() {
    return this.#disk ?? this.#harness.disk;
  }

  async #step(step: Step): Promise<void> {
    const { journal } = this.#node;
    if (step.type === 'append') this.#node.append(step.count, step.bytes);
    else if (step.type === 'flush') journal.flush();
    else if (step.type === 'begin') this.#begin();
    else if (step.type === 'draw') journal.snapshotStep();
    else if (step.type === 'arm') this.#disk?.arm(step.calls);
    else if (step.type === 'crash') this.#crash(step.kind);
    else if (step.type === 'settle') await this.#settle();
    else await this.#harness.pass().catch(unlessIdle);
  }

  #begin(): void {
    const isUnderWay = this.#present.list().some((name) => name.endsWith('.tmp'));
    if (!isUnderWay) this.#node.beginSnapshot();
  }

  #settle(): Promise<void> {
    const { journal } = this.#node;
    journal.flush();
    return until(this.#harness, () => journal.durable === journal.appended);
  }

  #crash(kind: CrashKind): void {
    this.#harness.crash(kind);
    this.#restart(kind);
  }

  #restart(after: CrashKind): void {
    try {
      this.#node.restart(this.#present, after);
    } catch (error) {
      if (!(error instanceof Blown)) throw error;
      this.#crash('power');
    }
  }
}

function unlessIdle(error: Error): void {
  if (error.message !== 'nothing is under way') throw error;
}

function describeCrashes(makeHarness: MakeDiskHarness, { runs }: Effort): void {
  const { crashes } = makeHarness(1);

  const holds = (setup: ModelSetup, step: fc.Arbitrary<Step>) => {
    const steps = fc.array(step, { maxLength: 60, size: 'max' });
    const property = fc.asyncProperty(fc.integer(), steps, async (seed, drawn) => {
      const harness = makeHarness(seed);
      try {
        await new CrashRun(harness, setup).run(drawn);
      } finally {
        harness.dispose();
      }
    });
    return fc.assert(property, { numRuns: runs });
  };

  it('brings back, after any crashes, all that was durable and a prefix of the rest', async () => {
    await holds({ sync: 'always' }, anyStep(crashes));
  }, 60_000);

  it('with sync off, brings back a prefix, and all that was flushed unless the power was cut', async () => {
    // A snapshot needs the log beside it to be durable, which nothing is here: see `SyncPolicy`.
    await holds(
      { sync: 'off' },
      anyStep(crashes).filter(({ type }) => type !== 'begin'),
    );
  }, 60_000);

  it('recovers to the same twice, and changes nothing the second time', async () => {
    const harness = makeHarness(3);
    const node = new ModelNode(harness.disk);
    node.restart(harness.disk);
    node.append(5, 100);
    node.journal.flush();
    node.append(5, 100);
    await harness.pass();
    node.journal.flush();
    harness.crash(crashes.at(-1) as CrashKind);
    node.restart(harness.disk);
    const once = contents(harness.disk);
    harness.crash(crashes.at(-1) as CrashKind);
    node.restart(harness.disk);
    expect(contents(harness.disk)).toEqual(once);
    harness.dispose();
  });
}

/** A snapshot and three segments after it, each of several frames. */
async function writeSample(harness: DiskHarness): Promise<readonly ModelRecord[]> {
  const node = new ModelNode(harness.disk);
  node.restart(harness.disk);
  const write = async (frames: number) => {
    for (let frame = 0; frame < frames; frame++) {
      node.append(2, 20);
      node.journal.flush();
      await until(harness, () => node.journal.durable === node.journal.appended);
    }
  };
  await write(6);
  node.beginSnapshot();
  while (node.journal.snapshotStep());
  await until(harness, () => harness.disk.list().includes('00000003.snapshot'));
  await write(13);
  node.journal.close();
  expect(harness.disk.list().sort()).toEqual([
    '00000003.snapshot',
    '00000003.wal',
    '00000004.wal',
    '00000005.wal',
  ]);
  return recoverAll(harness);
}

function recoverAll(harness: DiskHarness): ModelRecord[] {
  const found: ModelRecord[] = [];
  const journal = openJournal(harness.disk);
  try {
    journal.recover((record) => found.push(record));
  } finally {
    journal.close();
  }
  return found;
}

const lastSegment = '00000005.wal';
const fileHeaderBytes = 24;

function describeDamage(makeHarness: MakeDiskHarness, { damageStride }: Effort): void {
  let sample: DiskHarness;
  let whole: readonly ModelRecord[];
  beforeEach(async () => {
    sample = makeHarness(1);
    whole = await writeSample(sample);
  });
  afterEach(() => sample.dispose());

  /** Recovers a copy of the sample, changed; returns what was found, or the refusal. */
  const recoverChanged = (change: (harness: DiskHarness) => void): ModelRecord[] | KvxError => {
    const harness = makeHarness(2);
    try {
      copyFiles(sample.disk, harness.disk);
      change(harness);
      const before = contents(harness.disk);
      try {
        const found = recoverAll(harness);
        expect(recoverAll(harness)).toEqual(found);
        return found;
      } catch (error) {
        if (!(error instanceof KvxError)) throw error;
        expect(contents(harness.disk)).toEqual(before);
        expect(error).toMatchObject({ code: 'cluster', definite: true });
        expect(error.hint).toBeTruthy();
        return error;
      }
    } finally {
      harness.dispose();
    }
  };
  const rewrite = (name: string, edit: (bytes: Uint8Array) => Uint8Array) =>
    recoverChanged(({ disk }) => writeFile(disk, name, edit(disk.read(name))));
  const appendTo = (name: string, tail: Uint8Array) =>
    rewrite(name, (bytes) => Buffer.concat([bytes, tail]));
  const lastFrameRecords = 2;

  it('refuses a damaged byte anywhere, or has precisely a prefix', () => {
    let refused = 0;
    for (const name of sample.disk.list()) {
      const size = sample.disk.read(name).length;
      for (let at = 0; at < size; at += damageStride) {
        const mask = 1 << (at % 8);
        const found = rewrite(name, (bytes) => {
          const copy = bytes.slice();
          copy[at] = (copy[at] as number) ^ mask;
          return copy;
        });
        if (found instanceof KvxError) {
          refused++;
          expect(found.message).toContain(name);
          continue;
        }
        // Only the last write can pass for one cut short.
        expect(name).toBe(lastSegment);
        expect(found).toEqual(whole.slice(0, -lastFrameRecords));
      }
    }
    expect(refused).toBeGreaterThan(0);
  }, 60_000);

  it('takes any cut of the last segment for a write cut short', () => {
    const size = sample.disk.read(lastSegment).length;
    for (let length = 0; length < size; length += damageStride) {
      const found = rewrite(lastSegment, (bytes) => bytes.slice(0, length));
      expect(found).toEqual(whole.slice(0, (found as ModelRecord[]).length));
    }
  });

  it.each([
    ['zeros', 0],
    ['garbage', 0xa5],
  ])('cuts a tail of %s', (_, byte) => {
    expect(appendTo(lastSegment, new Uint8Array(5000).fill(byte))).toEqual(whole);
  });

  it('takes a last segment without a header, zeroed or empty, for one never synced', () => {
    for (const length of [0, 10, 4096]) {
      const found = recoverChanged(({ disk }) =>
        writeFile(disk, '00000006.wal', new Uint8Array(length)),
      );
      expect(found).toEqual(whole);
    }
  });

  it('goes on after a cut as if nothing had been', async () => {
    const harness = makeHarness(2);
    copyFiles(sample.disk, harness.disk);
    const bytes = sample.disk.read(lastSegment);
    writeFile(harness.disk, lastSegment, bytes.slice(0, bytes.length - 1));
    const journal = openJournal(harness.disk);
    journal.recover(() => {});
    journal.append(recordOf(99));
    journal.flush();
    await until(harness, () => journal.durable === 1);
    journal.close();
    expect(recoverAll(harness)).toEqual([...whole.slice(0, -lastFrameRecords), recordOf(99)]);
    harness.dispose();
  });

  it('says which file, at which byte, and why it is no write cut short', () => {
    const error = rewrite('00000005.wal', (bytes) => bytes.slice().fill(0xff, 30, 31));
    expect(String(error)).toMatch(
      /00000005\.wal in .* is damaged at byte 24: expected records .*; intact records follow at byte \d+/,
    );
  });

  it('refuses a torn end of a segment that is not the last', () => {
    const error = rewrite('00000004.wal', (bytes) => bytes.slice(0, -1));
    expect(String(error)).toMatch(
      /00000004\.wal in .* is damaged at byte \d+.*00000005\.wal follows/,
    );
  });

  it('refuses when a segment is missing', () => {
    const error = recoverChanged(({ disk }) => disk.remove('00000004.wal'));
    expect(String(error)).toMatch(
      /00000004\.wal in .* at byte 0: expected this segment, which is missing/,
    );
    expect(String(recoverChanged(({ disk }) => disk.remove('00000003.wal')))).toMatch(
      /00000003\.wal/,
    );
  });

  it('refuses when the snapshot that the log stands on is missing', () => {
    const error = recoverChanged(({ disk }) => disk.remove('00000003.snapshot'));
    expect(String(error)).toMatch(/00000001\.wal in .* missing/);
  });

  it('refuses one segment under the name of another', () => {
    const error = recoverChanged(({ disk }) => disk.rename(lastSegment, '00000004.wal'));
    expect(String(error)).toMatch(/00000004\.wal .* found that of 00000005\.wal/);
  });

  it('does not take the right bytes in the wrong place for a record', () => {
    // The segment's own first frame, once more at its end, as a stale block might put it there.
    const bytes = sample.disk.read(lastSegment);
    expect(appendTo(lastSegment, bytes.slice(fileHeaderBytes))).toEqual(whole);
    // And the frames of an older segment.
    expect(appendTo(lastSegment, sample.disk.read('00000004.wal').slice(fileHeaderBytes))).toEqual(
      whole,
    );
  });

  it('removes what a crash in the middle or at the end of a snapshot left', () => {
    const leftover = sample.disk.read('00000003.snapshot');
    const found = recoverChanged(({ disk }) => {
      writeFile(disk, '00000006.snapshot.tmp', leftover);
      writeFile(disk, '00000001.wal', new Uint8Array(3));
      writeFile(disk, '00000002.snapshot', new Uint8Array(3));
    });
    expect(found).toEqual(whole);
  });
}
