import { KvxError } from '../core/errors.js';

/**
 * All of standard input, byte for byte; `null` when there is more of it than `bytesMax`. `what` is what a person at a
 * terminal is to type.
 */
export async function readStandardInput(
  what: string,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const { stdin } = process;
  if (stdin.isTTY) process.stderr.write(`Type ${what}, then Ctrl-D on a line of its own.\n`);
  const stop = (): void => {
    stdin.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stdin) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > bytesMax) return null;
    }
  } catch (error) {
    // Nothing was sent yet.
    if (!signal.aborted) throw error;
    throw new KvxError('interrupted', { code: 'interrupted', definite: true });
  } finally {
    signal.removeEventListener('abort', stop);
    stdin.destroy();
  }
  return Buffer.concat(chunks);
}
