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
 * The fifth line rests on the order of writes. A journal that syncs writes a frame only after all before it is durable;
 * its files and frames are marked *ordered*. So after a fault, whatever ordered follows is a witness that the fault is
 * in what was durable. With `--sync off` nothing is: a power cut may take any part of what the operating system still
 * held, none of it was promised, and the journal is cut at the first fault.
 */
import type { Disk } from './disk.js';
import { damaged } from './journal-errors.js';
import {
  type FileBytes,
  type FileHeader,
  type FileIdentity,
  type FileName,
  fileBytes,
  fileHeaderBytes,
  fileName,
  findFrame,
  formatVersion,
  frameAt,
  parseFileName,
  readFileHeader,
  visitRecords,
} from './record-format.js';

export interface SurvivingSegment {
  readonly identity: FileIdentity;
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
  const snapshot = base === undefined ? null : readSnapshot(disk, base, visit);
  const first = base ?? 1;
  const logs = files.logs.filter((sequence) => sequence >= first);
  const segments: SurvivingSegment[] = [];
  for (const sequence of logs) {
    const expected = first + segments.length;
    const before = segments.at(-1)?.identity ?? snapshot?.identity ?? null;
    const fault = sequence === expected ? readSegment(disk, sequence, visit, segments) : missing;
    if (fault === null) continue;
    const later = logs.filter((other) => other > expected);
    refuseUnlessTorn(disk, expected, fault, before, later);
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
    snapshotBytes: snapshot?.length ?? 0,
  };
}

function takeInventory(names: readonly string[]) {
  const temporary: string[] = [];
  const snapshots: number[] = [];
  const logs: number[] = [];
  for (const name of names) {
    const file = parseFileName(name);
    if (file === null) continue;
    if (file.temporary) temporary.push(name);
    else (file.kind === 'log' ? logs : snapshots).push(file.sequence);
  }
  snapshots.sort((a, b) => a - b);
  logs.sort((a, b) => a - b);
  return { temporary, snapshots, logs };
}

/** It got its name only when whole and synced, so any fault is damage. */
function readSnapshot(
  disk: Disk,
  sequence: number,
  visit: Visit,
): { readonly identity: FileIdentity; readonly length: number } {
  const name: FileName = { kind: 'snapshot', sequence };
  const bytes = disk.read(fileName(name));
  const fail = (offset: number, expected: string) =>
    damaged(disk, { file: fileName(name), offset, expected });
  const identity = readHeader(disk, name, bytes);
  if (identity === null) throw fail(0, 'the header of a snapshot');
  const file = fileBytes(identity, bytes);
  for (let offset = fileHeaderBytes; ; ) {
    const frame = frameAt(file, offset);
    if (frame === null) throw fail(offset, 'records that match their checksum');
    if (frame.last) {
      if (frame.end !== file.bytes.length) throw fail(frame.end, 'the end of the snapshot');
      return { identity, length: frame.end };
    }
    if (!visitRecords(file, frame, visit)) throw fail(offset, 'records that fill their frame');
    offset = frame.end;
  }
}

interface Fault {
  readonly offset: number;
  readonly expected: string;
  /** `null` when the segment's header can't be read. */
  readonly header: FileHeader | null;
  /** Where an ordered frame follows in the same file. */
  readonly witness: number | null;
}

const missing: Fault = {
  offset: 0,
  expected: 'this segment, which is missing',
  header: null,
  witness: null,
};

/** Visits the records up to the first fault, if any, and adds to `segments` what survives. */
function readSegment(
  disk: Disk,
  sequence: number,
  visit: Visit,
  segments: SurvivingSegment[],
): Fault | null {
  const { header, file } = openSegment(disk, sequence);
  if (header === null) {
    return { offset: 0, expected: 'the header of a segment', header, witness: findFrame(file, 0) };
  }
  let offset = fileHeaderBytes;
  while (offset < file.bytes.length) {
    const frame = frameAt(file, offset);
    if (frame === null) break;
    if (frame.last || !visitRecords(file, frame, visit)) {
      const expected = 'records that fill their frame';
      throw damaged(disk, { file: logName(sequence), offset, expected });
    }
    offset = frame.end;
  }
  segments.push({ identity: file.identity, length: offset });
  if (offset === file.bytes.length) return null;
  const witness = header.ordered ? findFrame(file, offset + 1) : null;
  return { offset, expected: 'records that match their checksum', header, witness };
}

/** Throws unless a crash can have left `fault`, so that nothing durable is lost by ending the journal there. */
function refuseUnlessTorn(
  disk: Disk,
  sequence: number,
  fault: Fault,
  before: FileIdentity | null,
  later: readonly number[],
): void {
  const { offset, header, witness } = fault;
  const refuse = (follows: string) => {
    const expected = `${fault.expected}; ${follows}, so this is no write cut short by a crash`;
    return damaged(disk, { file: logName(sequence), offset, expected });
  };
  if (witness !== null) throw refuse(`intact records follow at byte ${witness}`);
  const [next] = later;
  if (next === undefined) return;
  const laterOrders = later.map((other) => orderOf(disk, other));
  // What can't be read is taken to be like its neighbours.
  const ordered = header?.ordered ?? laterOrders[0] ?? before?.ordered ?? false;
  if (ordered || laterOrders.includes(true)) throw refuse(`${logName(next)} follows`);
}

/** Whether a segment is ordered; `null` when nothing in it says so. */
function orderOf(disk: Disk, sequence: number): boolean | null {
  const { header, file } = openSegment(disk, sequence);
  if (header !== null) return header.ordered;
  return findFrame(file, 0) === null ? null : true;
}

/** Without a header, only frames that are ordered will be found in the file. */
function openSegment(
  disk: Disk,
  sequence: number,
): { readonly header: FileHeader | null; readonly file: FileBytes } {
  const name: FileName = { kind: 'log', sequence };
  const bytes = disk.read(fileName(name));
  const header = readHeader(disk, name, bytes);
  return { header, file: fileBytes({ ...name, ordered: header?.ordered ?? true }, bytes) };
}

/** `null` when there is no header. Throws when there is one, of another file or another kvx. */
function readHeader(disk: Disk, name: FileName, bytes: Uint8Array): FileHeader | null {
  const header = readFileHeader(bytes);
  if (header === null) return null;
  const fail = (expected: string) => damaged(disk, { file: fileName(name), offset: 0, expected });
  if (header.version !== formatVersion) {
    throw fail(
      `journal format ${formatVersion}, found ${header.version} of another version of kvx`,
    );
  }
  if (header.kind !== name.kind || header.sequence !== name.sequence) {
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
