import { KvxError } from '../core/errors.js';

/** A line of a history that can't be meant, where its file is not known yet. */
export class LineProblem extends Error {
  override readonly name = 'LineProblem';
  /** Counted from 1; absent when it is about the line as a whole. */
  readonly column: number | undefined;
  /** Absent: the line that is being read. */
  readonly line: number | undefined;

  constructor(message: string, column?: number, line?: number) {
    super(message);
    this.column = column;
    this.line = line;
  }
}

/** A {@link LineProblem} with one field of an operation, whose place its reader knows. */
export class FieldProblem<Field extends string> extends LineProblem {
  readonly field: Field;

  constructor(field: Field, message: string) {
    super(message);
    this.field = field;
  }
}

interface Place {
  /** The file's name as the user gave it. */
  readonly source: string;
  /** Counted from 1, as columns are; absent when it is about the file as a whole. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** A history that can't be read. Definite: nothing was done, and nothing was guessed. */
export class HistoryError extends KvxError {
  /** The one problem, as errors of config files list theirs. */
  readonly problems: readonly { source: string; line?: number; column?: number; message: string }[];

  constructor(message: string, place: Place, hint?: string) {
    const { source, line, column } = place;
    const where = [source, line, column].filter((part) => part !== undefined).join(':');
    const details = { code: 'config', definite: true } as const;
    super(`${where}: ${message}`, hint === undefined ? details : { ...details, hint });
    this.problems =
      line === undefined ? [{ source, message }] : [{ source, line, column: column ?? 1, message }];
  }
}

/** What a line of a file, or a piece of one, may show of itself in a message. */
export function excerpt(text: string): string {
  const short = text.length <= 40 ? text : `${text.slice(0, 40)}…`;
  return JSON.stringify(short);
}
