/**
 * The two ways out of a command: results to standard output, everything else to standard error.
 *
 * Nobody may be listening any more (`kvx dump | head -1`): that is no error, and `outputClosed` tells those who would
 * go on forever.
 */

import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { Chalk, type ChalkInstance } from 'chalk';
import { writeProblem } from '../core/write-problem.js';
import { exitCodes } from './failure.js';

const closed = new AbortController();

/** Aborted when whoever read our standard output has gone. */
export const outputClosed: AbortSignal = closed.signal;

/** Columns of the terminal; as many as `$COLUMNS` says, else 80, where there is none. */
export function outputWidth(): number {
  const told = Number(process.env['COLUMNS']);
  return process.stdout.columns ?? (Number.isSafeInteger(told) && told > 0 ? told : 80);
}

type Output = 'stdout' | 'stderr';

/** Streams that somebody has used. */
const opened = new Map<Output, NodeJS.WriteStream>();

/** Elsewhere than in a process of kvx's own, others may have put something else in the place of a stream. */
let isWatched = false;

/** How much a command may print before a stream is made: a fifth of what a pipe takes when nobody reads. */
let bytesAtOnceLeft = 12_288;

/** Making a stream takes longer than what most commands print. Returns what the stream has to print. */
function writeAtOnce(output: Output, data: string | Uint8Array): string | Uint8Array {
  if (!isWatched || opened.has(output) || data.length > bytesAtOnceLeft) return data;
  let bytes = Buffer.from(data);
  bytesAtOnceLeft -= bytes.length;
  try {
    while (bytes.length > 0) {
      bytes = bytes.subarray(writeSync(output === 'stdout' ? 1 : 2, bytes));
    }
  } catch (error) {
    // Of a pipe that is full, or that somebody has made so that nothing waits for it, the stream makes the best.
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return bytes;
    onFailed[output](error as NodeJS.ErrnoException);
    return '';
  }
  return '';
}

function writeOn(output: Output, data: string | Uint8Array): void {
  const left = writeAtOnce(output, data);
  if (left.length > 0) process[output].write(left);
}

/** Writes to standard output, as it is. */
export function write(data: string | Uint8Array): void {
  if (!closed.signal.aborted) writeOn('stdout', data);
}

/** Whether nothing is on its way to whoever reads what was printed. */
export const isPrinted = (): boolean =>
  [...opened.values()].every(({ writableLength }) => writableLength === 0);

export function printLine(...lines: readonly string[]): void {
  for (const line of lines) write(`${line}\n`);
}

/** One JSON document: spread out for a person, on one line for a program. */
export function printJson(document: unknown): void {
  printLine(JSON.stringify(document, null, isatty(1) ? 2 : 0));
}

/** One document of a stream: always one line. */
export function printJsonLine(document: unknown): void {
  printLine(JSON.stringify(document));
}

/** Progress, hints and warnings. */
export function note(text: string): void {
  writeOn('stderr', `${text}\n`);
}

/** What went wrong, as `failureLines` has it. */
export function printFailure([first = '', ...rest]: readonly string[]): void {
  const style = styleFor(process.stderr);
  note(`${style.red.bold('error:')} ${first}`);
  for (const line of rest) note(line);
}

/**
 * From now on an error of writing is no crash. That somebody has stopped to read our results is no error. Any other is
 * told once, and the process ends as a failure of kvx, which no exit code that is an answer may hide. That standard error
 * can't be written on can be told to nobody.
 */
export function watchOutput(): void {
  isWatched = true;
  for (const output of ['stdout', 'stderr'] as const) {
    const open = Object.getOwnPropertyDescriptor(process, output)?.get;
    const get = (): NodeJS.WriteStream => {
      const stream: NodeJS.WriteStream = open?.call(process);
      if (!opened.has(output)) stream.on('error', onFailed[output]);
      opened.set(output, stream);
      return stream;
    };
    Object.defineProperty(process, output, { configurable: true, enumerable: true, get });
  }
}

const onFailed = { stdout: onOutputFailed, stderr: onErrorOutputFailed };

function onErrorOutputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') closed.abort();
}

function onOutputFailed(error: NodeJS.ErrnoException): void {
  if (!closed.signal.aborted && error.code !== 'EPIPE') {
    printFailure([
      `standard output: ${writeProblem(error)}`,
      'What the command did is done; what it printed is not whole.',
    ]);
    process.once('exit', () => {
      process.exitCode = exitCodes.bug;
    });
  }
  closed.abort();
}

/**
 * Colours for one stream: none unless it is a terminal, none with `NO_COLOR` (no-color.org) or a dumb terminal.
 * `FORCE_COLOR` wants them anywhere.
 */
export function styleFor(stream: { readonly isTTY?: boolean }): ChalkInstance {
  return new Chalk({ level: wantsColour(stream, process.env) ? 1 : 0 });
}

export function wantsColour(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] && env['FORCE_COLOR'] !== '0') return true;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
