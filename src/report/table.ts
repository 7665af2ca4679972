import { stripVTControlCharacters } from 'node:util';

export interface Column {
  readonly title: string;
  /** Numbers line up on the right. */
  readonly align?: 'left' | 'right';
}

export interface TableOptions {
  /** Columns of the terminal; `undefined` when there is none, and lines may be of any length. */
  readonly width?: number | undefined;
  readonly styleTitle?: (title: string) => string;
}

const gap = '  ';

/**
 * Rows under titles, lined up by two spaces and nothing else, so that `awk` and eyes read them alike. Columns in which
 * no row says anything are left out. When that is wider than the terminal, one block a row instead.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const kept = columns.map((_, at) => at).filter((at) => rows.some((row) => row[at] !== ''));
  const widths = kept.map((at) =>
    Math.max(...[columns[at]?.title ?? '', ...rows.map((row) => row[at] ?? '')].map(shownWidth)),
  );
  const total = widths.reduce((sum, width) => sum + width + gap.length, -gap.length);
  const styleTitle = options.styleTitle ?? ((title) => title);
  if (options.width !== undefined && total > options.width) {
    return formatBlocks(columns, kept, rows, styleTitle);
  }
  const line = (cells: readonly string[]): string =>
    kept
      .map((at, place) => pad(cells[at] ?? '', widths[place] as number, columns[at]?.align))
      .join(gap)
      .trimEnd();
  const titles = columns.map((column) => column.title);
  const head = kept.length === 0 ? '' : `${styleTitle(line(titles))}\n`;
  return head + rows.map((row) => `${line(row)}\n`).join('');
}

function formatBlocks(
  columns: readonly Column[],
  kept: readonly number[],
  rows: readonly (readonly string[])[],
  styleTitle: (title: string) => string,
): string {
  const titleWidth = Math.max(...kept.map((at) => columns[at]?.title.length ?? 0));
  return rows
    .map((row) =>
      kept
        .filter((at) => row[at] !== '')
        .map((at) => `${styleTitle((columns[at]?.title ?? '').padEnd(titleWidth))}  ${row[at]}\n`)
        .join(''),
    )
    .join('\n');
}

function pad(cell: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, width - shownWidth(cell)));
  return align === 'right' ? space + cell : cell + space;
}

function shownWidth(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}
