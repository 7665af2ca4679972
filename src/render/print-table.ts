import { write } from './output.js';
import { styleFor } from './style.js';
import { type Column, formatTable } from './table.js';

/** Prints a table on standard output, fitted to the terminal if it is one, unless told another width. */
export function printTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined = process.stdout.columns,
): void {
  const style = styleFor(process.stdout);
  write(formatTable(columns, rows, { width, styleTitle: style.dim }));
}
