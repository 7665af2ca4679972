import { open } from 'node:fs/promises';
import type { History } from '../history.js';
import { HistoryError } from '../problem.js';
import { Reading, type ReadOptions } from '../read.js';
import { unpacked } from './gunzip.js';

const pieceBytes = 4 * 1024 * 1024;

/**
 * A history from a file, or from what a stream hands out. Throws a definite {@link HistoryError} with file, line and reason
 * when it is not one: nothing is skipped or mended.
 */
export async function readHistory(
  from: string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadOptions = {},
): Promise<History> {
  const isPath = typeof from === 'string';
  const source = options.name ?? (isPath ? from : '-');
  const reading = new Reading(source, options.format);
  let bytes = 0;
  for await (const piece of unpacked(isPath ? piecesOf(from, source) : from, source)) {
    reading.push(piece);
    bytes += piece.length;
    options.onProgress?.(bytes);
  }
  return reading.finish();
}

/** Each is overwritten by the one after the next: while one is looked at, the next is read. */
async function* piecesOf(path: string, source: string): AsyncGenerator<Uint8Array> {
  const refuse = (error: NodeJS.ErrnoException): never => {
    throw new HistoryError(readProblem(error), { source });
  };
  const file = await open(path).catch(refuse);
  const read = (buffer: Buffer<ArrayBuffer>) => {
    const reading = file.read(buffer, 0, buffer.length).catch(refuse);
    // It may fail before it is waited for.
    reading.catch(() => {});
    return reading;
  };
  let next = read(Buffer.allocUnsafe(pieceBytes));
  try {
    let spare = Buffer.allocUnsafe(pieceBytes);
    for (;;) {
      const { bytesRead, buffer } = await next;
      if (bytesRead === 0) return;
      next = read(spare);
      yield buffer.subarray(0, bytesRead);
      spare = buffer;
    }
  } finally {
    await next.catch(() => null);
    await file.close();
  }
}

/** Why a file can't be read, in a user's words. */
function readProblem(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a folder, not a file';
    case 'EACCES':
      return 'this user may not read it';
    default:
      return error.message;
  }
}
