/** docs/reference/ says what the tables say. `KVX_REWRITE=1` writes it down. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withNeighbours, withoutNeighbours } from '../../scripts/documents.js';
import {
  exitTable,
  madeReferencePage,
  referencePages,
  variablesDocumented,
  variablesRead,
} from './reference-pages.js';

const docs = join(import.meta.dirname, '../../docs');
const rewrites = process.env['KVX_REWRITE'] === '1';
const rewriting = 'KVX_REWRITE=1 npx vitest run test/docs';

it.each(Object.keys(referencePages))('docs/reference/%s is up to date', (name) => {
  const path = `reference/${name}`;
  const now = madeReferencePage(name);
  if (rewrites) writeFileSync(join(docs, path), withNeighbours(docs, path, now));
  else expect(withoutNeighbours(readFileSync(join(docs, path), 'utf8')), rewriting).toBe(now);
});

it('is nothing else', () => {
  expect(readdirSync(join(docs, 'reference')).sort()).toEqual(Object.keys(referencePages).sort());
});

it('names every variable that is read', () => {
  const documented = variablesDocumented();
  expect([...variablesRead()].filter((name) => !documented.has(name))).toEqual([]);
});

it('has the exit codes of the README', () => {
  const readme = readFileSync(join(docs, '../README.md'), 'utf8').replace(/^ {2}(?=\|)/gm, '');
  expect(readme).toContain(exitTable().split('\n').slice(2).join('\n'));
});
