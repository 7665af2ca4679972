/** Whatever a command prints with `--json` in a test is checked against its schema; what of the schemas it meets is kept. */
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'vitest';
import { operations } from '../../src/operations/table.js';
import { pointsMet } from './points.js';
import { problemOf } from './schemas.js';

/** Longest first, so that `fault delays` is not taken for `fault delay`. */
const names = operations
  .flatMap(({ name, aliases = [] }) => [name, ...aliases].map((word) => ({ word, name })))
  .sort((a, b) => b.word.length - a.word.length);

/** The schema of what is printed for these words; of no command, errors alone are. */
function schemaFor(words: string): string {
  const found = names.find(({ word }) => `${words} `.startsWith(`${word} `));
  return (found?.name ?? 'error').replaceAll(' ', '-');
}

/** Those that print a document a line; the others print one. */
const streams = ['cluster-logs', 'fault-nemesis', 'run', 'shell', 'sim', 'trace'];

/** As `src/cli/report-failure.ts` sees it; help is for people. */
function asksJson(args: readonly string[], env: Readonly<Record<string, string>>): boolean {
  const end = args.indexOf('--');
  const flags = end === -1 ? args : args.slice(0, end);
  if (flags.some((flag) => ['-h', '--help', '-V', '--version'].includes(flag))) return false;
  return flags.includes('--json') || env['KVX_JSON'] === '1';
}

/** Throws for what is no JSON, and for a document that its schema does not know. */
export function checkDocuments(
  args: readonly string[],
  stdout: string,
  env: Readonly<Record<string, string>> = {},
): void {
  if (!asksJson(args, env)) return;
  const name = schemaFor(args.join(' '));
  const lines = stdout.split('\n').filter((line) => line !== '');
  if (lines.length > 1 && !streams.includes(name)) {
    throw new Error(`kvx ${args.join(' ')} prints ${lines.length} documents:\n${stdout}`);
  }
  for (const line of lines) checkDocument(name, JSON.parse(line));
}

/** One document, and those inside it. */
export function checkDocument(name: string, document: unknown): void {
  const problem = problemOf(name, document);
  if (problem !== null) {
    const shown = JSON.stringify(document).slice(0, 2000);
    throw new Error(`docs/schema/${name}.json does not know this document:\n${shown}\n${problem}`);
  }
  keep(pointsMet(name, document));
  if (name !== 'run' && name !== 'shell') return;
  const said = document as Readonly<Record<string, unknown>>;
  const inside = ['result', 'event'].filter((field) => field in said);
  const words = `${said['command']}`.replace(/^at \S+ (?:try )?/, '');
  for (const field of inside) checkDocument(schemaFor(words), said[field]);
}

/** Where all that share a run of the tests keep what was met: see `setup.ts`. */
const folder = (): string | undefined => process.env['KVX_TEST_DOCUMENTS'];

const known = new Set<string>();

function keep(met: ReadonlySet<string>): void {
  const into = folder();
  if (into === undefined) return;
  const { testPath = '' } = expect.getState();
  const from = `from ${relative(join(import.meta.dirname, '../..'), testPath)}`;
  const news = [...met, from].filter((point) => !known.has(point));
  for (const point of news) known.add(point);
  appendFileSync(join(into, `${process.pid}`), news.map((point) => `${point}\n`).join(''));
}

/** What was met so far; and the test files that met something, with `from ` before them. */
export function allMet(): Set<string> {
  const into = folder();
  if (into === undefined) return new Set();
  return new Set(
    readdirSync(into).flatMap((file) => readFileSync(join(into, file), 'utf8').split('\n')),
  );
}
