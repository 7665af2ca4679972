import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { insideImage } from '../node/shipped.js';

/** A page as it was built: beside the code, in whatever file that was bundled; from sources, what was built last. A package has it compressed. */
export function readPage(name: 'lab' | 'report'): string {
  const dist = import.meta.url.endsWith('.ts') ? '../../dist/' : './';
  const page = new URL(`${dist}web/${name}.html`, import.meta.url);
  const inside = insideImage(fileURLToPath(page));
  if (inside !== null) return inside.toString();
  if (existsSync(page)) return readFileSync(page, 'utf8');
  return brotliDecompressSync(readFileSync(new URL(`${page}.br`))).toString();
}
