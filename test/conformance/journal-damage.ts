import { beforeEach, expect, it } from 'vitest';
import { FrameBuffer } from '../../src/runtime/journal/frame-buffer.js';
import { JournalError } from '../../src/runtime/journal/journal-errors.js';
import { readHeader, snapshotParts } from '../../src/runtime/journal/record-format.js';
import { type DiskHarness, type MakeDiskHarness, until, writeFile } from './disk-harness.js';
import { type ModelRecord, openJournal, owner, recordOf } from './journal-model.js';
import {
  type Edit,
  type Files,
  flip,
  framesOf,
  lastFrameRecords,
  lastSegment,
  makeSample,
  names,
  type Outcome,
  recoverAll,
  recoverCopy,
  snapshotName,
  splice,
  zero,
} from './journal-sample.js';

/** What a journal must make of files that are not as it left them; every `stride` bytes one is tried. */
export function describeDamage(makeHarness: MakeDiskHarness, stride: number): void {
  let files: Files;
  let whole: readonly ModelRecord[];
  const bytesOf = (name: string) => files.get(name) as Uint8Array;
  beforeEach(async () => {
    files = await makeSample(makeHarness);
    whole = (recoverChanged(() => {}) as Outcome).records;
  });

  const recoverChanged = (change: (harness: DiskHarness) => void, who = owner) =>
    recoverCopy(makeHarness, files, change, who);
  const rewrite = (name: string, ...edits: readonly Edit[]) =>
    recoverChanged(({ disk }) => {
      writeFile(
        disk,
        name,
        edits.reduce((bytes, edit) => edit(bytes), bytesOf(name)),
      );
    });
  const recordsOf = (outcome: Outcome | JournalError) =>
    outcome instanceof JournalError ? outcome.message : outcome.records;
  const expectRefused = (outcome: Outcome | JournalError, about: string) => {
    expect(outcome instanceof JournalError ? outcome.problem : about).toBe('damaged');
  };
  /**
   * Damage to the last write passes for a write cut short, and is reported; zeros pass for room that was never written to. All
   * other damage is refused.
   */
  const expectRefusedUnlessLast = (
    name: string,
    start: number,
    outcome: Outcome | JournalError,
    isZeroed = false,
  ) => {
    const lastFrame = framesOf(bytesOf(name)).at(-2) as number;
    if (name !== lastSegment || start < lastFrame) {
      expectRefused(outcome, `${name} at ${start}`);
      if (outcome instanceof JournalError) expect(outcome.message).toContain(name);
      return;
    }
    expect(recordsOf(outcome)).toEqual(whole.slice(0, -lastFrameRecords));
    const { cuts } = (outcome as Outcome).recovery;
    const cut = expect.objectContaining({ file: name, offset: lastFrame });
    expect(cuts).toEqual(isZeroed ? [] : [cut]);
  };

  it('has a sample of several frames in every file', () => {
    for (const name of names) expect(framesOf(bytesOf(name)).length).toBeGreaterThan(2);
  });

  it('refuses a flipped bit anywhere, but in the last write', () => {
    for (const name of names) {
      for (let at = 0; at < bytesOf(name).length; at += stride) {
        const outcome = rewrite(name, flip(at));
        const isVersion = at === 6 || at === 7;
        if (isVersion) expect((outcome as JournalError).problem).toBe('format');
        else expectRefusedUnlessLast(name, at, outcome);
      }
    }
  }, 60_000);

  it('refuses frames that are removed, zeroed, there twice or swapped, wherever they stand', () => {
    for (const name of names) {
      const bytes = bytesOf(name);
      const starts = framesOf(bytes);
      for (const [index, start] of starts.slice(0, -1).entries()) {
        const end = starts[index + 1] as number;
        const frame = bytes.slice(start, end);
        const isLast = index === starts.length - 2;
        expectRefusedUnlessLast(name, start, rewrite(name, zero(start, end)), true);
        if (isLast && name === lastSegment) {
          // As if it had never been written.
          expect(recordsOf(rewrite(name, splice(start, end)))).toEqual(
            whole.slice(0, -lastFrameRecords),
          );
        } else {
          expectRefused(rewrite(name, splice(start, end)), `${name}: ${index} removed`);
        }
        expectRefused(rewrite(name, splice(start, start, frame)), `${name}: ${index} twice`);
        for (const [other, otherStart] of starts.slice(0, index).entries()) {
          const otherEnd = starts[other + 1] as number;
          const first = bytes.slice(otherStart, otherEnd);
          const swap = [splice(start, end, first), splice(otherStart, otherEnd, frame)];
          expectRefused(rewrite(name, ...swap), `${name}: ${other} and ${index} swapped`);
          const back = splice(otherStart, otherStart, frame);
          expectRefused(rewrite(name, splice(start, end), back), `${name}: ${index} moved`);
        }
      }
    }
  }, 60_000);

  it('refuses a frame with bytes missing or too many, and two damaged writes', () => {
    for (const name of names) {
      const starts = framesOf(bytesOf(name));
      for (const [index, start] of starts.slice(0, -2).entries()) {
        for (const at of [start, start + 10, start + 30]) {
          expectRefused(rewrite(name, splice(at, at + 3)), `${name}: ${index} is shorter`);
          const more = splice(at, at, new Uint8Array(3));
          expectRefused(rewrite(name, more), `${name}: ${index} is longer`);
        }
        // The frame says how long it is: a write cut short is the last thing in its file.
        const next = starts[index + 1] as number;
        const { length } = bytesOf(name);
        const garbage = splice(next, length, new Uint8Array(length - next).fill(0xa5));
        expectRefused(rewrite(name, flip(start + 24), garbage), `${name}: ${index} and after it`);
      }
    }
  }, 60_000);

  it('refuses frames of another file, wherever they are put before the last write', () => {
    for (const name of names) {
      for (const other of names.filter((candidate) => candidate !== name)) {
        const [start, end] = framesOf(bytesOf(other)) as [number, number];
        const frame = bytesOf(other).slice(start, end);
        const starts = framesOf(bytesOf(name));
        for (const at of starts.slice(0, -1)) {
          expectRefused(rewrite(name, splice(at, at, frame)), `${other} in ${name} at ${at}`);
        }
        const atEnd = rewrite(name, splice(starts.at(-1) as number, bytesOf(name).length, frame));
        if (name === lastSegment) expect(recordsOf(atEnd)).toEqual(whole);
        else expectRefused(atEnd, `${other} at the end of ${name}`);
      }
    }
  });

  it('takes any cut of the last segment after its header for a write cut short, and reports it', () => {
    const bytes = bytesOf(lastSegment);
    const starts = framesOf(bytes);
    for (let length = starts[0] as number; length < bytes.length; length += stride) {
      const outcome = rewrite(lastSegment, splice(length, bytes.length)) as Outcome;
      const frames = starts.filter((start) => start <= length).length - 1;
      const lost = (starts.length - 1 - frames) * lastFrameRecords;
      expect(outcome.records).toEqual(whole.slice(0, -lost));
      const offset = starts[frames] as number;
      // Zeros at the end may be room that was never written to.
      const end = bytes.subarray(0, length).findLastIndex((byte) => byte !== 0) + 1;
      const [cut] = outcome.recovery.cuts;
      if (end <= offset) expect(cut).toBeUndefined();
      else {
        expect(cut).toMatchObject({ file: lastSegment, offset });
        expect(cut?.bytes).toBeGreaterThanOrEqual(end - offset);
        expect(cut?.bytes).toBeLessThanOrEqual(length - offset);
      }
    }
  });

  it('refuses any cut of any other file', () => {
    for (const name of names.slice(0, -1)) {
      const { length } = bytesOf(name);
      for (let at = 0; at < length; at += stride) {
        expectRefused(rewrite(name, splice(at, length)), `${name} cut at ${at}`);
      }
    }
  }, 60_000);

  it.each([
    ['zeros', 0],
    ['garbage', 0xa5],
  ])('cuts a tail of %s', (_, byte) => {
    const { length } = bytesOf(lastSegment);
    const tail = new Uint8Array(5000).fill(byte);
    const outcome = rewrite(lastSegment, splice(length, length, tail)) as Outcome;
    expect(outcome.records).toEqual(whole);
    const cut = { file: lastSegment, offset: length, bytes: 5000 };
    expect(outcome.recovery.cuts).toMatchObject(byte === 0 ? [] : [cut]);
  });

  it('refuses files of zeros, empty files and those without a header', () => {
    for (const name of names) {
      const { length } = bytesOf(name);
      for (const edit of [zero(0, length), zero(0, 16), splice(0, length), splice(0, 1)]) {
        expectRefused(rewrite(name, edit), `${name} without a header`);
      }
    }
    const all = recoverChanged(({ disk }) => {
      for (const name of names) writeFile(disk, name, new Uint8Array(bytesOf(name).length));
    });
    expectRefused(all, 'all zeros');
    for (const length of [0, 10, 4096]) {
      const next = recoverChanged(({ disk }) =>
        writeFile(disk, '00000008.wal', new Uint8Array(length)),
      );
      expectRefused(next, 'a next segment that nobody began');
    }
  });

  it('goes on after a cut as if nothing had been', async () => {
    const harness = makeHarness(2);
    for (const name of names) writeFile(harness.disk, name, bytesOf(name));
    const bytes = bytesOf(lastSegment);
    writeFile(harness.disk, lastSegment, bytes.slice(0, bytes.length - 1));
    const journal = openJournal(harness.disk);
    journal.recover(() => {});
    journal.append(recordOf(99));
    journal.flush();
    await until(harness, () => journal.durable === 1);
    journal.close();
    expect(recoverAll(harness).records).toEqual([
      ...whole.slice(0, -lastFrameRecords),
      recordOf(99),
    ]);
    harness.dispose();
  });

  it('says which file, at which byte, and why it is no write cut short', () => {
    const [start, next] = framesOf(bytesOf(lastSegment)) as [number, number];
    expect(String(rewrite(lastSegment, flip(start + 30)))).toMatch(
      new RegExp(
        `${lastSegment} in .* is damaged at byte ${start}: expected records that match their checksum; ` +
          `the file goes on at byte ${next}, so this is no write cut short by a crash`,
      ),
    );
    expect(String(rewrite(lastSegment, flip(start)))).toMatch(/a frame follows at byte \d+/);
    expect(String(rewrite(lastSegment, splice(start, next)))).toMatch(
      /expected frame number 0; frame number 1 stands there/,
    );
    expect(String(rewrite('00000006.wal', (bytes) => bytes.slice(0, -1)))).toMatch(
      /00000006\.wal in .* is damaged at byte \d+.*00000007\.wal follows/,
    );
  });

  it('refuses when a file is missing, unless it is the last segment of several', () => {
    const removed = (name: string) => recoverChanged(({ disk }) => disk.remove(name));
    for (const name of names.filter((other) => other !== lastSegment)) {
      expectRefused(removed(name), `${name} removed`);
    }
    const error = recoverChanged(({ disk }) => {
      for (const name of names.filter((other) => other.endsWith('.wal'))) disk.remove(name);
    });
    expect(String(error)).toMatch(/00000005\.wal in .* which is missing/);
    expect(String(removed('00000006.wal'))).toMatch(
      /00000006\.wal in .* which is missing; 00000007\.wal goes on from it/,
    );
  });

  it('refuses one file under the name of another', () => {
    for (const name of names) {
      for (const other of names.filter((candidate) => candidate !== name)) {
        const outcome = recoverChanged(({ disk }) => disk.rename(name, other));
        expectRefused(outcome, `${name} as ${other}`);
      }
    }
  });

  it('refuses any file of another node or cluster, and says whose it is', async () => {
    for (const stranger of [
      { cluster: 'c1', node: 'n2' },
      { cluster: 'c2', node: 'n1' },
    ]) {
      const others = await makeSample(makeHarness, { owner: stranger });
      for (const name of names) {
        const outcome = recoverChanged(({ disk }) =>
          writeFile(disk, name, others.get(name) as Uint8Array),
        ) as JournalError;
        expect(outcome.problem).toBe('foreign');
        expect(outcome.message).toContain(name);
        const whose = `node ${stranger.node} of cluster ${stranger.cluster}`;
        expect(outcome.message).toContain(
          `belongs to ${whose}, not to node ${owner.node} of cluster ${owner.cluster}`,
        );
      }
    }
    const outcome = recoverChanged(() => {}, { cluster: 'c1', node: 'n2' });
    expect(outcome).toMatchObject({ problem: 'foreign' });
  });

  it('refuses a file of another life of the node', async () => {
    // The same names, sizes and owner: as when one file is put back from another copy.
    const others = await makeSample(makeHarness, { incarnationMin: 7 });
    for (const [name, bytes] of others) {
      expect(bytes.length).toBe(bytesOf(name).length);
      expectRefused(rewrite(name, splice(0, bytes.length, bytes)), `${name} of another life`);
    }
  });

  it('refuses the end of a snapshot in a segment', () => {
    const bytes = bytesOf(lastSegment);
    const header = readHeader(bytes);
    if (header.type !== 'header') throw new Error('no header');
    const buffer = new FrameBuffer();
    buffer.add(snapshotParts, []);
    const frame = buffer.seal(header.checksum, framesOf(bytes).length - 1, true);
    expectRefused(rewrite(lastSegment, splice(bytes.length, bytes.length, frame)), 'an end');
  });

  it('removes what a crash in the middle or at the end of a snapshot left, and says so', () => {
    const leftovers = {
      '00000008.snapshot.tmp': bytesOf(snapshotName),
      '00000008.snapshot.0001': bytesOf(snapshotName),
      '00000008.wal.tmp': new Uint8Array(3),
      '00000001.snapshot.0001': new Uint8Array(7),
      '00000005.snapshot.0003': new Uint8Array(7),
    };
    const outcome = recoverChanged(({ disk }) => {
      for (const [name, bytes] of Object.entries(leftovers)) writeFile(disk, name, bytes);
    }) as Outcome;
    expect(outcome.records).toEqual(whole);
    const reported = outcome.recovery.cuts.map(({ file, offset, bytes }) => [file, offset, bytes]);
    expect(reported.sort()).toEqual(
      Object.entries(leftovers)
        .map(([name, bytes]) => [name, 0, bytes.length])
        .sort(),
    );
  });

  it('removes segments and snapshots that a snapshot stands for, whatever is in them', () => {
    const outcome = recoverChanged(({ disk }) => {
      writeFile(disk, '00000001.wal', new Uint8Array(3));
      writeFile(disk, '00000002.snapshot', new Uint8Array(3));
    }) as Outcome;
    expect(outcome.records).toEqual(whole);
    expect(outcome.recovery.cuts.map(({ file }) => file).sort()).toEqual([
      '00000001.wal',
      '00000002.snapshot',
    ]);
  });
}
