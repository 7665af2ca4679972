import { ConfigError } from '../config/problem.js';
import { frameBytesMax } from '../core/limits.js';
import { readStandardInput } from './standard-input.js';
import { openInput, readWhole } from './text-input.js';

/** A whole file, or standard input for `-` or none at all; and what to call it in messages. */
export async function readText(
  file: string | undefined,
  signal: AbortSignal,
  what = 'the steps',
  bytesMax = frameBytesMax,
): Promise<{ readonly text: Uint8Array; readonly source: string }> {
  const input = openInput(file, signal);
  const { source } = input;
  const isInput = file === undefined || file === '-';
  const text = isInput
    ? await readStandardInput(what, bytesMax, signal)
    : await readWhole(input, bytesMax);
  if (text !== null) return { text, source };
  const message = `it is larger than ${bytesMax} bytes (${bytesMax / 2 ** 20} MiB)`;
  throw new ConfigError([{ source, message }]);
}
