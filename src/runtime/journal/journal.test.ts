import { describe, expect, it } from 'vitest';
import { KvxError } from '../../core/errors.js';
import { InvariantError } from '../../core/invariant.js';
import { SeededRandom } from '../../core/random.js';
import * as wire from '../../core/wire.js';
import type { DiskFaults } from '../../faults/active.js';
import { SimDisk } from '../../sim/disk.js';
import { FaultyDisk } from './faulty-disk.js';
import { FileJournal } from './journal.js';
import { inTurns, type JournalSetup, journalLimits } from './journal-setup.js';

interface Note {
  readonly type: 'note';
  readonly text: string;
}

const owner = { cluster: 'c1', node: 'n1' };
const shape = wire.union<Note>({ note: { text: wire.text } });

function note(text: string): Note {
  return { type: 'note', text };
}

/** A disk whose syncs end when the test says so, and a journal on it. */
function setUp(limits: JournalSetup<Note>['limits'] = {}) {
  const pending: (() => void)[] = [];
  const disk = new SimDisk({
    random: new SeededRandom(1),
    schedule: (_, run) => pending.push(run),
    syncMs: { min: 1, max: 1 },
    place: '/data/n1',
  });
  const faulty = new FaultyDisk(disk, {
    now: () => 0,
    at: (_, run) => {
      pending.push(run);
      return () => {};
    },
  });
  const failures: Error[] = [];
  const open = (sync: 'always' | 'off' = 'always') => {
    const journal = new FileJournal({ disk: faulty, shape, owner, sync, limits });
    const found: string[] = [];
    const recovery = journal.recover(({ text }) => found.push(text));
    journal.onFailure((error) => failures.push(error));
    return { journal, found, recovery };
  };
  const settle = () => {
    for (let run = pending.shift(); run !== undefined; run = pending.shift()) run();
  };
  const setFaults = (faults: DiskFaults) => faulty.setFaults(faults);
  return { disk, setFaults, faulty, failures, open, settle, pending };
}

describe('a failing disk', () => {
  it('is told once, with the folder, when full; nothing is durable afterwards', () => {
    const { disk, setFaults, failures, open, settle } = setUp();
    const { journal } = open();
    journal.append(note('fits'));
    journal.flush();
    settle();
    setFaults({ roomBytes: 30 });
    for (let round = 0; round < 3; round++) {
      journal.append(note('x'.repeat(100)));
      journal.flush();
      settle();
    }
    expect(failures).toEqual([expect.any(KvxError)]);
    expect(failures[0]).toMatchObject({
      message: 'the disk is full, as a fault has it: cannot write the journal in /data/n1',
      code: 'cluster',
      definite: true,
    });
    expect([journal.appended, journal.durable]).toEqual([4, 1]);

    setFaults({});
    disk.crash('kill');
    expect(open().found).toEqual(['fits']);
  });

  it('that is full refuses a start, and takes one when there is room', () => {
    const { disk, setFaults, open, settle } = setUp();
    const { journal } = open();
    journal.append(note('kept'));
    journal.flush();
    settle();
    disk.crash('kill');
    setFaults({ roomBytes: 10 });
    for (let tries = 0; tries < 3; tries++) {
      expect(() => open()).toThrow(
        'the disk is full, as a fault has it: cannot open the journal in /data/n1',
      );
    }
    setFaults({});
    const { found, recovery } = open();
    expect(found).toEqual(['kept']);
    expect(recovery).toMatchObject({
      incarnation: 2,
      cuts: [{ file: '00000002.wal.tmp', offset: 0, bytes: 10 }],
    });
  });

  it('is told once when a sync fails, which is not tried again', () => {
    const { setFaults, failures, open, settle } = setUp();
    const { journal } = open();
    journal.append(note('a'));
    journal.flush();
    setFaults({ failsSyncs: true });
    settle();
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toContain('cannot sync the journal in /data/n1: EIO');
    setFaults({});
    journal.append(note('b'));
    journal.flush();
    settle();
    expect(failures).toHaveLength(1);
    expect(journal.durable).toBe(0);
  });

  it('is told when it is the snapshot that fails', () => {
    const { disk, setFaults, failures, open, settle } = setUp();
    const { journal } = open();
    journal.beginSnapshot([note('a')]);
    setFaults({ failsSyncs: true });
    expect(journal.snapshotStep()).toBe(false);
    settle();
    expect(failures).toHaveLength(1);
    expect(disk.list()).toEqual(['00000001.wal', '00000002.snapshot.tmp']);
  });

  it('throws when nobody listens', () => {
    const { faulty } = setUp();
    const journal = new FileJournal({ disk: faulty, shape, owner });
    journal.recover(() => {});
    faulty.setFaults({ roomBytes: 0 });
    journal.append(note('a'));
    expect(() => journal.flush()).toThrow(KvxError);
  });
});

