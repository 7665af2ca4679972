import { completionsAfter } from '../scenario/completion.js';
import type { Surroundings } from '../scenario/values-around.js';

interface ShellSurroundings extends Surroundings {
  /** Asked of the cluster, only where a key may stand. */
  findKeys(): Promise<readonly string[]>;
}

/** What may come next in a line of the kvx language. */
export async function completeLine(
  beforeCursor: string,
  around: ShellSurroundings,
): Promise<Completion> {
  const { typed, options, isKey } = completionsAfter(beforeCursor, around);
  const words = isKey ? await around.findKeys() : options.map(({ label }) => label);
  const isFirst = beforeCursor.trimStart() === typed;
  return { typed, words: isFirst ? [...words.filter((word) => word !== 'at'), 'exit'] : words };
}

/** What may follow what is typed: whole words, and the part of one that is there already. */
export interface Completion {
  readonly words: readonly string[];
  readonly typed: string;
}

export const nothingToComplete: Completion = { words: [], typed: '' };

/** More than fit on a screen help nobody. */
const shownMax = 60;

/**
 * Candidates in the form that readline wants. A single one is finished with a blank. Of too many, either the beginning
 * that they share is typed, or the first of them are shown.
 */
export function candidatesOf({ words, typed }: Completion): [string[], string] {
  const matching = [...new Set(words)].filter((word) => word.startsWith(typed)).sort();
  if (matching.length === 1) return [[`${matching[0]} `], typed];
  if (matching.length <= shownMax) return [matching, typed];
  const shared = sharedBeginning(matching);
  if (shared.length > typed.length) return [[shared], typed];
  return [[...matching.slice(0, shownMax), '…'], typed];
}

/** Of sorted words: what the first and the last share, all share. */
function sharedBeginning(sorted: readonly string[]): string {
  const first = sorted[0] ?? '';
  const last = sorted[sorted.length - 1] ?? '';
  let length = 0;
  while (length < first.length && first[length] === last[length]) length++;
  return first.slice(0, length);
}
