import { describe, expect, it } from 'vitest';
import { FrameBuffer } from './frame-buffer.js';
import {
  type FileIdentity,
  type FileName,
  fileBytes,
  fileName,
  findFrame,
  frameAt,
  parseFileName,
  readFileHeader,
  temporaryName,
  writeFileHeader,
} from './record-format.js';

const log: FileIdentity = { kind: 'log', sequence: 7, ordered: true };

/** A frame of one record, at `offset` of a file of zeros. */
function fileWithFrame(identity: FileIdentity, offset: number, room: number): Uint8Array {
  const buffer = new FrameBuffer();
  buffer.add(['note', 'hello']);
  const frame = buffer.seal(identity, offset);
  const bytes = new Uint8Array(offset + frame.length + room);
  bytes.set(frame, offset);
  return bytes;
}

describe('a frame', () => {
  it('is found where it was written', () => {
    const bytes = fileWithFrame(log, 100, 50);
    const file = fileBytes(log, bytes);
    expect(frameAt(file, 100)).toMatchObject({ recordCount: 1, last: false });
    expect(findFrame(file, 0)).toBe(100);
    expect(findFrame(file, 101)).toBeNull();
  });

  it('does not match at another place, in another segment or in a snapshot', () => {
    const bytes = fileWithFrame(log, 100, 0);
    expect(frameAt(fileBytes(log, bytes.slice(1)), 99)).toBeNull();
    expect(frameAt(fileBytes({ ...log, sequence: 8 }, bytes), 100)).toBeNull();
    expect(frameAt(fileBytes({ ...log, kind: 'snapshot' }, bytes), 100)).toBeNull();
    expect(frameAt(fileBytes({ ...log, ordered: false }, bytes), 100)).toBeNull();
  });

  it('does not match with any of its bytes changed or missing', () => {
    const bytes = fileWithFrame(log, 0, 0);
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of [1, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ mask;
        expect(frameAt(fileBytes(log, changed), 0)).toBeNull();
      }
      expect(frameAt(fileBytes(log, bytes.slice(0, at)), 0)).toBeNull();
    }
  });

  it('is not made of zeros', () => {
    expect(findFrame(fileBytes(log, new Uint8Array(1000)), 0)).toBeNull();
  });
});

describe('a file', () => {
  it('says in its header what it is', () => {
    const header = writeFileHeader({ kind: 'snapshot', sequence: 12, ordered: false });
    expect(readFileHeader(header)).toEqual({
      kind: 'snapshot',
      sequence: 12,
      version: 1,
      ordered: false,
    });
    expect(readFileHeader(header.slice(0, -1))).toBeNull();
  });

  it('says the same by its name', () => {
    expect(parseFileName(fileName(log))).toEqual({ kind: 'log', sequence: 7, temporary: false });
    const snapshot: FileName = { kind: 'snapshot', sequence: 123_456_789 };
    expect(parseFileName(temporaryName(snapshot))).toEqual({ ...snapshot, temporary: true });
    for (const name of ['node.log', '7.wal', '00000007.wal.bak', 'x00000007.wal']) {
      expect(parseFileName(name)).toBeNull();
    }
  });
});
