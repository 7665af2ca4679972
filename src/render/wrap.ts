import wrapAnsi from 'wrap-ansi';

/** Lines of at most `width` columns, broken at blanks; a word that is longer stands on a line of its own. */
export function wrap(text: string, width: number): string[] {
  return wrapAnsi(text, Math.max(1, width)).split('\n');
}

/** Beside its usage, a summary needs this much room to be read. */
const summaryWidthMin = 32;
const usageWidthMax = 40;

/** Usages and what they do: side by side, or where that is too narrow, one below the other. */
export function twoColumns(
  rows: readonly (readonly [usage: string, summary: string])[],
  width: number,
): string {
  const usageWidth = Math.min(usageWidthMax, Math.max(...rows.map(([usage]) => usage.length)));
  const isWide = width >= usageWidth + 4 + summaryWidthMin;
  const indent = isWide ? usageWidth + 4 : 6;
  const lines = rows.flatMap(([usage, summary]) => {
    const [first = '', ...others] = wrap(summary, Math.max(20, width - indent));
    const below = [...others].map((line) => ' '.repeat(indent) + line);
    const fits = isWide && usage.length <= usageWidth;
    return fits
      ? [`  ${usage.padEnd(usageWidth)}  ${first}`, ...below]
      : [`  ${usage}`, ' '.repeat(indent) + first, ...below];
  });
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
