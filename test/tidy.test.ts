/** What no linter says: sizes, leftovers and traces of somebody's machine. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSources } from '../scripts/import-rules.js';
import { lineAt, parse, type SyntaxNode, walk } from '../scripts/source-file.js';

const root = join(import.meta.dirname, '..');
const fileLinesMax = 400;
/** A function should have about 70; this is where "about" ends. */
const functionLinesMax = 80;

const isTest = (path: string) => path.endsWith('.test.ts');

function longFiles(files: Map<string, string>): string[] {
  return [...files]
    .map(([path, text]) => ({ path, lines: lineAt(text.trimEnd(), text.length) }))
    .filter(({ lines }) => lines > fileLinesMax)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
}

function longFunctions(files: Map<string, string>): string[] {
  const found: string[] = [];
  for (const [path, text] of files) {
    if (isTest(path)) continue;
    walk(parse(text, path), (node: SyntaxNode) => {
      if (!/Function/.test(node.type) || node['body']?.type !== 'BlockStatement') return;
      const first = lineAt(text, node.start);
      const lines = lineAt(text, node.end) - first + 1;
      if (lines > functionLinesMax) found.push(`${path}:${first}: ${lines} lines`);
    });
  }
  return found;
}

function leftovers(files: Map<string, string>): string[] {
  const only = /\b(?:test|it|describe|suite)(?:\.\w+)*\.only\b/;
  return [...files].filter(([path, text]) => isTest(path) && only.test(text)).map(([path]) => path);
}

const exported =
  /^export (?:abstract )?(?:async )?(?:class|interface|type|function\*?|const) (\w+)/gm;

/**
 * Whoever reads a name knows which thing it is. Protocols are alike on purpose: each mode's names are its own. What others
 * import is named for them, who see nothing else.
 */
function sharedNames(files: Map<string, string>): string[] {
  const homes = new Map<string, string[]>();
  for (const [path, text] of files) {
    if (isTest(path) || /\/testing\/|\.d\.ts$/.test(path)) continue;
    for (const [, name = ''] of text.matchAll(exported)) {
      homes.set(name, [...(homes.get(name) ?? []), path]);
    }
  }
  const isApart = (path: string) => /^src\/(?:protocols\/(?!shared)\w+|library)\//.test(path);
  return [...homes]
    .filter(([, paths]) => new Set(paths.filter((path) => !isApart(path))).size > 1)
    .map(([name, paths]) => `${name}: ${paths.join(', ')}`);
}

/** What a library does as it loads: to import it should do nothing. That of Vitest adds its matchers. */
function doneAtImport(files: Map<string, string>): string[] {
  const found: string[] = [];
  for (const [path, text] of files) {
    if (isTest(path) || !path.startsWith('src/library/') || path.endsWith('/vitest.ts')) continue;
    for (const node of parse(text, path)['body'] as SyntaxNode[]) {
      if (node.type === 'ExpressionStatement') found.push(`${path}:${lineAt(text, node.start)}`);
    }
  }
  return found;
}

const machinePath = /(?<![\w.~$}/])\/(?:work|home|root|Users)\/[\w.-]+/;
const registry = /registry\.[\w-]+\.(?:org|com)|"resolved":/;

function machineTraces(files: Map<string, string>): string[] {
  return [...files].flatMap(([path, text]) =>
    text.split('\n').flatMap((line, at) => {
      const trace = machinePath.exec(line) ?? registry.exec(line);
      return trace ? [`${path}:${at + 1}: ${trace[0]}`] : [];
    }),
  );
}

/** Empty where there is no git, in a source archive for example. */
function trackedFiles(): Map<string, string> {
  if (!existsSync(join(root, '.git'))) return new Map();
  const git = ['-c', `safe.directory=${root}`, 'ls-files', '-z'];
  const paths = execFileSync('git', git, { cwd: root, encoding: 'utf8' }).split('\0');
  const present = paths.filter((path) => path !== '' && existsSync(join(root, path)));
  const texts = present.map((path) => [path, readFileSync(join(root, path), 'utf8')] as const);
  return new Map(texts.filter(([path]) => path !== 'test/tidy.test.ts'));
}

const sources = readSources(root);
const lines = (count: number) => '//\n'.repeat(count);

test(`no source file is longer than ${fileLinesMax} lines`, () => {
  expect(
    longFiles(
      new Map([
        ['long.ts', lines(401)],
        ['short.ts', lines(400)],
      ]),
    ),
  ).toEqual(['long.ts: 401 lines']);
  expect(longFiles(sources)).toEqual([]);
});

test(`no function is longer than ${functionLinesMax} lines`, () => {
  const text = `${lines(1)}const long = () => {\n${lines(79)}};\nfunction short() {\n${lines(78)}}\n`;
  expect(longFunctions(new Map([['a.ts', text]]))).toEqual(['a.ts:2: 81 lines']);
  expect(longFunctions(sources)).toEqual([]);
});

test('no test runs alone', () => {
  const alone = new Map([['a.test.ts', `test.${'only'}('a', () => {});`]]);
  expect(leftovers(alone)).toEqual(['a.test.ts']);
  expect(leftovers(new Map([...sources, ...trackedFiles()]))).toEqual([]);
});

test('no file names a machine or a registry', () => {
  const traces = new Map([
    ['a.md', 'see /home/ada/kvx'],
    ['b.json', '"resolved": "x"'],
    ['c.md', 'see ~/.local/home/ada and $KVX_HOME/files/x'],
  ]);
  expect(machineTraces(traces)).toEqual(['a.md:1: /home/ada', 'b.json:1: "resolved":']);
  expect(machineTraces(trackedFiles())).toEqual([]);
});

test('what others import does nothing as it loads', () => {
  const files = new Map([['src/library/a.ts', "import { b } from './b.js';\n\nb();\n"]]);
  expect(doneAtImport(files)).toEqual(['src/library/a.ts:3']);
  expect(doneAtImport(sources)).toEqual([]);
});

test('no two exported things share a name', () => {
  const same = new Map([
    ['src/check/a.ts', 'export interface Model {}'],
    ['src/sim/b.ts', 'export class Model {}'],
    ['src/protocols/paxos/store.ts', 'export class Store {}'],
    ['src/protocols/gossip/store.ts', 'export class Store {}'],
  ]);
  expect(sharedNames(same)).toEqual(['Model: src/check/a.ts, src/sim/b.ts']);
  expect(sharedNames(sources)).toEqual([]);
});
