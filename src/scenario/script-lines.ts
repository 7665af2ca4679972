/** The lines of a script, as its parser takes them. */

import { KvxError } from '../core/errors.js';
import { commentOf, type Word } from '../operations/transaction-text.js';

export const linesMax = 100_000;

export interface ScriptLine {
  readonly number: number;
  readonly text: string;
}

/** One more than there may be, where there are more. */
export const linesOf = (text: string): ScriptLine[] =>
  text
    .split(/\r\n|\n|\r/, linesMax + 1)
    .map((line, index) => ({ number: index + 1, text: withoutPrompt(line) }));

/** What is pasted from a terminal, `$ kvx put a 1`, is the command. Columns stay what they are. */
const withoutPrompt = (line: string): string =>
  line.replace(/^\s*(?:\$\s+(?:kvx\s+)?|kvx\s+)/, (prompt) => ' '.repeat(prompt.length));

/** The line without what stands before `word`, which keeps its column. */
export function blankTo(line: ScriptLine, word: Word | undefined): ScriptLine {
  const before = (word?.column ?? 1) - 1;
  return { ...line, text: ' '.repeat(before) + line.text.slice(before) };
}

export const placeOf = ({ number, text }: ScriptLine): { line: number; text: string } => ({
  line: number,
  text: text.slice(0, commentOf(text) ?? text.length).trim(),
});

export function twiceIn(names: readonly (string | null)[]) {
  const seen = new Set<string | null>();
  return names.find((name) => seen.size === seen.add(name).size);
}

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
