/** What a command shows a person, as data: whoever prints it knows how wide and how colourful its output is. */
import type { Column } from './table.js';

export type CellPaint = 'green' | 'yellow' | 'red' | 'dim';
export type Cell = string | { readonly text: string; readonly paint: CellPaint };

/** `terminal`: no wider than the terminal, where there is one; `output`: than the output; `any`: as wide as it is. */
export type TableWidth = 'terminal' | 'output' | 'any';

export type Block =
  | { readonly type: 'line'; readonly text: string }
  /** As it is, without an end of line. */
  | { readonly type: 'bytes'; readonly bytes: string | Uint8Array }
  | {
      readonly type: 'table';
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly Cell[])[];
      /** `wrapped`: the last column holds sentences. */
      readonly width: TableWidth | 'wrapped';
    }
  /** For standard error: progress, hints and warnings. What is indented is wrapped at the width of the output. */
  | { readonly type: 'note'; readonly text: string; readonly indent?: number }
  | { readonly type: 'clear screen' };

export type Page = readonly Block[];

export const line = (text: string): Block => ({ type: 'line', text });
export const remark = (text: string): Block => ({ type: 'note', text });
/** A column of numbers. */
export const right = (title: string) => ({ title, align: 'right' }) as const;
export const table = (
  columns: readonly (Column | string)[],
  rows: readonly (readonly Cell[])[],
  width: TableWidth | 'wrapped' = 'terminal',
): Block => ({
  ...{ type: 'table', rows, width },
  columns: columns.map((column) => (typeof column === 'string' ? { title: column } : column)),
});
