import { createReadStream } from 'node:fs';
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

async function* piecesOf(path: string, source: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: pieceBytes });
  } catch (error) {
    throw new HistoryError(readProblem(error as NodeJS.ErrnoException), { source });
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
