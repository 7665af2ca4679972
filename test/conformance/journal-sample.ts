/** A journal with a snapshot in parts and several segments, and edits of its files. */
import { expect } from 'vitest';
import { JournalError } from '../../src/runtime/journal/journal-errors.js';
import { readHeader } from '../../src/runtime/journal/record-format.js';
import type { JournalOwner, Recovery } from '../../src/runtime/ports.js';
import {
  contents,
  type DiskHarness,
  type MakeDiskHarness,
  readFile,
  until,
  writeFile,
} from './disk-harness.js';
import {
  ModelNode,
  type ModelRecord,
  type ModelSetup,
  openJournal,
  owner,
  smallLimits,
} from './journal-model.js';

export const snapshotName = '00000005.snapshot';
export const lastSegment = '00000007.wal';
export const names = [
  snapshotName,
  '00000005.snapshot.0001',
  '00000005.snapshot.0002',
  '00000005.wal',
  '00000006.wal',
  lastSegment,
];
export const lastFrameRecords = 2;

/** A snapshot in three files and three segments after it, each of several frames. */
async function writeSample(harness: DiskHarness, setup: ModelSetup = {}): Promise<void> {
  const slice = { recordsMax: 1, bytesMax: 1000 };
  const node = new ModelNode(harness.disk, {
    ...setup,
    limits: { ...smallLimits, slice, snapshotFileBytesMax: 100 },
  });
  node.restart(harness.disk);
  const write = async (frames: number) => {
    for (let frame = 0; frame < frames; frame++) {
      node.append(2, 20);
      node.journal.flush();
      await until(harness, () => node.journal.durable === node.journal.appended);
    }
  };
  await write(14);
  node.beginSnapshot();
  await until(harness, () => {
    while (node.journal.snapshotStep());
    return harness.disk.list().includes(snapshotName);
  });
  await write(11);
  node.journal.close();
  expect(journalFiles(harness)).toEqual(names);
}

/** Content by name. */
export type Files = ReadonlyMap<string, Uint8Array>;

export async function makeSample(
  makeHarness: MakeDiskHarness,
  setup: ModelSetup = {},
): Promise<Files> {
  const harness = makeHarness(1);
  await writeSample(harness, setup);
  const files = new Map(names.map((name) => [name, readFile(harness.disk, name)]));
  harness.dispose();
  return files;
}

/** Recovers a copy of a sample, changed. A refusal changes nothing; what is taken in is taken in again. */
export function recoverCopy(
  makeHarness: MakeDiskHarness,
  files: Files,
  change: (harness: DiskHarness) => void,
  who = owner,
): Outcome | JournalError {
  const harness = makeHarness(2);
  try {
    for (const [name, bytes] of files) writeFile(harness.disk, name, bytes);
    change(harness);
    const before = contents(harness.disk);
    try {
      const outcome = recoverAll(harness, who);
      const again = recoverAll(harness, who);
      expect(again.records).toEqual(outcome.records);
      expect(again.recovery.cuts).toEqual([]);
      return outcome;
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      expect(contents(harness.disk)).toEqual(before);
      expect(error).toMatchObject({ code: 'cluster', definite: true });
      expect(error.hint).toBeTruthy();
      return error;
    }
  } finally {
    harness.dispose();
  }
}

function journalFiles({ disk }: DiskHarness): string[] {
  return disk
    .list()
    .filter((name) => !name.startsWith('lock-'))
    .sort();
}

export interface Outcome {
  readonly records: readonly ModelRecord[];
  readonly recovery: Recovery;
}

export function recoverAll(harness: DiskHarness, who: JournalOwner = owner): Outcome {
  const records: ModelRecord[] = [];
  const journal = openJournal(harness.disk, { owner: who });
  try {
    return { recovery: journal.recover((record) => records.push(record)), records };
  } finally {
    journal.close();
  }
}

/** Where the frames of a file begin, and at last where it ends. */
export function framesOf(bytes: Uint8Array): number[] {
  const header = readHeader(bytes);
  if (header.type !== 'header') throw new Error('no header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = [header.bytes];
  for (let at = header.bytes; at < bytes.length; starts.push(at)) {
    at += 24 + view.getUint32(at, true);
  }
  return starts;
}

export type Edit = (bytes: Uint8Array) => Uint8Array;

export const splice =
  (start: number, end: number, ...between: readonly Uint8Array[]): Edit =>
  (bytes) =>
    Uint8Array.from(Buffer.concat([bytes.subarray(0, start), ...between, bytes.subarray(end)]));
export const flip =
  (at: number): Edit =>
  (bytes) => {
    const copy = bytes.slice();
    copy[at] = (copy[at] as number) ^ (1 << (at % 8));
    return copy;
  };
export const zero =
  (start: number, end: number): Edit =>
  (bytes) =>
    bytes.slice().fill(0, start, end);
