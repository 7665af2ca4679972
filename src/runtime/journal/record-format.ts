/**
 * The bytes of a journal: files of frames, a frame being the records of one write.
 *
 * ```
 * file    header, frame*
 * header  'KVXLOG' version:u16 kind:u32 sequence:u32 flags:u32 crc:u32       (24 bytes; all numbers little-endian)
 * frame   length:u32 count:u32 flags:u32 payloadCrc:u32 headerCrc:u32        (20 bytes), then the payload
 * payload (length:u32, CBOR of the record)*
 * ```
 *
 * One checksum covers a whole write, so a write that a power cut tore is seen as one thing that is there or not,
 * however the disk reordered its blocks. Both checksums of a frame start from a number drawn from the file's identity
 * and the frame's offset: right bytes in the wrong place (a block of a segment deleted long ago) don't match.
 */
import { crc32 } from 'node:zlib';
import { mix32 } from '../../core/hash.js';

export type FileKind = 'log' | 'snapshot';

/** The number grows by one a segment; a snapshot bears that of the segment after it. */
export interface FileName {
  readonly kind: FileKind;
  readonly sequence: number;
}

export interface FileIdentity extends FileName {
  /**
   * Written by a journal that syncs: each frame of the log was written only after everything before it, in this file
   * and older ones, was durable.
   */
  readonly ordered: boolean;
}

export interface FileHeader extends FileIdentity {
  readonly version: number;
}

/** One frame inside a file; offsets in bytes from the start of the file. */
export interface Frame {
  readonly payloadOffset: number;
  readonly end: number;
  readonly recordCount: number;
  /** Ends a snapshot; it has no records. */
  readonly last: boolean;
}

export const formatVersion = 1;
export const fileHeaderBytes = 24;
export const frameHeaderBytes = 20;
/** In front of each record in a payload. */
export const recordHeaderBytes = 4;

const magic = new TextEncoder().encode('KVXLOG');
const kindNumbers = { log: 1, snapshot: 2 } as const;
const orderedFlag = 1;
const lastFlag = 1;
const temporarySuffix = '.tmp';

export function fileName({ kind, sequence }: FileName): string {
  return `${String(sequence).padStart(8, '0')}.${kind === 'log' ? 'wal' : 'snapshot'}`;
}

/** Under this name a snapshot is written until it is whole. */
export function temporaryName(name: FileName): string {
  return fileName(name) + temporarySuffix;
}

/** What a file's name says it is; `null` for a file that is none of the journal's. */
export function parseFileName(name: string): (FileName & { readonly temporary: boolean }) | null {
  const match = /^(\d{8,10})\.(wal|snapshot)(\.tmp)?$/.exec(name);
  if (match === null) return null;
  const kind = match[2] === 'wal' ? 'log' : 'snapshot';
  return { kind, sequence: Number(match[1]), temporary: match[3] !== undefined };
}

export function writeFileHeader(identity: FileIdentity, version = formatVersion): Uint8Array {
  const bytes = new Uint8Array(fileHeaderBytes);
  const view = viewOf(bytes);
  bytes.set(magic);
  view.setUint16(6, version, true);
  view.setUint32(8, kindNumbers[identity.kind], true);
  view.setUint32(12, identity.sequence, true);
  view.setUint32(16, identity.ordered ? orderedFlag : 0, true);
  view.setUint32(20, crc32(bytes.subarray(0, 20)), true);
  return bytes;
}

/** The header, whichever version wrote it, or `null` when these bytes are none. */
export function readFileHeader(bytes: Uint8Array): FileHeader | null {
  if (bytes.length < fileHeaderBytes) return null;
  const view = viewOf(bytes);
  if (view.getUint32(20, true) !== crc32(bytes.subarray(0, 20))) return null;
  if (!magic.every((byte, at) => bytes[at] === byte)) return null;
  return {
    version: view.getUint16(6, true),
    kind: view.getUint32(8, true) === kindNumbers.log ? 'log' : 'snapshot',
    sequence: view.getUint32(12, true),
    ordered: (view.getUint32(16, true) & orderedFlag) !== 0,
  };
}

/** Completes a frame: `frame` is room for a frame header, then the payload. */
export function writeFrameHeader(
  frame: Uint8Array,
  recordCount: number,
  last: boolean,
  identity: FileIdentity,
  offset: number,
): void {
  const view = viewOf(frame);
  const start = checksumStart(identity, offset);
  view.setUint32(0, frame.length - frameHeaderBytes, true);
  view.setUint32(4, recordCount, true);
  view.setUint32(8, last ? lastFlag : 0, true);
  view.setUint32(12, crc32(frame.subarray(frameHeaderBytes), start), true);
  view.setUint32(16, crc32(frame.subarray(0, 16), start), true);
}

/** A journal file's bytes, for reading. */
export interface FileBytes {
  readonly identity: FileIdentity;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export function fileBytes(identity: FileIdentity, bytes: Uint8Array): FileBytes {
  return { identity, bytes, view: viewOf(bytes) };
}

/** The intact frame that begins at `offset`, or `null` when there is none. */
export function frameAt(file: FileBytes, offset: number): Frame | null {
  const { bytes, view } = file;
  const payloadOffset = offset + frameHeaderBytes;
  if (payloadOffset > bytes.length) return null;
  const length = view.getUint32(offset, true);
  const recordCount = view.getUint32(offset + 4, true);
  const flags = view.getUint32(offset + 8, true);
  // Cheap tests first: looking for a frame at every byte of a torn tail mostly ends here.
  if (length > bytes.length - payloadOffset) return null;
  if (flags > lastFlag || (flags === 0 && recordCount * (recordHeaderBytes + 1) > length))
    return null;
  if (flags === 0 && recordCount === 0) return null;
  const start = checksumStart(file.identity, offset);
  const end = payloadOffset + length;
  if (view.getUint32(offset + 16, true) !== crc32(bytes.subarray(offset, offset + 16), start))
    return null;
  if (view.getUint32(offset + 12, true) !== crc32(bytes.subarray(payloadOffset, end), start))
    return null;
  return { payloadOffset, end, recordCount, last: flags === lastFlag };
}

/** Where the first intact frame at or after `offset` begins, or `null`. */
export function findFrame(file: FileBytes, offset: number): number | null {
  for (let at = offset; at + frameHeaderBytes < file.bytes.length; at++) {
    if (frameAt(file, at) !== null) return at;
  }
  return null;
}

/** Hands over the CBOR of each record, as views into the file. Returns false when they don't fill the payload exactly. */
export function visitRecords(
  file: FileBytes,
  frame: Frame,
  visit: (cbor: Uint8Array) => void,
): boolean {
  let at = frame.payloadOffset;
  for (let index = 0; index < frame.recordCount; index++) {
    if (at + recordHeaderBytes > frame.end) return false;
    const start = at + recordHeaderBytes;
    at = start + file.view.getUint32(at, true);
    if (at > frame.end) return false;
    visit(file.bytes.subarray(start, at));
  }
  return at === frame.end;
}

/** Differs for any two offsets of one file (`mix32` is a bijection), and nearly always between files. */
function checksumStart({ kind, sequence, ordered }: FileIdentity, offset: number): number {
  const file = sequence * 4 + (kind === 'log' ? 0 : 1) + (ordered ? 2 : 0);
  return mix32(mix32(file) ^ offset);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
