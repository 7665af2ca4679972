/** What commands show, without a terminal: as plain text of any width. */
import { textOfBytes } from '../core/bytes.js';
import type { LaidOut } from '../render/lay-out.js';
import type { Cell, Page } from '../render/page.js';
import type { Column } from '../render/table.js';

export function plainPage(page: Page): LaidOut {
  const out: (string | Uint8Array)[] = [];
  const notes: string[] = [];
  for (const block of page) {
    if (block.type === 'line') out.push(`${block.text}\n`);
    else if (block.type === 'bytes') out.push(block.bytes);
    else if (block.type === 'note') notes.push(`${' '.repeat(block.indent ?? 0)}${block.text}`);
    else if (block.type === 'table') out.push(plainTable(block.columns, block.rows));
  }
  return { out, notes };
}

/** Columns two spaces apart; those in which no row says anything are left out. */
function plainTable(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const textAt = (row: readonly Cell[], at: number): string => {
    const cell = row[at] ?? '';
    return typeof cell === 'string' ? cell : cell.text;
  };
  const shown = columns.flatMap(({ title, align }, at) => {
    const texts = [title, ...rows.map((row) => textAt(row, at))];
    if (texts.slice(1).every((text) => text === '')) return [];
    const width = Math.max(...texts.map((text) => text.length));
    return [texts.map((text) => (align === 'right' ? text.padStart(width) : text.padEnd(width)))];
  });
  if (shown.length === 0) return '';
  const lines = [columns, ...rows].map((_, at) => shown.map((texts) => texts[at]).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** What a script printed, as text. */
export const plainText = (data: string | Uint8Array): string =>
  typeof data === 'string' ? data : textOfBytes(data);
