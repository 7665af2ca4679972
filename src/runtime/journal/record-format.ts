/**
 * The bytes of a journal: files of frames, a frame being the records of one write.
 *
 * ```
 * file    header, frame*                                                       (all numbers little-endian)
 * header  'KVXLOG' version:u16 length:u32 crc:u32                (16 bytes), then CBOR of what the file is
 * frame   length:u32 count:u32 number:u32 flags:u32 payloadCrc:u32 headerCrc:u32  (24 bytes), then the payload
 * payload (length:u32, CBOR of the record)*
 * ```
 *
 * One checksum covers a whole write, so a write that a power cut tore is seen as one thing that is there or not,
 * however the disk reordered its blocks. The checksum of a frame's header starts from the one of its file's header,
 * which differs for any two files of any two nodes: frames of another file (a block of a segment deleted long ago) don't
 * match. Frames are numbered in their file, so that one that is missing, there twice or in another's place is seen
 * wherever it stands.
 */

import { crc32Of } from '../../core/crc32.js';
import { invariant } from '../../core/invariant.js';
import { encodeUtf8 } from '../../core/utf8.js';
import * as wire from '../../core/wire.js';
import { decodeAs, encodeAs } from '../cbor.js';
import type { JournalOwner } from '../ports.js';

export type FileKind = 'log' | 'snapshot';

/** The sequence grows by one a segment; a snapshot bears that of the segment after it. */
export interface FileName {
  readonly kind: FileKind;
  readonly sequence: number;
  /** A large snapshot goes on in parts 1, 2, ...; 0 is its first file, and every segment. */
  readonly part: number;
}

export interface Frame {
  /** Of the payload. */
  readonly length: number;
  readonly recordCount: number;
  /** From 0 in each file. */
  readonly number: number;
  /** Ends the first file of a snapshot; its one record is the {@link FileEnd}s of the other parts. */
  readonly last: boolean;
  readonly payloadChecksum: number;
}

export const formatVersion = 2;
export const headerPrefixBytes = 16;
/** A cluster's id and a node's name are short. */
export const headerBytesMax = 1024;
export const frameHeaderBytes = 24;
/** In front of each record in a payload. */
export const recordHeaderBytes = 4;

const magic = encodeUtf8('KVXLOG');
const lastFlag = 1;
const temporarySuffix = '.tmp';

/** How a file ends: enough to see that it is the one that was meant, and whole. */
const fileEnd = wire.struct({
  /** That of its header. */
  checksum: wire.count,
  bytes: wire.count,
});

export type FileEnd = wire.Shaped<typeof fileEnd>;

const fileHeader = wire.struct({
  kind: wire.oneOf('log', 'snapshot'),
  sequence: wire.count,
  part: wire.count,
  owner: wire.struct<JournalOwner>({ cluster: wire.text, node: wire.text }),
  /** The start of the node that wrote it. */
  incarnation: wire.count,
  /**
   * Written by a journal that syncs: each frame of the log was written only after everything before it, in this file
   * and older ones, was durable.
   */
  ordered: wire.boolean,
  /** The segment before this one, for a segment that has one. */
  previous: wire.nullable(fileEnd),
});

export type FileHeader = wire.Shaped<typeof fileHeader>;

/** What the last frame of a snapshot's first file holds. */
export const snapshotParts = wire.list(fileEnd);

export const segmentName = (sequence: number): string =>
  fileName({ kind: 'log', sequence, part: 0 });

export function fileName({ kind, sequence, part }: FileName): string {
  const name = `${String(sequence).padStart(8, '0')}.${kind === 'log' ? 'wal' : 'snapshot'}`;
  return part === 0 ? name : `${name}.${String(part).padStart(4, '0')}`;
}

/** Under this name a file is written until it may count. */
export function temporaryName(name: FileName): string {
  return fileName(name) + temporarySuffix;
}

/** What a file's name says it is; `null` for a file that is none of the journal's. */
export function parseFileName(name: string): (FileName & { readonly temporary: boolean }) | null {
  const match = /^(\d{8,10})\.(?:(wal)|snapshot(?:\.(\d{4,6}))?)(\.tmp)?$/.exec(name);
  if (match === null) return null;
  const kind = match[2] === 'wal' ? 'log' : 'snapshot';
  const temporary = match[4] !== undefined;
  return { kind, sequence: Number(match[1]), part: Number(match[3] ?? 0), temporary };
}

