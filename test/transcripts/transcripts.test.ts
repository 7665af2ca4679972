/** Every transcript beside this file shows what happens. `KVX_REWRITE=1` writes down what does. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { rewritten } from './transcript.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));

test.each(files)('%s', (name) => {
  const path = `${folder}${name}`;
  const text = readFileSync(path, 'utf8');
  const now = rewritten(text);
  if (process.env['KVX_REWRITE'] === '1') writeFileSync(path, now);
  else expect(now).toBe(text);
});
