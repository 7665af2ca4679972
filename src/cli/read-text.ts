import { readFileSync } from 'node:fs';
import { ConfigError, readProblem } from '../config/problem.js';
import { frameBytesMax } from '../core/limits.js';
import { readStandardInput } from './standard-input.js';

/** A whole file, or standard input for `-` or none at all; and what to call it in messages. */
export async function readText(
  file: string | undefined,
  signal: AbortSignal,
  what = 'the steps',
): Promise<{ readonly text: Uint8Array; readonly source: string }> {
  const isInput = file === undefined || file === '-';
  const source = isInput ? 'standard input' : file;
  const text = isInput ? await readStandardInput(what, frameBytesMax, signal) : readBounded(file);
  if (text !== null && text.length <= frameBytesMax) return { text, source };
  const message = `it is larger than ${frameBytesMax} bytes (4 MiB)`;
  throw new ConfigError([{ source, message }]);
}

function readBounded(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError([{ source: file, message: readProblem(error) }]);
  }
}
