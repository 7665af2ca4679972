/** Links in the documents lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { anchorOf } from '../../site/anchor.js';

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

const anchorsIn = (file: string): string[] =>
  [
    ...readFileSync(file, 'utf8')
      .replaceAll(/^ *```[\s\S]*?^ *```/gm, '')
      .matchAll(/^#+ (.*)$/gm),
  ].map(([, heading = '']) => anchorOf(heading.replaceAll(/\[(.*?)\]\(.*?\)|`/g, '$1')));

test.each(documents)('%s links to headings that are there', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const links = [...text.matchAll(/\]\(([^)\s#]*\.md)?#([^)\s]+)\)/g)];
  const lost = links.filter(([, target, anchor = '']) => {
    const file =
      target === undefined ? join(root, document) : join(root, dirname(document), target);
    return !anchorsIn(file).includes(anchor);
  });
  expect(lost.map(([whole]) => whole)).toEqual([]);
});

test('a link to nowhere is one', () => {
  expect([...'see [this](nowhere.md#at-all).'.matchAll(link)].map(([, target]) => target)).toEqual([
    'nowhere.md',
  ]);
});
