import { note } from '../render/output.js';
import { openInput, readWhole } from './text-input.js';

/**
 * All of standard input, byte for byte; `null` when there is more of it than `bytesMax`. `what` is what a person at a
 * terminal is to type.
 */
export async function readStandardInput(
  what: string,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  if (process.stdin.isTTY) note(`Type ${what}, then Ctrl-D on a line of its own.`);
  return readWhole(openInput('-', signal), bytesMax);
}
