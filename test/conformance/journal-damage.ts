import { afterEach, beforeEach, expect, it } from 'vitest';
import { KvxError } from '../../src/core/errors.js';
import {
  contents,
  copyFiles,
  type DiskHarness,
  type MakeDiskHarness,
  until,
  writeFile,
} from './disk-harness.js';
import { ModelNode, type ModelRecord, openJournal, recordOf } from './journal-model.js';

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

/** What a journal must make of files that are not as it left them; every `stride` bytes one is tried. */
export function describeDamage(makeHarness: MakeDiskHarness, stride: number): void {
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
      for (let at = 0; at < size; at += stride) {
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
    for (let length = 0; length < size; length += stride) {
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

  it('refuses a snapshot that goes on after its end', () => {
    const error = appendTo('00000003.snapshot', new Uint8Array(1));
    expect(String(error)).toMatch(/00000003\.snapshot .* expected the end of the snapshot/);
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
      openJournal(disk).recover(() => {});
      expect(disk.list().sort()).toEqual(sample.disk.list().sort());
    });
    expect(found).toEqual(whole);
  });
}
