/** What a parser may do with an input: take it, or refuse it in words that fit on a screen. */
import { KvxError } from '../../src/core/errors.js';
import { exitCodeOf, exitCodes, failureLines } from '../../src/render/failure.js';
import type { ParserUnderTest } from './parsers.js';

const linesMax = 21;
const charactersMax = 1_000;

/** `null` when it did; else what is wrong with what it did. */
export function faultOf({ parse }: Pick<ParserUnderTest, 'parse'>, text: string): string | null {
  try {
    parse(text);
    return null;
  } catch (error) {
    if (!(error instanceof KvxError)) return `threw ${(error as Error).stack ?? String(error)}`;
    if (exitCodeOf(error) !== exitCodes.usage)
      return `exits ${exitCodeOf(error)}: ${error.message}`;
    if (!error.definite) return `is not sure that nothing happened: ${error.message}`;
    const lines = failureLines(error);
    if (lines.length > linesMax) return `says ${lines.length} lines`;
    const longest = Math.max(...lines.map((line) => line.length));
    if (longest > charactersMax)
      return `says a line of ${longest} characters: ${lines.find((l) => l.length === longest)?.slice(0, 300)}`;
    return lines.some((line) => line.includes('\n')) ? `says a line with a line in it` : null;
  }
}
