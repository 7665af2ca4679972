import { spawn } from 'node:child_process';
import type { RanKvx } from '../operations/context.js';
import { outputWidth } from '../render/output.js';

/** Of what a program prints; a report is some kilobytes. */
const printedBytesMax = 16 * 1024 * 1024;

/** Runs kvx in a process of its own, until the signal aborts. */
export async function runKvx(args: readonly string[], signal: AbortSignal): Promise<RanKvx> {
  const program = process.argv[1] as string;
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  // It prints into a pipe, and what comes out of that is for this output.
  const env = { ...process.env, COLUMNS: String(outputWidth()) };
  const child = spawn(process.execPath, [program, ...args], { stdio: [...stdio], env });
  const stop = (): void => {
    child.kill('SIGINT');
  };
  signal.addEventListener('abort', stop, { once: true });
  const printed: Buffer[] = [];
  let size = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= printedBytesMax) printed.push(chunk);
  });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 130));
  }).finally(() => signal.removeEventListener('abort', stop));
  return { exitCode, printed: Buffer.concat(printed) };
}
