/**
 * Who may know whom (docs/architecture.md), and what must stay pure. Prints each violation as
 * `file:line: why` and fails if there is one. Tests, and the folders named `testing` that help them,
 * are free to know anything.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importsOf, lineAt, parse, walk } from './source-file.js';

/**
 * A folder of src that is named here may know itself and these, one that is not may know any but
 * `nobodyKnows`.
 * @type {Record<string, string[]>}
 */
const mayKnow = {
  core: [],
  protocols: ['core'],
  runtime: ['core'],
  faults: ['core', 'runtime'],
  sim: ['core', 'runtime', 'protocols', 'faults'],
  explore: [
    ...['core', 'runtime', 'protocols', 'faults', 'workload', 'history', 'check', 'client', 'sim'],
  ],
  cluster: ['core', 'runtime', 'protocols', 'faults', 'client', 'gateway'],
  client: ['core', 'runtime', 'history'],
  gateway: ['core', 'runtime', 'client'],
  workload: ['core'],
  bench: ['core', 'client', 'workload', 'config', 'report', 'history'],
  history: ['core'],
  check: ['core', 'history'],
};

/** The commands and what starts them. */
const nobodyKnows = ['commands', 'main'];

/** Actors and their vocabulary: no input but their arguments, no effect but their context's. */
const pureFolders = ['core', 'protocols'];

const impureNames = new Set([
  ...['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['process', 'globalThis', 'global', 'Buffer', 'console', 'fetch', 'crypto', 'require'],
  'Promise',
]);

/** Packages that must not be imported whole. @type {Record<string, string>} */
const restrictedPackages = {
  '@oclif/core':
    'loads all of oclif: import from @oclif/core/command, /args, /flags, /errors or /ux',
  'cbor-x': 'tries to load a native add-on: import from cbor-x/encode or cbor-x/decode',
};

/**
 * @typedef {import('./source-file.js').SyntaxNode} SyntaxNode
 * @typedef {{ path: string, line: number, why: string }} Violation
 */

/** `src/core/ids.ts` is in `core`; `src/main.ts` is `main`. @param {string} path */
const folderOf = (path) => (path.split('/')[1] ?? '').replace(/\.ts$/, '');

const isTest = (/** @type {string} */ path) => /\.test\.ts$|\/testing\//.test(path);

/** @param {string} from @param {string} specifier */
const resolve = (from, specifier) =>
  normalize(join(dirname(from), specifier)).replace(/\.js$/, '.ts');

/** @param {string} from @param {string} to */
function mayImport(from, to) {
  if (from === to) return true;
  if (nobodyKnows.includes(to)) return from === 'main';
  return mayKnow[from]?.includes(to) ?? true;
}

/** @param {string} path @param {SyntaxNode} tree @param {string} text @returns {Violation[]} */
function wrongImports(path, tree, text) {
  const from = folderOf(path);
  return importsOf(tree).flatMap(({ specifier, start, isType, isDynamic }) => {
    const violation = (/** @type {string} */ why) => [{ path, line: lineAt(text, start), why }];
    if (specifier.startsWith('.')) {
      const target = resolve(path, specifier);
      if (isTest(target)) return violation(`${target} is for tests only`);
      const to = folderOf(target);
      if (!mayImport(from, to)) return violation(`${from} must not know ${to}`);
    } else if (pureFolders.includes(from)) {
      return violation(`${from} is pure and imports no ${specifier}`);
    }
    const restriction = restrictedPackages[specifier];
    if (restriction && !isType) return violation(`${specifier} ${restriction}`);
    if (isDynamic && pureFolders.includes(from)) return violation(`${from} is pure: no import()`);
    return [];
  });
}

/** @param {SyntaxNode} node @param {boolean} isLabel */
function impurityOf(node, isLabel) {
  if (node['async'] === true) return 'async';
  if (node.type === 'AwaitExpression') return 'await';
  if (node.type === 'ForOfStatement' && node['await']) return 'for await';
  if (node.type === 'MetaProperty' && node['meta'].name === 'import') return 'import.meta';
  if (node.type === 'MemberExpression' && node['object'].name === 'Math') {
    return (node['property'].name ?? node['property'].value) === 'random' ? 'Math.random' : '';
  }
  return node.type === 'Identifier' && !isLabel && impureNames.has(node['name'])
    ? node['name']
    : '';
}

/** @param {string} path @param {SyntaxNode} tree @param {string} text @returns {Violation[]} */
function impurities(path, tree, text) {
  const folder = folderOf(path);
  if (!pureFolders.includes(folder)) return [];
  /** @type {Violation[]} */
  const found = [];
  walk(tree, (node, isLabel) => {
    const what = impurityOf(node, isLabel);
    if (!what) return;
    found.push({ path, line: lineAt(text, node.start), why: `${folder} is pure: no ${what}` });
  });
  return found;
}

/** Imports of types alone vanish and make no cycle. @param {Map<string, SyntaxNode>} trees */
function cycles(trees) {
  /** @type {Violation[]} */
  const found = [];
  const finished = new Set();
  const visit = (/** @type {string} */ path, /** @type {string[]} */ trail) => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      found.push({ path, line: 1, why: `import cycle: ${[...trail.slice(at), path].join(' > ')}` });
      return;
    }
    const tree = trees.get(path);
    if (finished.has(path) || !tree) return;
    for (const { specifier, isType, isDynamic } of importsOf(tree)) {
      if (isType || isDynamic || !specifier.startsWith('.')) continue;
      visit(resolve(path, specifier), [...trail, path]);
    }
    finished.add(path);
  };
  for (const path of trees.keys()) visit(path, []);
  return found;
}

/**
 * @param {Map<string, string>} files text by path, `src/core/ids.ts` for example
 * @returns {Violation[]}
 */
export function violationsIn(files) {
  /** @type {Map<string, SyntaxNode>} */
  const trees = new Map();
  for (const [path, text] of files) {
    if (!isTest(path)) trees.set(path, parse(text, path));
  }
  const inFiles = [...trees].flatMap(([path, tree]) => {
    const text = files.get(path) ?? '';
    return [...wrongImports(path, tree, text), ...impurities(path, tree, text)];
  });
  return [...inFiles, ...cycles(trees)];
}

/** @param {string} root */
export function readSources(root) {
  const names = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const paths = names.filter((name) => name.endsWith('.ts')).map((name) => `src/${name}`);
  return new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const violations = violationsIn(readSources(root));
  for (const { path, line, why } of violations) process.stderr.write(`${path}:${line}: ${why}\n`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
