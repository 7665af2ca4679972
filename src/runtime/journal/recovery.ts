/**
 * Reading a journal back after any crash.
 *
 * What a crash can leave, and what is made of it:
 *
 * | found | because of | so |
 * |---|---|---|
 * | a segment or a snapshot under its temporary name; parts of a snapshot without its first file | a crash while it was written | removed |
 * | segments or snapshots older than the newest snapshot | a crash before they were removed | removed |
 * | a segment ends in zeros | that is where it would have gone on | cut there, not told |
 * | the last segment ends in other bytes that are no frame | a write cut short | cut there |
 * | the same, but more of the file follows than one write can have left | not a crash: that was durable once | refused |
 * | frames are missing, there twice or in another order | not a crash | refused |
 * | a segment is missing, or ends elsewhere than the next one says | not a crash | refused |
 * | a file has no header; a snapshot has a fault | not a crash: it was durable before the file got its name | refused |
 *
 * The middle lines rest on the order of writes. A journal that syncs writes a frame only after all before it is durable;
 * its files are marked *ordered*. So one write at most is torn: after a fault, the header of any later frame, or a later
 * segment, is a witness that the fault is in what was durable. With `--sync off` nothing is: a power cut may take any
 * part of what the operating system still held, none of it was promised, and the journal is cut at the first fault.
 *
 * Damage to the very last write can't be told from a write cut short. All that is cut or removed is reported.
 */
import { decodeAs } from '../cbor.js';
import type { JournalCut, JournalOwner } from '../ports.js';
import type { Disk } from './disk.js';
import { damaged, foreign, otherFormat } from './journal-errors.js';
import {
  type FileEnd,
  type FileHeader,
  type FileName,
  type Frame,
  fileName,
  formatVersion,
  frameHeaderBytes,
  parseFileName,
  segmentName,
  snapshotParts,
} from './record-format.js';
import { SlicedFile } from './sliced-file.js';

export interface SurvivingSegment {
  readonly header: FileHeader;
  /** Up to the end of the last intact frame. */
  readonly end: FileEnd;
}

/** What reading found; nothing on disk is changed yet. */
export interface RecoveredJournal {
  /** What will be cut or removed, in this order; a crash on the way leaves something that recovers to the same. */
  readonly cuts: readonly JournalCut[];
  /** Files that have to go, in this order. */
  readonly remove: readonly string[];
  /** Oldest first; the last may have to be cut to its end. */
  readonly segments: readonly SurvivingSegment[];
  readonly isFresh: boolean;
  /** The last one known; 0 when there is none. */
  readonly incarnation: number;
  readonly nextSequence: number;
  /** 0 when there is none. */
  readonly snapshotBytes: number;
}

type Visit = (cbor: Uint8Array) => void;

/**
 * Hands over the records of the newest snapshot, then those of the log. Throws a `JournalError` on what no crash can
 * explain, possibly after having handed over some.
 */
export function readJournal(reading: JournalReading, visit: Visit): RecoveredJournal {
  const { disk } = reading;
  const inventory = takeInventory(disk.list());
  const base = inventory.snapshots.at(-1);
  const first = base ?? 1;
  const logs = inventory.logs.filter((sequence) => sequence >= first);
  const opened = logs.map((sequence) => openFile(reading, { kind: 'log', sequence, part: 0 }));
  const snapshot = base === undefined ? null : readSnapshot(reading, base, visit);
  checkBeside(reading, snapshot, opened);
  const { segments, fault } = readLog(reading, first, opened, visit);
  const nextSequence = first + segments.length;
  const size = (file: string) => disk.size(file);
  const removals = [...leftovers(inventory, first, snapshot?.partCount ?? 0)];
  for (const sequence of logs.filter((other) => other >= nextSequence)) {
    removals.push([segmentName(sequence), 'what it goes on from was cut (sync off)']);
  }
  const removed = removals.map(([file, why]) => ({ file, offset: 0, bytes: size(file), why }));
  return {
    cuts: fault === null ? removed : [fault, ...removed],
    remove: removals.map(([file]) => file),
    segments,
    isFresh: base === undefined && logs.length === 0,
    incarnation: segments.at(-1)?.header.incarnation ?? 0,
    nextSequence,
    snapshotBytes: snapshot?.bytes ?? 0,
  };
}

/** A journal's files by what their names say. */
interface Inventory {
  /** Not whole yet: no name of their own. */
  readonly temporary: readonly string[];
  /** Sequences of the first files of snapshots, ascending. */
  readonly snapshots: readonly number[];
  readonly parts: readonly FileName[];
  /** Sequences of segments, ascending. */
  readonly logs: readonly number[];
}

function takeInventory(names: readonly string[]): Inventory {
  const temporary: string[] = [];
  const snapshots: number[] = [];
  const parts: FileName[] = [];
  const logs: number[] = [];
  for (const name of names) {
    const file = parseFileName(name);
    if (file === null) continue;
    if (file.temporary) temporary.push(name);
    else if (file.kind === 'log') logs.push(file.sequence);
    else if (file.part === 0) snapshots.push(file.sequence);
    else parts.push(file);
  }
  snapshots.sort((a, b) => a - b);
  logs.sort((a, b) => a - b);
  return { temporary, snapshots, parts, logs };
}

