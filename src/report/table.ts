import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

type Align = 'left' | 'right';

export interface Column {
  readonly title: string;
  /** Numbers line up on the right. */
  readonly align?: Align;
}

export interface TableOptions {
  /** Columns of the terminal; `undefined` when there is none, and lines may be of any length. */
  readonly width?: number | undefined;
  readonly styleTitle?: (title: string) => string;
}

/** No frame: columns stand two spaces apart, so that `awk` and eyes read a table alike. */
const frame = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '' },
  middle: '  ',
};

/**
 * Rows under titles. Columns in which no row says anything are left out. When that is wider than the terminal, one
 * block a row instead.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width, styleTitle = (title) => title }: TableOptions = {},
): string {
  const kept = columns.flatMap(({ title, align = 'left' }, at) =>
    rows.some((row) => row[at] !== '') ? [{ title, align, at }] : [],
  );
  if (kept.length === 0) return '';
  const aligns = kept.map(({ align }) => align);
  const cells = rows.map((row) => kept.map(({ at }) => row[at] ?? ''));
  const [head = '', ...body] = layOut([kept.map(({ title }) => title), ...cells], aligns);
  const widest = Math.max(...[head, ...body].map((line) => stripVTControlCharacters(line).length));
  if (width === undefined || widest <= width) return asText([styleTitle(head), ...body]);
  return cells.map((row) => asText(block(kept, row, styleTitle))).join('\n');
}

/** One row on lines of its own, a cell each. */
function block(
  columns: readonly Column[],
  row: readonly string[],
  styleTitle: (title: string) => string,
): string[] {
  const lines = columns.map(({ title }, at) => [styleTitle(title), row[at] ?? '']);
  return layOut(
    lines.filter(([, cell]) => cell !== ''),
    ['left', 'left'],
  );
}

function layOut(rows: readonly string[][], aligns: Align[]): string[] {
  const style = { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true };
  const table = new Table({ chars: frame, style, colAligns: aligns });
  table.push(...rows);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

function asText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
