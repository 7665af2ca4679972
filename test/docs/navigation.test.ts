/**
 * Every page is named in docs/index.md, or in the README of its folder, and ends with a line that leads to its neighbours there.
 * `KVX_REWRITE=1` writes these lines.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { documentFiles, documentsInOrder, withNeighbours } from '../../scripts/documents.js';

const root = join(import.meta.dirname, '../..');
const docs = join(root, 'docs');

it('names every page once', () => {
  expect(
    documentsInOrder(docs)
      .map(({ path }) => path)
      .sort(),
    'name a new page in docs/index.md, then KVX_REWRITE=1 npx vitest run test/docs/navigation.test.ts',
  ).toEqual(documentFiles(docs));
});

it.each(documentFiles(docs))('docs/%s leads to its neighbours', (path) => {
  const written = readFileSync(join(docs, path), 'utf8');
  const now = withNeighbours(docs, path, written);
  if (process.env['KVX_REWRITE'] === '1') writeFileSync(join(docs, path), now);
  else expect(written.split('\n').at(-2)).toBe(now.split('\n').at(-2));
});

it('is where the README leads', () => {
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain('](docs/index.md)');
});
