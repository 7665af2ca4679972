import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CrashKind } from '../../src/faults/fault.js';
import { JournalError } from '../../src/runtime/journal/journal-errors.js';
import type { JournalSetup } from '../../src/runtime/journal/journal-setup.js';
import {
  contents,
  type DiskHarness,
  type MakeDiskHarness,
  until,
  writeFile,
} from './disk-harness.js';
import { describeCrashes } from './journal-crashes.js';
import { describeDamage } from './journal-damage.js';
import { describeFuzz } from './journal-fuzz.js';
import {
  isIntact,
  ModelNode,
  type ModelRecord,
  type ModelSetup,
  openJournal,
  recordOf,
  smallLimits,
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
    describe('after crashes', () => describeCrashes(makeHarness, effort.runs));
    describe('damaged', () => {
      describeDamage(makeHarness, effort.damageStride);
      describeFuzz(makeHarness, effort.runs);
    });
  });
}

function describeContract(makeHarness: MakeDiskHarness): void {
  let harness: DiskHarness;
  beforeEach(() => {
    harness = makeHarness(1);
  });
  afterEach(() => harness.dispose());

  /** Every sync calls back. */
  const callsBack = { limits: { ...smallLimits, syncAtOnceBytesMax: 0 } };

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

  it('counts its starts, and says what it found before it changes anything', () => {
    const start = (setup?: Partial<JournalSetup<ModelRecord>>) => {
      const journal = openJournal(harness.disk, setup);
      const { isFresh, previousIncarnation, incarnation } = journal.recover(() => {});
      journal.close();
      return [isFresh, previousIncarnation, incarnation];
    };
    const refuse = () => {
      const before = contents(harness.disk);
      const journal = openJournal(harness.disk);
      const refusal = new Error('not like this');
      const accept = () => {
        throw refusal;
      };
      expect(() => journal.recover(() => {}, accept)).toThrow(refusal);
      expect(contents(harness.disk)).toEqual(before);
    };
    refuse();
    expect(start()).toEqual([true, 0, 1]);
    refuse();
    expect(start()).toEqual([false, 1, 2]);
    expect(start({ incarnationMin: 2 })).toEqual([false, 2, 3]);
    expect(start({ incarnationMin: 9 })).toEqual([false, 3, 9]);
    harness.crash(harness.crashes.at(-1) as CrashKind);
    expect(start()).toEqual([false, 9, 10]);
  });

  it('is open once at a time', () => {
    const { journal } = opened();
    expect(() => opened()).toThrow(JournalError);
    journal.close();
    opened();
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
    const { journal } = opened(callsBack);
    const seen: number[] = [];
    journal.onDurable(() => seen.push(journal.durable));
    journal.append(recordOf(1));
    journal.flush();
    expect(journal.durable).toBe(0);
    expect(seen).toEqual([]);
    await until(harness, () => seen.length > 0);
    expect(seen).toEqual([1]);
  });

  it('may have synced a small write when flush returns, and then does not call', async () => {
    const { journal } = opened();
    let called = false;
    journal.onDurable(() => {
      called = true;
    });
    const flush = (stamp: number, bytes?: number) => {
      journal.append(recordOf(stamp, bytes));
      journal.flush();
      return journal.durable === stamp;
    };
    expect([flush(1), called]).toEqual([true, false]);
    // A large one calls, and the small one after it has to wait for that.
    expect([flush(2, 1000), flush(3)]).toEqual([false, false]);
    await until(harness, () => journal.durable === 3);
    expect([called, journal.syncCount]).toEqual([true, 3]);
    journal.close();
    harness.crash(harness.crashes.at(-1) as CrashKind);
    expect(opened().found).toEqual([recordOf(1), recordOf(2, 1000), recordOf(3)]);
  });

  it('lets everything appended during a sync share the next one', async () => {
    const { journal } = opened(callsBack);
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
    const { journal } = opened(callsBack);
    journal.append(recordOf(1));
    journal.flush();
    journal.append(recordOf(2));
    await until(harness, () => journal.durable === 1);
    journal.close();
    harness.crash('kill');
    expect(opened().found).toEqual([recordOf(1)]);
  });

  it('takes a value of the largest size', async () => {
    const setup = { limits: { ...smallLimits, readSliceBytes: 10_000 } };
    const { journal } = opened(setup);
    const large = recordOf(1, 1024 * 1024);
    journal.append(large);
    journal.append(recordOf(2));
    journal.flush();
    await until(harness, () => journal.durable === 2);
    journal.close();
    const { found } = opened(setup);
    expect(found.map(isIntact)).toEqual([true, true]);
    expect(found.map((record) => record.stamp)).toEqual([1, 2]);
  });

  it('copies bytes out of the file: a small value pins little more than itself', async () => {
    const { journal } = opened();
    journal.append(recordOf(1));
    journal.flush();
    await until(harness, () => journal.durable === 1);
    journal.close();
    const [record] = opened().found;
    expect(record?.type === 'set' && record.value.buffer.byteLength).toBeLessThanOrEqual(4096);
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
    await until(harness, () => {
      node.drawSnapshot(8);
      return harness.disk.list().some((file) => file.endsWith('.snapshot'));
    });
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
    expect(harness.disk.list()).toContain('node.log');
    expect(harness.disk.size('node.log')).toBe(5);
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