describe('a snapshot', () => {
  it('gets its name only when all that was appended while it was drawn is durable', () => {
    const { disk, open, pending } = setUp();
    const { journal } = open();
    journal.append(note('before'));
    journal.flush();
    (pending.shift() as () => void)();
    journal.beginSnapshot([note('state')]);
    journal.append(note('meanwhile'));
    expect(journal.snapshotStep()).toBe(false);
    const [snapshotSync, logSync] = pending.splice(0) as [() => void, () => void];
    snapshotSync();
    expect(disk.list()).toContain('00000002.snapshot.tmp');
    logSync();
    expect(disk.list().sort()).toEqual(['00000002.snapshot', '00000002.wal']);
    disk.crash('power');
    expect(open().found).toEqual(['state', 'meanwhile']);
  });

  it('is drawn in slices bounded by records and by bytes', () => {
    const { disk, open, settle } = setUp({ slice: { recordsMax: 3, bytesMax: 400 } });
    const { journal } = open();
    let drawn = 0;
    const draw = function* (bytes: number) {
      for (; drawn < 20; drawn++) yield note('x'.repeat(bytes));
    };
    journal.beginSnapshot(draw(1));
    expect(journal.snapshotStep()).toBe(true);
    expect(drawn).toBe(2);
    while (journal.snapshotStep());
    settle();
    expect(disk.list()).toEqual(['00000002.wal', '00000002.snapshot']);
    drawn = 0;
    journal.beginSnapshot(draw(250));
    expect(journal.snapshotStep()).toBe(true);
    expect(drawn).toBe(1);
  });

  it('is synced piece by piece, and not drawn from meanwhile', () => {
    const { disk, open, settle, pending } = setUp({
      slice: { recordsMax: 1, bytesMax: 400 },
      snapshotPieceBytes: 150,
    });
    const { journal } = open();
    let drawn = 0;
    const draw = function* () {
      for (; drawn < 6; drawn++) yield note('x'.repeat(50));
    };
    journal.beginSnapshot(draw());
    const piece = () => {
      while (journal.snapshotStep());
      return [drawn, pending.length];
    };
    // What is drawn is counted when the next is asked for.
    expect([piece(), piece()]).toEqual([
      [1, 1],
      [1, 1],
    ]);
    settle();
    expect(piece()).toEqual([3, 1]);
    settle();
    expect(piece()).toEqual([5, 1]);
    settle();
    expect(journal.syncCount).toBe(3);
    expect(piece()).toEqual([6, 1]);
    settle();
    expect(disk.list()).toContain('00000002.snapshot');
  });

  it('lets a bug in what it draws from through: it is not the disk that failed', () => {
    const { failures, open } = setUp();
    const { journal } = open();
    journal.beginSnapshot({
      [Symbol.iterator]() {
        return {
          next() {
            throw new InvariantError('bug');
          },
        };
      },
    });
    expect(() => journal.snapshotStep()).toThrow(InvariantError);
    expect(failures).toEqual([]);
  });

  it('is wanted again only after as many bytes as the last one had', () => {
    const { disk, open, settle } = setUp({ snapshotFloorBytes: 100, snapshotFactor: 1 });
    const { journal } = open();
    const log = (bytes: number) => {
      journal.append(note('x'.repeat(bytes)));
      journal.flush();
      settle();
    };
    log(90);
    expect(journal.wantsSnapshot).toBe(true);
    journal.beginSnapshot([note('x'.repeat(1000))]);
    while (journal.snapshotStep());
    settle();
    expect(journal.logBytes).toBe(disk.size('00000002.wal'));
    log(800);
    expect(journal.wantsSnapshot).toBe(false);
    log(200);
    expect(journal.wantsSnapshot).toBe(true);
  });
});

it('nodes of a cluster want their snapshots one after the other', () => {
  const floors = [0, 1, 2].map((place) => inTurns(place, 3).snapshotFloorBytes ?? 0);
  const { snapshotFloorBytes: first } = journalLimits;
  expect(floors).toEqual([first, Math.round((first * 7) / 6), Math.round((first * 4) / 3)]);
});