/** Files that a crash explains, and why each has to go. */
function* leftovers(
  { temporary, snapshots, parts, logs }: Inventory,
  first: number,
  partCount: number,
): Generator<readonly [file: string, why: string]> {
  for (const name of temporary) yield [name, 'it was not whole yet'];
  const isOld = ({ sequence }: Pick<FileName, 'sequence'>) => sequence < first;
  const names: FileName[] = [
    ...snapshots.map((sequence): FileName => ({ kind: 'snapshot', sequence, part: 0 })),
    ...logs.map((sequence): FileName => ({ kind: 'log', sequence, part: 0 })),
  ];
  for (const name of names.filter(isOld)) yield [fileName(name), 'a snapshot stands for it'];
  for (const part of parts) {
    const isUsed = part.sequence === first && part.part <= partCount;
    if (!isUsed) yield [fileName(part), 'it is part of no snapshot'];
  }
}

/** A file of the journal with its header, which says that it is the one its name says and this node's. */
interface OpenedFile {
  readonly file: SlicedFile;
  readonly header: FileHeader;
  readonly checksum: number;
  /** Where the first frame begins. */
  readonly headerBytes: number;
}

export interface JournalReading {
  readonly disk: Disk;
  readonly owner: JournalOwner;
  readonly sliceBytes: number;
}

/**
 * A file gets its name only when its header is durable, so no crash explains one without. Throws a `JournalError`
 * (`damaged`, `foreign`, `format`).
 */
function openFile({ disk, owner, sliceBytes }: JournalReading, name: FileName): OpenedFile {
  const file = new SlicedFile(disk, fileName(name), sliceBytes);
  const read = file.header();
  const fail = (expected: string) => damaged(disk, file.name, 0, expected);
  if (read.type === 'none') {
    const what = name.kind === 'log' ? 'segment' : 'snapshot';
    throw fail(`the header of a ${what}, which is durable before the file has this name`);
  }
  if (read.type === 'other version') {
    throw otherFormat(disk, file.name, read.version, formatVersion);
  }
  const { header, checksum, bytes: headerBytes } = read;
  if (header.owner.cluster !== owner.cluster || header.owner.node !== owner.node) {
    throw foreign(disk, file.name, header.owner, owner);
  }
  if (fileName(header) !== file.name) {
    throw fail(`the header of this file, found that of ${fileName(header)}`);
  }
  return { file, header, checksum, headerBytes };
}

interface ReadFrames {
  readonly end: FileEnd;
  readonly frameCount: number;
  /** The payload of the frame that ended a snapshot's first file. */
  readonly lastPayload: Uint8Array | null;
}

/** Visits the records of intact frames, one after another, up to the first place where none stands, or the last frame. */
function readFrames(
  { disk }: JournalReading,
  { file, checksum, headerBytes }: OpenedFile,
  visit: Visit,
): ReadFrames {
  let offset = headerBytes;
  let frameCount = 0;
  let lastPayload: Uint8Array | null = null;
  while (lastPayload === null) {
    const frame = file.frameAt(offset, checksum);
    if (frame === null || frame.number !== frameCount) break;
    const payload = offset + frameHeaderBytes;
    if (!file.isIntact(frame, payload)) break;
    const take: Visit = frame.last ? (cbor) => (lastPayload = cbor.slice()) : visit;
    if (!file.visitRecords(frame, payload, take)) {
      throw damaged(disk, file.name, offset, 'records that fill their frame');
    }
    offset = payload + frame.length;
    frameCount++;
  }
  return { end: { checksum, bytes: offset }, frameCount, lastPayload };
}

interface ReadSnapshot {
  readonly header: FileHeader;
  readonly partCount: number;
  readonly bytes: number;
}

/** It got its name only when whole and synced, so any fault is damage. */
function readSnapshot(reading: JournalReading, sequence: number, visit: Visit): ReadSnapshot {
  const name: FileName = { kind: 'snapshot', sequence, part: 0 };
  const first = openFile(reading, name);
  const read = readFrames(reading, first, visit);
  const { end, lastPayload } = read;
  const fail = ({ file }: OpenedFile, offset: number, expected: string) =>
    damaged(reading.disk, file.name, offset, expected);
  if (lastPayload === null) throw fail(first, end.bytes, describeGap(first, read));
  if (end.bytes !== first.file.size) throw fail(first, end.bytes, 'the end of the snapshot');
  const parts = decodeAs(snapshotParts, lastPayload);
  let { bytes } = end;
  for (const [index, expected] of parts.entries()) {
    const part = openPart(reading, { ...name, part: index + 1 });
    const readPart = readFrames(reading, part, visit);
    const { end: found } = readPart;
    if (!isSame(found, expected)) throw fail(part, found.bytes, describeGap(part, readPart));
    if (found.bytes !== part.file.size) throw fail(part, found.bytes, 'the end of this part');
    bytes += found.bytes;
  }
  return { header: first.header, partCount: parts.length, bytes };
}

