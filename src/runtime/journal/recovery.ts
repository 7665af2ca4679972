/**
 * Reading a journal back after any crash.
 *
 * What a crash can leave, and what is made of it:
 *
 * | found | because of | so |
 * |---|---|---|
 * | a snapshot under its temporary name | a crash while it was written | removed |
 * | segments or snapshots older than the newest snapshot | a crash before they were removed | removed |
 * | the last segment ends in bytes that are no frame (short, zeros, garbage) | a write cut short | cut there |
 * | the last segment has no header (empty, zeros, garbage) | a crash before its first sync | removed |
 * | the same, but intact frames or later segments follow | not a crash: that was durable once | refused |
 * | a segment is missing; a snapshot has a fault | not a crash | refused |
 *
 * The fifth line rests on the order of writes. A file says in its header that it is *ordered*: every frame in it was
 * written only after all before it was durable. So after a fault, whatever follows is a witness that the fault is in
 * what was durable. With `--sync off` files are not ordered: a power cut may take any part of what the operating
 * system still held, nothing was promised, and the journal is cut at the first fault.
 */
import type { Disk } from './disk.js';
import { damaged } from './journal-errors.js';
import {
  type FileHeader,
  type FileIdentity,
  fileBytes,
  fileHeaderBytes,
  fileName,
  findFrame,
  formatVersion,
  frameAt,
  identityOf,
  readFileHeader,
  visitRecords,
} from './record-format.js';

export interface SurvivingSegment extends FileIdentity {
  readonly ordered: boolean;
  /** Bytes up to the end of the last intact frame. */
  readonly length: number;
}

/** What recovery found; nothing on disk is changed yet. */
export interface Recovered {
  /** Files that have to go, in this order; a crash on the way leaves something that recovers to the same. */
  readonly remove: readonly string[];
  /** Oldest first; the last may have to be cut to its length. */
  readonly segments: readonly SurvivingSegment[];
  readonly nextSequence: number;
  /** 0 when there is none. */
  readonly snapshotBytes: number;
}

type Visit = (cbor: Uint8Array) => void;

/**
 * Hands over the records of the newest snapshot, then those of the log. Throws a `KvxError` (`cluster`, definite) on
 * damage that no crash can explain, possibly after having handed over some.
 */
export function readJournal(disk: Disk, visit: Visit): Recovered {
  const files = takeInventory(disk.list());
  const base = files.snapshots.at(-1);
  const snapshotBytes = base === undefined ? 0 : readSnapshot(disk, base, visit);
  const first = base ?? 1;
  const logs = files.logs.filter((sequence) => sequence >= first);
  const segments: SurvivingSegment[] = [];
  for (const sequence of logs) {
    const expected = first + segments.length;
    const fault = sequence === expected ? readSegment(disk, sequence, visit, segments) : missing;
    if (fault === null) continue;
    refuseUnlessTorn(disk, expected, fault, logs);
    break;
  }
  const nextSequence = first + segments.length;
  return {
    remove: [
      ...files.temporary,
      ...files.snapshots.filter((sequence) => sequence < first).map(snapshotName),
      ...files.logs.filter((sequence) => sequence < first || sequence >= nextSequence).map(logName),
    ],
    segments,
    nextSequence,
    snapshotBytes,
  };
}

function takeInventory(names: readonly string[]) {
  const temporary: string[] = [];
  const snapshots: number[] = [];
  const logs: number[] = [];
  for (const name of names) {
    const identity = identityOf(name);
    if (identity === null) continue;
    if (identity.temporary) temporary.push(name);
    else (identity.kind === 'log' ? logs : snapshots).push(identity.sequence);
  }
  snapshots.sort((a, b) => a - b);
  logs.sort((a, b) => a - b);
  return { temporary, snapshots, logs };
}