describe('recovery', () => {
  it('refuses another format by its number', () => {
    const { disk, open } = setUp();
    // The header of a segment as kvx wrote it at first.
    const header = new Uint8Array(24);
    header.set(new TextEncoder().encode('KVXLOG'));
    header[6] = 1;
    disk.create('00000001.wal').append(header);
    expect(() => open()).toThrow(
      /00000001\.wal in .* has journal format 1, this kvx reads and writes format 2/,
    );
  });

  it('refuses records of another mode', () => {
    const { disk, open, settle } = setUp();
    const { journal } = open();
    journal.append(note('a'));
    journal.flush();
    settle();
    journal.close();
    const other = wire.union<{ type: 'vote' }>({ vote: {} });
    expect(() => new FileJournal({ disk, shape: other, owner }).recover(() => {})).toThrow(
      /holds a record that is none of this mode's: unknown type "note"/,
    );
  });

  it('makes durable what a killed process had written with sync off, before it builds on it', () => {
    const { disk, open, settle } = setUp({ segmentBytesMax: 60 });
    const first = open('off').journal;
    for (const text of ['a', 'b', 'c', 'd', 'e']) {
      first.append(note(text));
      first.flush();
    }
    expect(disk.list().length).toBeGreaterThan(1);
    disk.crash('kill');
    const { journal } = open('always');
    journal.append(note('f'));
    journal.flush();
    settle();
    disk.crash('power');
    expect(open('always').found).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('ends at the first fault of a log written with sync off, though intact records follow', () => {
    const { disk, open } = setUp();
    const { journal } = open('off');
    const headerBytes = journal.logBytes;
    for (const text of ['a', 'b', 'c']) {
      journal.append(note(text));
      journal.flush();
    }
    // All frames are as long as the first.
    disk.crash('kill');
    const size = disk.size('00000001.wal');
    const frameBytes = (size - headerBytes) / 3;
    disk.corrupt('00000001.wal', headerBytes + frameBytes, 1);
    expect(open('off').found).toEqual(['a']);
  });

  it('of a log written with sync off refuses what no crash can do: frames that have moved', () => {
    const { disk, open } = setUp();
    const { journal } = open('off');
    const headerBytes = journal.logBytes;
    for (const text of ['a', 'b', 'c']) {
      journal.append(note(text));
      journal.flush();
    }
    disk.crash('kill');
    const bytes = disk.read('00000001.wal', 0, disk.size('00000001.wal'));
    const frameBytes = (bytes.length - headerBytes) / 3;
    const file = disk.open('00000001.wal', headerBytes + frameBytes);
    file.append(bytes.subarray(headerBytes + 2 * frameBytes));
    file.close();
    expect(() => open('off')).toThrow(/expected frame number 1; frame number 2 stands there/);
  });

  it('reports what it cuts and removes of a log written with sync off', () => {
    const { disk, open } = setUp({ segmentBytesMax: 60 });
    const { journal } = open('off');
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f']) {
      journal.append(note(text));
      journal.flush();
    }
    disk.crash('kill');
    expect(disk.list()).toHaveLength(6);
    const size = disk.size('00000002.wal');
    disk.corrupt('00000002.wal', size - 1, 1);
    const later = ['00000003.wal', '00000004.wal', '00000005.wal', '00000006.wal'];
    const sizes = later.map((file) => disk.size(file));
    const { recovery, found } = open('off');
    expect(found).toEqual(['a']);
    const [tail, ...removed] = recovery.cuts;
    expect(tail).toMatchObject({
      file: '00000002.wal',
      why: 'expected records that match their checksum',
    });
    expect((tail?.offset ?? 0) + (tail?.bytes ?? 0)).toBe(size);
    const why = 'what it goes on from was cut (sync off)';
    expect(removed).toEqual(
      later.map((file, index) => ({ file, offset: 0, bytes: sizes[index], why })),
    );
  });

  it('wants a snapshot after many starts, since each begins a segment', () => {
    const { disk, open, settle } = setUp({ startsMax: 3 });
    const start = () => {
      disk.crash('kill');
      return open().journal;
    };
    for (let starts = 1; starts <= 3; starts++) expect(start().wantsSnapshot).toBe(false);
    const journal = start();
    expect(journal.wantsSnapshot).toBe(true);
    journal.beginSnapshot([]);
    while (journal.snapshotStep());
    settle();
    expect(journal.wantsSnapshot).toBe(false);
    expect(disk.list()).toEqual(['00000005.wal', '00000005.snapshot']);
    expect(start().wantsSnapshot).toBe(false);
  });

  it('makes its incarnation durable before it returns', () => {
    const { disk, open } = setUp();
    for (let incarnation = 1; incarnation < 20; incarnation++) {
      expect(open().recovery.incarnation).toBe(incarnation);
      disk.crash('power');
    }
  });

  it('comes first, and once', () => {
    const { disk, open } = setUp();
    expect(() => new FileJournal({ disk, shape, owner }).append(note('a'))).toThrow(InvariantError);
    expect(() => open().journal.recover(() => {})).toThrow(InvariantError);
  });
});
