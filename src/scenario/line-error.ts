import { KvxError } from '../core/errors.js';

/** What is wrong with one line, and where: the parser gathers them. */
export class LineError extends Error {
  override readonly name = 'LineError';
  /** From 1. */
  readonly column: number;

  constructor(column: number, message: string) {
    super(message);
    this.column = column;
  }
}

/** What `read` makes of a word; what it refuses is wrong at that word. */
export function at<T>(column: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof KvxError)) throw error;
    const { message, hint } = error;
    throw new LineError(column, hint === undefined ? message : joined(message, hint));
  }
}

/** Two sentences as one. */
function joined(message: string, hint: string): string {
  const more = hint.slice(0, 1).toLowerCase() + hint.slice(1).replace(/\.$/, '');
  return `${message}${message.endsWith('?') ? ' ' : '; '}${more}`;
}
