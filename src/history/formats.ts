/** The formats that a history may have, and how one tells them apart. */
import { ednReader } from './edn/reader.js';
import { isLogLine, isLogMessage, logReader } from './jepsen/log-reader.js';
import { jsonReader } from './json/reader.js';
import { isTimedLine, timedReader } from './json/timed-reader.js';
import { LineProblem } from './problem.js';
import type { LineReader } from './text/line-reader.js';

/** JSON lines; Jepsen's and Knossos' EDN; Jepsen's logs; timed operations. */
export const formats = ['jsonl', 'edn', 'log', 'timed'] as const;
export type Format = (typeof formats)[number];

const readers: Readonly<Record<Format, () => LineReader>> = {
  jsonl: jsonReader,
  edn: ednReader,
  log: logReader,
  timed: timedReader,
};

export const readerFor = (format: Format): LineReader => readers[format]();

/** By the lines up to the first that tells; `null`: it takes another. */
export function formatOf(lines: string): Format | null {
  const text = lines.trim();
  if (/^[[(]?\s*\{\s*"/.test(text)) return 'jsonl';
  if (/^[[({]?\s*[[({]?$/.test(text)) return null;
  if (/^([[({;^]|#[A-Za-z_:^])/.test(text)) return 'edn';
  if (isLogLine(lines) || isLogMessage(text)) return 'log';
  if (text.startsWith('#') || isTimedLine(text)) return 'timed';
  throw new LineProblem(
    'this is no history: neither JSON lines, EDN, a Jepsen log nor timed operations',
  );
}
