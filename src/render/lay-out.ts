/** Pages as they are printed: tables laid out, cells painted, sentences wrapped. */
import { outputWidth, styleFor, write } from './output.js';
import type { Cell, CellPaint, Page } from './page.js';
import { type Column, formatTable } from './table.js';
import { wrap } from './wrap.js';

export interface LaidOut {
  readonly out: readonly (string | Uint8Array)[];
  /** For standard error, a line each. */
  readonly notes: readonly string[];
}

/** Where there is less room than this, wrapping helps nobody. */
const sentenceWidthMin = 20;

/** For the output of this process, its width and its colours. */
export function layOut(page: Page): LaidOut {
  const style = styleFor(process.stdout);
  const painted = (cell: Cell): string =>
    typeof cell === 'string' ? cell : style[cell.paint satisfies CellPaint](cell.text);
  const out: (string | Uint8Array)[] = [];
  const notes: string[] = [];
  for (const block of page) {
    switch (block.type) {
      case 'line':
        out.push(`${block.text}\n`);
        break;
      case 'bytes':
        out.push(block.bytes);
        break;
      case 'note':
        notes.push(...indented(block.text, block.indent ?? 0));
        break;
      case 'table': {
        const { columns, width } = block;
        const rows = width === 'wrapped' ? wrapped(columns, block.rows) : block.rows;
        out.push(
          formatTable(
            columns,
            rows.map((row) => row.map(painted)),
            { width: widths[width](), styleTitle: style.dim },
          ),
        );
        break;
      }
      case 'clear screen':
        // Where there is no screen, there is nothing to clear.
        if (process.stdout.isTTY) out.push('\x1b[H\x1b[2J\x1b[3J');
    }
  }
  return { out, notes };
}

const any = (): number => Number.POSITIVE_INFINITY;
const widths = { terminal: () => process.stdout.columns, output: outputWidth, any, wrapped: any };

function indented(text: string, indent: number): string[] {
  if (indent === 0) return [text];
  return wrap(text, outputWidth() - indent).map((line) => ' '.repeat(indent) + line);
}

/** The last column's sentences, at the width of the output. */
function wrapped(
  columns: readonly { readonly title: string }[],
  rows: readonly (readonly Cell[])[],
): Cell[][] {
  const textOf = (cell: Cell | undefined): string =>
    typeof cell === 'object' ? cell.text : (cell ?? '');
  const others = columns.slice(0, -1).map(({ title }, at) => {
    return 2 + Math.max(title.length, ...rows.map((row) => textOf(row[at]).length));
  });
  const left = outputWidth() - others.reduce((sum, each) => sum + each, 0);
  const width = Math.max(left, sentenceWidthMin);
  return rows.map((row) =>
    row.map((cell, at) => (at < others.length ? cell : wrap(textOf(cell), width).join('\n'))),
  );
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
