/**
 * The two ways out of a command: results to standard output, everything else to standard error.
 *
 * Nobody may be listening any more (`kvx dump | head -1`): that is no error, and `outputClosed` tells those who would
 * go on forever.
 */
import { writeProblem } from '../core/write-problem.js';
import { exitCodes } from './failure.js';
import { styleFor } from './style.js';

const closed = new AbortController();

/** Aborted when whoever read our standard output has gone. */
export const outputClosed: AbortSignal = closed.signal;

/** Another place for what is printed. */
export interface Sink {
  write(data: string | Uint8Array): void;
  json(document: unknown): void;
  note(text: string): void;
}

let diverted: Sink | null = null;

/** What `print` prints goes to `sink`. It must print before it returns: nothing later is diverted. */
export function printingTo<T>(sink: Sink, print: () => T): T {
  const before = diverted;
  diverted = sink;
  try {
    return print();
  } finally {
    diverted = before;
  }
}

/** Writes to standard output, as it is. */
export function write(data: string | Uint8Array): void {
  if (diverted !== null) {
    diverted.write(data);
    return;
  }
  if (!closed.signal.aborted) process.stdout.write(data);
}

export function printLine(text: string): void {
  write(`${text}\n`);
}

/** One JSON document: spread out for a person, on one line for a program. */
export function printJson(document: unknown): void {
  if (diverted !== null) {
    diverted.json(document);
    return;
  }
  printLine(JSON.stringify(document, null, process.stdout.isTTY ? 2 : 0));
}

/** One document of a stream: always one line. */
export function printJsonLine(document: unknown): void {
  printLine(JSON.stringify(document));
}

/** Progress, hints and warnings. */
export function note(text: string): void {
  if (diverted !== null) {
    diverted.note(text);
    return;
  }
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
