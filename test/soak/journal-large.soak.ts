/**
 * A journal of more than 2 GiB, in one file as well as in many, starts again, in little memory. Needs about 5 GB in the
 * temporary folder, for a minute or two.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileDisk } from '../../src/node/file-disk.js';
import { FileJournal } from '../../src/runtime/journal/journal.js';
import type { JournalLimits } from '../../src/runtime/journal/journal-setup.js';
import { type ModelRecord, modelShape, owner } from '../conformance/journal-model.js';

const valueBytes = 1024 * 1024;
const recordCount = 2060;
const twoGiB = 2 * 1024 ** 3;
const rssMiBMax = 400;

const value = new Uint8Array(valueBytes);
function recordOf(stamp: number): ModelRecord {
  value.fill(stamp % 251);
  return { type: 'set', key: `k${stamp}`, stamp, value };
}

function* allRecords(): Generator<ModelRecord> {
  for (let stamp = 1; stamp <= recordCount; stamp++) yield recordOf(stamp);
}

/** Sync off: what is tried here is reading, and a sync of 2 GiB keeps others waiting. */
function open(folder: string, limits: Partial<JournalLimits>) {
  const disk = new FileDisk(folder);
  const journal = new FileJournal({ disk, shape: modelShape, owner, sync: 'off', limits });
  let found = 0;
  let rssMiB = 0;
  journal.recover((record) => {
    found++;
    const isRight = record.type === 'set' && record.value.length === valueBytes;
    const byte = found % 251;
    if (
      !isRight ||
      record.stamp !== found ||
      record.value[0] !== byte ||
      record.value.at(-1) !== byte
    ) {
      throw new Error(`record ${found} is not what was written`);
    }
    rssMiB = Math.max(rssMiB, process.memoryUsage.rss() / 1024 ** 2);
  });
  const sizes = disk.list().map((name) => disk.size(name));
  return { disk, journal, found, rssMiB, largest: Math.max(...sizes) };
}

async function snapshot({ journal, disk }: ReturnType<typeof open>): Promise<void> {
  const before = new Set(disk.list());
  journal.beginSnapshot(allRecords());
  const isNew = (name: string) => name.endsWith('.snapshot') && !before.has(name);
  while (journal.snapshotStep() || !disk.list().some(isNew)) await new Promise(setImmediate);
  journal.close();
}

it('recovers a log, a snapshot and a snapshot in parts of more than 2 GiB', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kvx-large-'));
  const one: Partial<JournalLimits> = { segmentBytesMax: 4e9, snapshotFileBytesMax: 4e9 };
  const report = (what: string, { found, rssMiB, largest, disk }: ReturnType<typeof open>) => {
    const files = disk.list().length;
    console.log(
      `${what}: ${found} records, largest of ${files} files ${largest} bytes, RSS ${Math.round(rssMiB)} MiB`,
    );
    expect(found).toBe(recordCount);
    expect(rssMiB).toBeLessThan(rssMiBMax);
  };
  try {
    const empty = open(folder, one);
    for (const record of allRecords()) {
      empty.journal.append(record);
      empty.journal.flush();
    }
    empty.journal.close();

    const log = open(folder, one);
    report('log', log);
    expect(log.largest).toBeGreaterThan(twoGiB);
    await snapshot(log);

    const whole = open(folder, {});
    report('snapshot', whole);
    expect(whole.largest).toBeGreaterThan(twoGiB);
    await snapshot(whole);

    const parts = open(folder, {});
    report('parts', parts);
    expect(parts.largest).toBeLessThan(80 * 1024 ** 2);
    parts.journal.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 600_000);
