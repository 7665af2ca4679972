/** The formats that a history may have, and how one tells them apart. */
import { ednReader } from './edn-reader.js';
import { jsonReader, type LineReader } from './line-reader.js';
import { isLogLine, logReader } from './log-reader.js';
import { LineProblem } from './problem.js';
import { isTimedLine, timedReader } from './timed-reader.js';

/** JSON lines; Jepsen's and Knossos' EDN; their early logs; timed operations. */
export const formats = ['jsonl', 'edn', 'log', 'timed'] as const;
export type Format = (typeof formats)[number];

const readers: Readonly<Record<Format, () => LineReader>> = {
  jsonl: jsonReader,
  edn: ednReader,
  log: logReader,
  timed: timedReader,
};

export const readerFor = (format: Format): LineReader => readers[format]();

/** By the first line that is not blank. */
export function formatOf(firstLine: string): Format {
  const line = firstLine.trim();
  if (/^[[(]?\s*\{\s*"/.test(line)) return 'jsonl';
  if (/^([[({;]|#[A-Za-z])/.test(line)) return 'edn';
  if (isLogLine(firstLine)) return 'log';
  if (line.startsWith('#') || isTimedLine(line)) return 'timed';
  throw new LineProblem(
    'this is no history: neither JSON lines, EDN, a Jepsen log nor timed operations',
  );
}
