import { write } from './output.js';
import { styleFor } from './style.js';
import { type Column, formatTable } from './table.js';

/** Prints a table on standard output, fitted to the terminal if it is one. */
export function printTable(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
  const style = styleFor(process.stdout);
  write(formatTable(columns, rows, { width: process.stdout.columns, styleTitle: style.dim }));
}
