import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

type Align = 'left' | 'right';

export interface Column {
  readonly title: string;
  /** Numbers line up on the right. */
  readonly align?: Align;
  /** Left out, the last ones first, when the table would be wider than the terminal. */
  readonly optional?: boolean;
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

export const tableLines = (...table: Parameters<typeof formatTable>): string[] =>
  formatTable(...table)
    .trimEnd()
    .split('\n');

/**
 * Rows under titles. Columns in which no row says anything are left out, and optional ones while the table is wider than
 * the terminal. When it still is, one block a row instead.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width, styleTitle = (title) => title }: TableOptions = {},
): string {
  const kept = columns.flatMap((column, at) =>
    rows.some((row) => row[at] !== '') ? [{ ...column, at }] : [],
  );
  if (kept.length === 0) return '';
  for (const shown of narrower(kept)) {
    const cells = rows.map((row) => shown.map(({ at }) => row[at] ?? ''));
    const aligns = shown.map(({ align = 'left' }) => align);
    const [head = '', ...body] = layOut([shown.map(({ title }) => title), ...cells], aligns);
    const widths = [head, ...body].map((line) => stripVTControlCharacters(line).length);
    if (Math.max(...widths) <= (width ?? Number.POSITIVE_INFINITY)) {
      return asText([styleTitle(head), ...body]);
    }
  }
  return rows.map((row) => asText(block(kept, row, styleTitle))).join('\n');
}

/** The columns, then without the last optional one, and so on. */
function* narrower<T extends Column>(columns: readonly T[]): Generator<readonly T[]> {
  let left = columns;
  for (;;) {
    yield left;
    const at = left.findLastIndex(({ optional }) => optional === true);
    if (at === -1) return;
    left = left.filter((_, index) => index !== at);
  }
}

/** One row on lines of its own, a cell each. */
function block(
  columns: readonly (Column & { readonly at: number })[],
  row: readonly string[],
  styleTitle: (title: string) => string,
): string[] {
  const lines = columns.map(({ title, at }) => [styleTitle(title), row[at] ?? '']);
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
