import type { History } from '../history.js';
import { writtenLines } from '../written.js';

/** The history as JSON lines, each with its newline. */
export function* toJsonLines(history: History): Generator<string> {
  for (const line of writtenLines(history)) yield `${JSON.stringify(line)}\n`;
}
