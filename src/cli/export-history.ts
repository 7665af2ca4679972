import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { History } from '../check/index.js';
import { toEdn } from '../history/edn/write.js';
import { usageError } from '../operations/values.js';

/** Writes the history as EDN, so that other checkers can judge. */
export async function exportHistory(file: string, history: History): Promise<void> {
  await pipeline(toEdn(history), createWriteStream(file)).catch((error: Error) => {
    throw usageError(`can't write ${file}: ${error.message}`);
  });
}
