/**
 * The documents in the order in which docs/index.md names them: what the line at the end of each page and the site's navigation
 * are made from. Dependency-free.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * @typedef {{ path: string, title: string, below: DocumentEntry[] }} DocumentEntry `path`: from docs/, with slashes
 * @typedef {{ title: string, entries: DocumentEntry[] }} DocumentSection
 */

const item = /^( *)[-|] \[`?(.+?)`?\]\(([^)#]+\.md)\)/;

/** Entries of the lists (or first columns) in a text: those that are indented lie below the one before. @param {string} folder @param {string} text */
function entriesIn(folder, text) {
  /** @type {DocumentEntry[]} */
  const entries = [];
  for (const line of text.split('\n')) {
    const [, indent = '', title = '', target = ''] = item.exec(line) ?? [];
    if (title === '') continue;
    const entry = { path: join(folder, target), title, below: [] };
    const above = indent === '' ? undefined : entries.at(-1);
    (above?.below ?? entries).push(entry);
  }
  return entries;
}

/** A folder's README names the pages of its folder. @param {string} docs @param {DocumentEntry} entry @returns {DocumentEntry} */
function withFolder(docs, { path, title, below }) {
  if (!path.endsWith('/README.md') || !existsSync(join(docs, path))) return { path, title, below };
  const folder = dirname(path);
  const named = entriesIn(folder, readFileSync(join(docs, path), 'utf8'));
  return { path, title, below: named.filter((each) => dirname(each.path) === folder) };
}

/** @param {string} docs its folder @returns {DocumentSection[]} */
export function documentSections(docs) {
  const [, ...sections] = readFileSync(join(docs, 'index.md'), 'utf8').split(/^## /m);
  return sections.map((section) => ({
    title: section.split('\n', 1)[0] ?? '',
    entries: entriesIn('', section).map((entry) => withFolder(docs, entry)),
  }));
}

/** From the first page to the last. @param {string} docs @returns {{ path: string, title: string }[]} */
export const documentsInOrder = (docs) =>
  documentSections(docs).flatMap(({ entries }) =>
    entries.flatMap(({ path, title, below }) => [{ path, title }, ...below]),
  );

/** All pages there are, but the index itself. @param {string} docs @returns {string[]} */
export const documentFiles = (docs) =>
  readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && path !== 'index.md')
    .sort();

const neighbours = /\n+---\n\n[^\n]*\[All documents\]\([^)]*\)[^\n]*\n$/;

/** A page without the line that names its neighbours. @param {string} text */
export const withoutNeighbours = (text) => text.replace(neighbours, '\n');

/** A page with the line that names its neighbours, as it should be. @param {string} docs @param {string} path @param {string} text */
export function withNeighbours(docs, path, text) {
  const all = documentsInOrder(docs);
  const at = all.findIndex((each) => each.path === path);
  const link = (/** @type {string} */ to, /** @type {string} */ words) =>
    `[${words}](${relative(dirname(path), to)})`;
  const before = at > 0 ? all[at - 1] : undefined;
  const after = at >= 0 ? all[at + 1] : undefined;
  const line = [
    ...(before === undefined ? [] : [link(before.path, `← ${before.title}`)]),
    link('index.md', 'All documents'),
    ...(after === undefined ? [] : [link(after.path, `${after.title} →`)]),
  ].join(' · ');
  return `${withoutNeighbours(text).trimEnd()}\n\n---\n\n${line}\n`;
}