/** Returns its length in bytes. It got its name only when whole and synced, so any fault is damage. */
function readSnapshot(disk: Disk, sequence: number, visit: Visit): number {
  const identity: FileIdentity = { kind: 'snapshot', sequence };
  const file = fileBytes(identity, disk.read(fileName(identity)));
  const fail = (offset: number, expected: string) =>
    damaged(disk, { file: fileName(identity), offset, expected });
  if (readHeader(disk, identity, file.bytes) === null) throw fail(0, 'the header of a snapshot');
  let recordCount = 0;
  for (let offset = fileHeaderBytes; ; ) {
    const frame = frameAt(file, offset);
    if (frame === null) throw fail(offset, 'records that match their checksum');
    if (frame.last) {
      if (frame.recordCount !== recordCount)
        throw fail(offset, `${frame.recordCount} records so far`);
      if (frame.end !== file.bytes.length) throw fail(frame.end, 'the end of the snapshot');
      return frame.end;
    }
    if (!visitRecords(file, frame, visit)) throw fail(offset, 'records that fill their frame');
    recordCount += frame.recordCount;
    offset = frame.end;
  }
}

interface Fault {
  readonly offset: number;
  readonly expected: string;
  /** `null` when the segment's header can't be read. */
  readonly header: FileHeader | null;
  /** Where an intact frame follows in the same file. */
  readonly frameFollows: number | null;
}

const missing: Fault = {
  offset: 0,
  expected: 'this segment, which is missing',
  header: null,
  frameFollows: null,
};

/** Visits the records up to the first fault, if any, and adds to `segments` what survives. */
function readSegment(
  disk: Disk,
  sequence: number,
  visit: Visit,
  segments: SurvivingSegment[],
): Fault | null {
  const identity: FileIdentity = { kind: 'log', sequence };
  const file = fileBytes(identity, disk.read(fileName(identity)));
  const header = readHeader(disk, identity, file.bytes);
  if (header === null) {
    return {
      offset: 0,
      expected: 'the header of a segment',
      header,
      frameFollows: findFrame(file, 0),
    };
  }
  let offset = fileHeaderBytes;
  for (; offset < file.bytes.length; ) {
    const frame = frameAt(file, offset);
    if (frame === null) break;
    if (frame.last || !visitRecords(file, frame, visit)) {
      throw damaged(disk, {
        file: logName(sequence),
        offset,
        expected: 'records that fill their frame',
      });
    }
    offset = frame.end;
  }
  segments.push({ ...identity, ordered: header.ordered, length: offset });
  if (offset === file.bytes.length) return null;
  const expected = 'records that match their checksum';
  return { offset, expected, header, frameFollows: findFrame(file, offset + 1) };
}

/** Throws unless a crash can have left `fault`, so that nothing durable is lost by ending the journal there. */
function refuseUnlessTorn(
  disk: Disk,
  sequence: number,
  fault: Fault,
  logs: readonly number[],
): void {
  const later = logs.filter((other) => other > sequence);
  const laterHeaders = later.map((other) => {
    const identity: FileIdentity = { kind: 'log', sequence: other };
    return readHeader(disk, identity, disk.read(fileName(identity)));
  });
  const ordered = (fault.header ?? laterHeaders[0])?.ordered ?? true;
  const inOrder = ordered || laterHeaders.some((header) => header?.ordered);
  if (!inOrder) return;
  const file = logName(sequence);
  const { offset, expected, frameFollows } = fault;
  if (ordered && frameFollows !== null) {
    const why = `; intact records follow at byte ${frameFollows}, so this is no write cut short by a crash`;
    throw damaged(disk, { file, offset, expected: expected + why });
  }
  const next = later[0];
  if (next !== undefined) {
    const why = `; ${logName(next)} follows, so this is no write cut short by a crash`;
    throw damaged(disk, { file, offset, expected: expected + why });
  }
}

/** `null` when there is no header. Throws when there is one, of another file or another kvx. */
function readHeader(disk: Disk, identity: FileIdentity, bytes: Uint8Array): FileHeader | null {
  const header = readFileHeader(bytes);
  if (header === null) return null;
  const fail = (expected: string) =>
    damaged(disk, { file: fileName(identity), offset: 0, expected });
  if (header.version !== formatVersion) {
    throw fail(
      `journal format ${formatVersion}, found ${header.version} of another version of kvx`,
    );
  }
  if (header.kind !== identity.kind || header.sequence !== identity.sequence) {
    throw fail(`the header of this file, found that of ${fileName(header)}`);
  }
  return header;
}

function logName(sequence: number): string {
  return fileName({ kind: 'log', sequence });
}

function snapshotName(sequence: number): string {
  return fileName({ kind: 'snapshot', sequence });
}
