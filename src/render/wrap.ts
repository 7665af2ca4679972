import wrapAnsi from 'wrap-ansi';

/** Lines of at most `width` columns, broken at blanks; a word that is longer stands on a line of its own. */
export function wrap(text: string, width: number): string[] {
  return wrapAnsi(text, Math.max(1, width)).split('\n');
}
