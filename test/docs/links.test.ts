/** Links in the documents lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

const link = /\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g;

test.each(documents)('%s links to files that are there', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const targets = [...text.matchAll(link)].map(([, target]) => target as string);
  const local = targets.filter((target) => !/^[a-z]+:/.test(target));
  expect(local.filter((target) => !existsSync(join(root, dirname(document), target)))).toEqual([]);
});

test('a link to nowhere is one', () => {
  expect([...'see [this](nowhere.md#at-all).'.matchAll(link)].map(([, target]) => target)).toEqual([
    'nowhere.md',
  ]);
});
