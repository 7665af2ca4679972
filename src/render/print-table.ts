import { write } from './output.js';
import { styleFor } from './style.js';
import { type Column, formatTable } from './table.js';
import { wrap } from './wrap.js';

/** Where there is less room than this, wrapping helps nobody. */
const sentenceWidthMin = 20;

/** Columns of the terminal; as many as `$COLUMNS` says, else 80, where there is none. */
export function outputWidth(): number {
  const told = Number(process.env['COLUMNS']);
  return process.stdout.columns ?? (Number.isSafeInteger(told) && told > 0 ? told : 80);
}

/** Prints a table on standard output, fitted to the terminal if it is one, unless told another width. */
export function printTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined = process.stdout.columns,
): void {
  const style = styleFor(process.stdout);
  write(formatTable(columns, rows, { width, styleTitle: style.dim }));
}

/** Prints a table whose last column holds sentences: they are wrapped, at the width of the output. */
export function printWrapped(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): void {
  const others = columns.slice(0, -1).map(({ title }, at) => {
    return 2 + Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0));
  });
  const left = outputWidth() - others.reduce((sum, each) => sum + each, 0);
  const width = Math.max(left, sentenceWidthMin);
  const wrapped = rows.map((row) =>
    row.map((cell, at) => (at < others.length ? cell : wrap(cell, width).join('\n'))),
  );
  printTable(columns, wrapped, Number.POSITIVE_INFINITY);
}
