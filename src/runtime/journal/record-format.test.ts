import { describe, expect, it } from 'vitest';
import { list, text } from '../../core/wire.js';
import { FrameBuffer } from './frame-buffer.js';
import {
  type FileHeader,
  type FileName,
  fileName,
  parseFileName,
  readHeader,
  sealHeader,
  temporaryName,
} from './record-format.js';
import { fileOf } from './testing/bytes.js';

const segment: FileHeader = {
  kind: 'log',
  sequence: 7,
  part: 0,
  owner: { cluster: 'c1', node: 'n1' },
  incarnation: 3,
  ordered: true,
  previous: { checksum: 5, bytes: 1000 },
};
const { checksum } = sealHeader(segment);

/** A frame of one record, at `offset` of a file of zeros. */
function bytesWithFrame(offset: number, room: number): Uint8Array {
  const buffer = new FrameBuffer();
  buffer.add(list(text), ['note', 'hello']);
  const frame = buffer.seal(checksum, 4);
  const bytes = new Uint8Array(offset + frame.length + room);
  bytes.set(frame, offset);
  return bytes;
}

describe.each([1, 7, 24, 1000])('a frame, read in slices of %i bytes,', (sliceBytes) => {
  const isFrameAt = (bytes: Uint8Array, offset: number, fileChecksum = checksum) => {
    const file = fileOf(bytes, sliceBytes);
    const frame = file.frameAt(offset, fileChecksum);
    return frame !== null && file.isIntact(frame, offset + 24);
  };

  it('is found where it stands', () => {
    const bytes = bytesWithFrame(100, 50);
    const file = fileOf(bytes, sliceBytes);
    expect(file.frameAt(100, checksum)).toMatchObject({ recordCount: 1, number: 4, last: false });
    expect(isFrameAt(bytes, 100)).toBe(true);
    expect(file.findFrame(0, checksum)).toBe(100);
    expect(file.findFrame(100, checksum)).toBe(100);
    expect(file.findFrame(101, checksum)).toBeNull();
  });

  it('does not match with any of its bytes changed or missing', () => {
    const bytes = bytesWithFrame(0, 0);
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of [1, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ mask;
        expect(isFrameAt(changed, 0)).toBe(false);
      }
      expect(isFrameAt(bytes.slice(0, at), 0)).toBe(false);
    }
  });

  it('is not made of zeros', () => {
    expect(fileOf(new Uint8Array(1000), sliceBytes).findFrame(0, checksum)).toBeNull();
  });

  it.each<[string, Partial<FileHeader>]>([
    ['another segment', { sequence: 8 }],
    ['a snapshot', { kind: 'snapshot' }],
    ['another incarnation', { incarnation: 4 }],
    ['another node', { owner: { cluster: 'c1', node: 'n2' } }],
    ['another cluster', { owner: { cluster: 'c2', node: 'n1' } }],
    ['an unordered journal', { ordered: false }],
  ])('does not match in a file of %s', (_, change) => {
    const other = sealHeader({ ...segment, ...change }).checksum;
    expect(isFrameAt(bytesWithFrame(10, 0), 10, other)).toBe(false);
  });
});

describe('a file', () => {
  it('says in its header what it is and whose', () => {
    const { bytes } = sealHeader(segment);
    expect(readHeader(bytes)).toEqual({
      type: 'header',
      header: segment,
      checksum,
      bytes: bytes.length,
    });
  });

  it('has no header when a byte of it is changed or missing', () => {
    const { bytes } = sealHeader(segment);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] as number) ^ 1;
      expect(readHeader(changed).type).not.toBe('header');
      expect(readHeader(bytes.slice(0, at)).type).toBe('none');
    }
  });

  it('says by its header which version of the format it has', () => {
    const { bytes } = sealHeader(segment, 9);
    expect(readHeader(bytes)).toEqual({ type: 'other version', version: 9 });
  });

  it('says the same by its name', () => {
    expect(parseFileName(fileName(segment))).toEqual({
      kind: 'log',
      sequence: 7,
      part: 0,
      temporary: false,
    });
    const snapshot: FileName = { kind: 'snapshot', sequence: 123_456_789, part: 0 };
    expect(parseFileName(temporaryName(snapshot))).toEqual({ ...snapshot, temporary: true });
    const part: FileName = { kind: 'snapshot', sequence: 3, part: 12 };
    expect(fileName(part)).toBe('00000003.snapshot.0012');
    expect(parseFileName(fileName(part))).toEqual({ ...part, temporary: false });
    for (const name of [
      'node.log',
      '7.wal',
      '00000007.wal.bak',
      'x00000007.wal',
      '00000007.wal.0001',
    ]) {
      expect(parseFileName(name)).toBeNull();
    }
  });
});