function openPart(reading: JournalReading, name: FileName): OpenedFile {
  const file = fileName(name);
  if (reading.disk.list().includes(file)) return openFile(reading, name);
  throw damaged(reading.disk, file, 0, 'this part of a snapshot, which is missing');
}

/** The segment after a snapshot was begun before that got its name, by the same start of the node. */
function checkBeside(
  reading: JournalReading,
  snapshot: ReadSnapshot | null,
  [segment]: readonly OpenedFile[],
): void {
  if (snapshot === null) return;
  const { sequence, incarnation } = snapshot.header;
  if (segment === undefined) throw missing(reading, sequence, fileName(snapshot.header));
  if (segment.header.sequence !== sequence || segment.header.incarnation === incarnation) return;
  const expected = `incarnation ${incarnation} as in ${fileName(snapshot.header)}, found ${segment.header.incarnation}`;
  throw damaged(reading.disk, segment.file.name, 0, expected);
}

interface ReadLog {
  readonly segments: readonly SurvivingSegment[];
  /** The torn tail of the last of them. */
  readonly fault: JournalCut | null;
}

function readLog(
  reading: JournalReading,
  first: number,
  opened: readonly OpenedFile[],
  visit: Visit,
): ReadLog {
  const segments: SurvivingSegment[] = [];
  for (const [index, current] of opened.entries()) {
    const { header, file } = current;
    const before = segments.at(-1) ?? null;
    // What follows a fault is a witness against it, unless none of it was written in order.
    const follows = opened.slice(index);
    const isOrdered = before?.header.ordered === true || follows.some((one) => one.header.ordered);
    if (header.sequence !== first + index) {
      if (before === null || isOrdered) throw missing(reading, first + index, file.name);
      return { segments, fault: null };
    }
    if (before !== null && !isSame(header.previous, before.end)) {
      const expected = `it to end as ${file.name} says, which follows`;
      const { header: last, end } = before;
      if (isOrdered) throw damaged(reading.disk, fileName(last), end.bytes, expected);
      return { segments, fault: null };
    }
    const read = readFrames(reading, current, visit);
    const { end, lastPayload } = read;
    if (lastPayload !== null) throw damaged(reading.disk, file.name, end.bytes, 'a segment');
    segments.push({ header, end });
    if (file.contentEnd(end.bytes) === end.bytes) {
      file.release();
      continue;
    }
    return { segments, fault: tornTail(reading, current, read, opened.slice(index + 1)) };
  }
  return { segments, fault: null };
}

/** The bytes after the last intact frame. Throws unless one write that a crash cut short explains them. */
function tornTail(
  { disk }: JournalReading,
  current: OpenedFile,
  read: ReadFrames,
  later: readonly OpenedFile[],
): JournalCut {
  const { file, header, checksum } = current;
  const offset = read.end.bytes;
  const why = describeGap(current, read);
  const refuse = (follows: string) => {
    const expected = `${why}; ${follows}, so this is no write cut short by a crash`;
    return damaged(disk, file.name, offset, expected);
  };
  const torn = file.frameAt(offset, checksum);
  // Whatever a crash takes away, it leaves the rest where it was.
  if (torn !== null && torn.number !== read.frameCount) {
    throw refuse(`frame number ${torn.number} stands there`);
  }
  const contentEnd = file.contentEnd(offset);
  const tornEnd = torn === null ? contentEnd : offset + frameHeaderBytes + torn.length;
  if (header.ordered || later.some((one) => one.header.ordered)) {
    const [next] = later;
    if (next !== undefined) throw refuse(`${next.file.name} follows`);
    if (tornEnd < contentEnd) throw refuse(`the file goes on at byte ${tornEnd}`);
    const witness = file.findFrame(offset + 1, checksum);
    if (witness !== null) throw refuse(`a frame follows at byte ${witness}`);
  }
  const bytes = Math.min(Math.max(tornEnd, contentEnd), file.size) - offset;
  return { file: file.name, offset, bytes, why: `expected ${why}` };
}

/** What should stand where the intact frames of a file end. */
function describeGap({ file, checksum }: OpenedFile, { end, frameCount }: ReadFrames): string {
  const frame: Frame | null = file.frameAt(end.bytes, checksum);
  const isThere = frame !== null && frame.number === frameCount;
  return isThere ? 'records that match their checksum' : `frame number ${frameCount}`;
}

function missing({ disk }: JournalReading, sequence: number, next: string) {
  const expected = `this segment, which is missing; ${next} goes on from it`;
  return damaged(disk, segmentName(sequence), 0, expected);
}

function isSame(one: FileEnd | null, other: FileEnd): boolean {
  return one !== null && one.checksum === other.checksum && one.bytes === other.bytes;
}
