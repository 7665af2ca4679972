/**
 * The two ways out of a command: results to standard output, everything else to standard error.
 *
 * Nobody may be listening any more (`kvx dump | head -1`): that is no error, and `outputClosed` tells those who would
 * go on forever.
 */
const closed = new AbortController();
let watching = false;

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
  watch();
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
  watch();
  process.stderr.write(`${text}\n`);
}

function watch(): void {
  if (watching) return;
  watching = true;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      closed.abort();
    });
  }
}
