/** For scripts that one console types, one line after another: what is printed follows from the rules, but for times. */
import type { OutputVerdict } from './judge-output.js';

/** `12 ms: n1 sent …`: when that was, and in which order messages arrive, is left open. */
const message = /^\d+ ms: | sent at \d+ ms$/g;

export function sameButTimes(expected: string, printed: string): OutputVerdict {
  const [right, given] = [linesOf(expected), linesOf(printed)];
  const plain = (line: string) => line.replace(message, '');
  const isMessage = (line: string) => plain(line) !== line;
  const [said, told] = [right, given].map((lines) => lines.filter((line) => !isMessage(line)));
  const [sent, heard] = [right, given].map((lines) => lines.filter(isMessage).map(plain).sort());
  return (
    differenceOf(said ?? [], told ?? []) ??
    differenceOf(sent ?? [], heard ?? []) ?? { verdict: 'right' }
  );
}

function differenceOf(right: readonly string[], given: readonly string[]): OutputVerdict | null {
  const most = Math.max(right.length, given.length);
  for (let at = 0; at < most; at++) {
    if (right[at] === given[at]) continue;
    return {
      verdict: 'wrong',
      ...{ line: null, command: null, printed: given[at] ?? null },
      legal: [right[at] ?? 'nothing'],
      why: `it is line ${at + 1} of what is printed, messages aside`,
    };
  }
  return null;
}

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
