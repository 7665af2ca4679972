import { note, write } from './output.js';
import type { Block, Page } from './page.js';

/** Tables and colours load only for pages that have them: most commands print a line. */
export async function printPage(page: Page): Promise<void> {
  for (const block of page) {
    if (block.type === 'line') write(`${block.text}\n`);
    else if (block.type === 'bytes') write(block.bytes);
    else if (block.type === 'note' && block.indent === undefined) note(block.text);
    else await printLaidOut(block);
  }
}

async function printLaidOut(block: Block): Promise<void> {
  const { layOut } = await import('./lay-out.js');
  const { out, notes } = layOut([block]);
  for (const piece of out) write(piece);
  for (const line of notes) note(line);
}