/** A header as it stands in a file, and where the checksums of the file's frames start. */
export function sealHeader(
  header: FileHeader,
  version = formatVersion,
): { readonly bytes: Uint8Array; readonly checksum: number } {
  const body = encodeAs(fileHeader, header);
  const bytes = new Uint8Array(headerPrefixBytes + body.length);
  invariant(bytes.length <= headerBytesMax, 'the names of a cluster and its nodes are short');
  bytes.set(magic);
  bytes[6] = version;
  bytes[7] = version >>> 8;
  setUint32(bytes, 8, body.length);
  bytes.set(body, headerPrefixBytes);
  const checksum = headerChecksum(bytes, bytes.length);
  setUint32(bytes, 12, checksum);
  return { bytes, checksum };
}

export type HeaderRead =
  | {
      readonly type: 'header';
      readonly header: FileHeader;
      readonly checksum: number;
      /** Where the first frame begins. */
      readonly bytes: number;
    }
  | { readonly type: 'other version'; readonly version: number }
  | { readonly type: 'none' };

/** Reads the header in the first {@link headerBytesMax} bytes of a file, or in all of it when it is shorter. */
export function readHeader(bytes: Uint8Array): HeaderRead {
  if (bytes.length < headerPrefixBytes) return { type: 'none' };
  if (!magic.every((byte, at) => bytes[at] === byte)) return { type: 'none' };
  const view = viewOf(bytes);
  const version = view.getUint16(6, true);
  if (version !== formatVersion) return { type: 'other version', version };
  const end = headerPrefixBytes + view.getUint32(8, true);
  if (end > bytes.length) return { type: 'none' };
  const checksum = headerChecksum(bytes, end);
  if (view.getUint32(12, true) !== checksum) return { type: 'none' };
  try {
    const header = decodeAs(fileHeader, bytes.subarray(headerPrefixBytes, end));
    return { type: 'header', header, checksum, bytes: end };
  } catch {
    return { type: 'none' };
  }
}

function headerChecksum(bytes: Uint8Array, end: number): number {
  return crc32Of(bytes, headerPrefixBytes, end, crc32Of(bytes, 0, 12));
}

/**
 * Completes a frame: `frame` is room for a frame header, then the payload. `fileChecksum` is that of the header of the
 * file it goes to.
 */
export function writeFrameHeader(
  frame: Uint8Array,
  { recordCount, number, last }: Pick<Frame, 'recordCount' | 'number' | 'last'>,
  fileChecksum: number,
): void {
  const { length } = frame;
  setUint32(frame, 0, length - frameHeaderBytes);
  setUint32(frame, 4, recordCount);
  setUint32(frame, 8, number);
  setUint32(frame, 12, last ? lastFlag : 0);
  setUint32(frame, 16, crc32Of(frame, frameHeaderBytes, length));
  setUint32(frame, 20, crc32Of(frame, 0, 20, fileChecksum));
}

/** The intact frame header at `at` of `bytes`, which `view` shows, or `null`. The payload may be torn all the same. */
export function frameHeaderAt(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  fileChecksum: number,
): Frame | null {
  const flags = view.getUint32(at + 12, true);
  const length = view.getUint32(at, true);
  const recordCount = view.getUint32(at + 4, true);
  // Cheap tests first: looking for a frame at every byte of a torn tail mostly ends here.
  if (flags > lastFlag || recordCount === 0) return null;
  if (recordCount * (recordHeaderBytes + 1) > length) return null;
  const checksum = crc32Of(bytes, at, at + 20, fileChecksum);
  if (view.getUint32(at + 20, true) !== checksum) return null;
  return {
    length,
    recordCount,
    number: view.getUint32(at + 8, true),
    last: flags === lastFlag,
    payloadChecksum: view.getUint32(at + 16, true),
  };
}

/** A `DataView` for a few numbers costs more than they do. */
function setUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
