import { spawn } from 'node:child_process';
import { ownProgram } from '../../cluster/launch/launch.js';
import type { RanKvx } from '../../operations/context.js';
import { outputWidth } from '../../render/output.js';

/** Of what a program prints; a report is some kilobytes. */
const printedBytesMax = 16 * 1024 * 1024;

/**
 * Runs kvx in a process of its own, until the signal aborts. With an environment of its own it is in a group of its own,
 * too, so that Ctrl-C is not for it, and what it says on standard error is caught.
 */
export async function runKvx(
  args: readonly string[],
  signal: AbortSignal,
  ownEnv?: NodeJS.ProcessEnv,
): Promise<RanKvx & { readonly said: Uint8Array }> {
  const isApart = ownEnv !== undefined;
  const env = ownEnv ?? scriptEnvironment();
  const child = spawn(process.execPath, [...ownProgram(), ...args], {
    ...{ env, detached: isApart },
    stdio: ['ignore', 'pipe', isApart ? 'pipe' : 'inherit'],
  });
  const stop = (): void => {
    child.kill('SIGINT');
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const [printed, said]: [Buffer[], Buffer[]] = [[], []];
  let size = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= printedBytesMax) printed.push(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => said.push(chunk));
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 130));
  }).finally(() => signal.removeEventListener('abort', stop));
  return { exitCode, printed: Buffer.concat(printed), said: Buffer.concat(said) };
}

/** What a script asks for is all in its words: flags in the environment are those of who runs the script. */
function scriptEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => name === 'KVX_HOME' || !name.startsWith('KVX_'),
  );
  // It prints into a pipe, and what comes out of that is for this output.
  return { ...Object.fromEntries(kept), COLUMNS: String(outputWidth()) };
}
