/** Runs somebody's program on a script, which it reads from its standard input. */
import { spawn } from 'node:child_process';
import { oneLine, quantity } from '../../core/show.js';

export interface ProgramEnd {
  readonly output: string;
  /** Why that does not count; `null` when it does. */
  readonly problem: string | null;
}

const bytesMax = 4 * 1024 * 1024;

/** Ends when the program and all that it has started are gone. */
export function runProgramOn(
  script: string,
  how: {
    readonly command: string;
    readonly folder: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  },
): Promise<ProgramEnd> {
  const { command, folder, timeoutMs, signal } = how;
  return new Promise((resolve) => {
    // A group of its own, so that what it leaves behind can be ended, too.
    const child = spawn(command, { cwd: folder, shell: true, detached: true });
    let problem: string | null = null;
    let bytes = 0;
    let said = '';
    const pieces: Buffer[] = [];
    const end = (why: string | null): void => {
      problem ??= why;
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // All of them are gone.
      }
    };
    const timer = setTimeout(() => end(`it did not end within ${timeoutMs / 1000} s`), timeoutMs);
    const interrupt = (): void => end('interrupted');
    signal.addEventListener('abort', interrupt, { once: true });
    child.stdout.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > bytesMax) end(`it printed more than ${quantity(bytesMax, 'byte')}`);
      else pieces.push(piece);
    });
    child.stderr.on('data', (piece: Buffer) => {
      said = (said + piece.toString()).slice(-1000);
    });
    // It may end before it has read all of it.
    child.stdin.on('error', () => {});
    child.stdin.end(script);
    child.once('error', (error) => end(`it can't be started: ${error.message}`));
    child.once('exit', (code, how) => {
      if (code !== 0) problem ??= `it ended with ${how ?? `exit code ${code}`}${lastLine(said)}`;
      end(null);
    });
    child.once('close', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', interrupt);
      resolve({ output: Buffer.concat(pieces).toString(), problem });
    });
  });
}

function lastLine(said: string): string {
  const line = said.trim().split('\n').at(-1) ?? '';
  return line === '' ? '' : `: ${oneLine(line, 200)}`;
}
