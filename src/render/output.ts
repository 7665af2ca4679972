/**
 * The two ways out of a command: results to standard output, everything else to standard error.
 *
 * Nobody may be listening any more (`kvx dump | head -1`): that is no error, and `outputClosed` tells those who would
 * go on forever.
 */

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

/** Writes to standard output, as it is. */
export function write(data: string | Uint8Array): void {
  if (!closed.signal.aborted) process.stdout.write(data);
}

export function printLine(...lines: readonly string[]): void {
  for (const line of lines) write(`${line}\n`);
}

/** One JSON document: spread out for a person, on one line for a program. */
export function printJson(document: unknown): void {
  printLine(JSON.stringify(document, null, process.stdout.isTTY ? 2 : 0));
}

/** One document of a stream: always one line. */
export function printJsonLine(document: unknown): void {
  printLine(JSON.stringify(document));
}

/** Progress, hints and warnings. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
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
  // oclif's commands bring a listener of their own, which throws.
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error');
  process.stderr.on('error', onErrorOutputFailed);
  process.stdout.on('error', onOutputFailed);
}

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
