/**
 * What a report is made of, so that a page can show the verdict before it has looked at the rest. Each part is deflated by itself
 * and stands in a script element of its own.
 */

/** Pages read what was written with them; whoever reads a file alone may meet another version. */
export const reportVersion = 1;

/** The small part, with all that has no part of its own. */
export const headPart = 'head';

export interface ReportPart {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Where parts come from, inflated. Both throw when there is no such part, or it can't be inflated. */
export interface PartReader {
  bytes(name: string): Promise<Uint8Array>;
  /** Of UTF-8. */
  text(name: string): Promise<string>;
}

/** Its message is for people: what is wrong with the file. */
export class ReportProblem extends Error {}

export const partNames = {
  /** Of the history of the report (0) or of one of its runs (from 1). */
  columns: (nth: number): string => `history-${nth}`,
  texts: (nth: number): string => `history-${nth}-texts`,
  lanes: 'lanes',
  labels: 'lanes-labels',
  piece: (nth: number): string => `lanes-text-${nth}`,
} as const;
