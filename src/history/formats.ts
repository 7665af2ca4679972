/** The formats that a history may have, and how one tells them apart. */
import { jsonReader, type LineReader } from './line-reader.js';

export const formats = ['jsonl'] as const;
export type Format = (typeof formats)[number];

const readers: Readonly<Record<Format, () => LineReader>> = { jsonl: jsonReader };

export const readerFor = (format: Format): LineReader => readers[format]();

/** By the first line that is not blank. */
export function formatOf(_firstLine: string): Format {
  return 'jsonl';
}
