/** The lines of a script, as its parser takes them. */
import { commentOf, type Word } from '../operations/words.js';

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
  text: withoutComment(text).trim(),
});

function withoutComment(text: string): string {
  const begin = commentOf(text);
  return begin === null ? text : text.slice(0, begin);
}

export function twiceIn(names: readonly (string | null)[]) {
  const seen = new Set<string | null>();
  return names.find((name) => seen.size === seen.add(name).size);
}
