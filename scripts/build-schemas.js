/** The schemas of what `--json` prints, all in one compressed file: for `kvx schema`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

/** @param {string} root @param {string} outDir */
export function writeSchemas(root, outDir) {
  const folder = join(root, 'docs/schema');
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  const all = files.map((file) => {
    return [file.slice(0, -'.json'.length), JSON.parse(readFileSync(join(folder, file), 'utf8'))];
  });
  const text = JSON.stringify(Object.fromEntries(all));
  writeFileSync(join(outDir, 'schemas.json.br'), brotliCompressSync(text));
}
