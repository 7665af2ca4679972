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
 * The floors of the house, from the ground up: a folder of src may know itself and these. One that is not named here is an
 * error.
 * @type {Record<string, string[]>}
 */
const mayKnow = {
  core: [],
  faults: ['core'],
  workload: ['core'],
  history: ['core'],
  trace: ['core'],
  protocols: ['core'],
  render: ['core', 'faults'],
  runtime: ['core', 'faults'],
  check: ['core', 'history'],
  client: ['core', 'faults', 'history', 'runtime'],
  config: ['core', 'faults', 'protocols'],
};
for (const [folder, below] of /** @type {[string, string[]][]} */ ([
  ['zoo', ['protocols', 'client']],
  ['sim', ['workload', 'protocols', 'runtime', 'client', 'trace']],
  ['node', ['protocols', 'runtime', 'client']],
  ['bench', ['workload', 'history', 'client', 'config', 'render']],
  ['resp', ['protocols', 'runtime', 'client']],
  ['cluster', ['protocols', 'runtime', 'client', 'config', 'node', 'trace']],
  ['targets', ['protocols', 'history', 'sim', 'cluster', 'zoo']],
  ['explore', ['workload', 'history', 'check', 'targets', 'sim', 'zoo']],
  ['operations', ['workload', 'check', 'render', 'targets', 'explore', 'bench']],
  ['scenario', ['operations']],
  ['compare', ['scenario']],
  ['shrink', ['scenario']],
  ['coursework', ['scenario']],
  ['shell', ['scenario', 'coursework']],
  ['report', ['history', 'check', 'trace']],
  ['lab', ['scenario', 'shrink', 'report']],
  ['web', ['report', 'lab']],
  ['gateway', ['operations', 'scenario', 'resp']],
  [
    'cli',
    ['operations', 'gateway', 'scenario', 'compare', 'shrink', 'coursework', 'shell', 'report'],
  ],
  ['library', ['operations', 'scenario', 'shrink']],
  ['commands', ['cli']],
  ['main', ['node', 'cli', 'commands']],
])) {
  const known = below.flatMap((room) => [room, ...(mayKnow[room] ?? [])]);
  mayKnow[folder] = [...new Set(['core', ...known])];
}

/** Actors and their vocabulary: no input but their arguments, no effect but their context's. */
const actorFolders = ['core', 'protocols'];

const actorImpurities = new Set(['Promise', 'queueMicrotask', 'globalThis', 'global']);

/** What runs in a browser as it runs in Node: no ports but those that it is given. */
const pureFolders = [
  ...actorFolders,
  ...[
    'faults',
    'workload',
    'history',
    'trace',
    'runtime',
    'check',
    'client',
    'zoo',
    'sim',
    'explore',
  ],
  ...['operations', 'scenario', 'shrink', 'resp', 'targets/sim', 'report', 'lab'],
];

const impureNames = new Set([
  ...['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate'],
  ...['Buffer', 'console', 'fetch', 'crypto', 'require', 'TextEncoder', 'TextDecoder'],
]);

/** Where runs are drawn: the same seed must mean the same run in every engine. */
const drawingFolders = ['faults', 'workload', 'protocols', 'client', 'runtime', 'sim', 'zoo'];

/** Engines differ in their last bits; `core/alike.ts` has what is needed. */
const inexact =
  /^(?:pow|exp|expm1|log|log2|log10|log1p|sinh?|cosh?|tanh?|asinh?|acosh?|atanh?|atan2|cbrt|hypot)$/;

/** Of Node's `process`; histories have processes, too. */
const processMembers = new Set([
  ...['env', 'argv', 'stdin', 'stdout', 'stderr', 'pid', 'exit', 'exitCode', 'platform', 'cwd'],
  ...['on', 'once', 'off', 'kill', 'nextTick', 'hrtime', 'memoryUsage', 'version', 'versions'],
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
const folderOf = (path) => (path.split('/')[1] ?? '').replace(/(\.d)?\.tsx?$/, '');

const isNodes = (/** @type {string} */ specifier) => specifier.startsWith('node:');

const isTest = (/** @type {string} */ path) => /\.test\.tsx?$|\/testing\//.test(path);

/** @param {string} from @param {string} specifier */
const resolve = (from, specifier) =>
  normalize(join(dirname(from), specifier))
    .replace(/\.js$/, '.ts')
    .replace(/\.jsx$/, '.tsx');

/** What is left of histories once files are apart is pure. @param {string} path @param {string[]} folders */
const isPure = (path, folders) =>
  !path.startsWith('src/history/files/') &&
  folders.some((folder) => path.startsWith(`src/${folder}/`) || path === `src/${folder}.ts`);

/** @param {string} path @param {SyntaxNode} tree @param {string} text @returns {Violation[]} */
function wrongImports(path, tree, text) {
  const from = folderOf(path);
  const known = mayKnow[from];
  if (!known) return [{ path, line: 1, why: `${from} has no floor: name it in import-rules.js` }];
  return importsOf(tree).flatMap(({ specifier, start, isType, isDynamic }) => {
    const violation = (/** @type {string} */ why) => [{ path, line: lineAt(text, start), why }];
    if (specifier.startsWith('.')) {
      const target = resolve(path, specifier);
      if (isTest(target)) return violation(`${target} is for tests only`);
      const to = folderOf(target);
      if (!target.startsWith('src/')) return [];
      if (from !== to && !known.includes(to)) return violation(`${from} must not know ${to}`);
    } else if (actorFolders.includes(from) || (isNodes(specifier) && isPure(path, pureFolders))) {
      return violation(`${from} is pure and imports no ${specifier}`);
    }
    const restriction = restrictedPackages[specifier];
    if (restriction && !isType) return violation(`${specifier} ${restriction}`);
    if (isDynamic && actorFolders.includes(from)) return violation(`${from} is pure: no import()`);
    return [];
  });
}

/** @param {SyntaxNode} node */
function asynchrony(node) {
  if (node['async'] === true) return 'async';
  if (node.type === 'AwaitExpression') return 'await';
  if (node.type === 'ForOfStatement' && node['await']) return 'for await';
  return node.type === 'Identifier' && actorImpurities.has(node['name']) ? node['name'] : '';
}

/** @param {SyntaxNode} node */
function impurityOf(node) {
  if (node.type === 'MetaProperty' && node['meta'].name === 'import') return 'import.meta';
  if (node.type === 'MemberExpression' && node['object'].name === 'process') {
    return processMembers.has(node['property'].name) ? 'process' : '';
  }
  if (node.type === 'MemberExpression' && node['object'].name === 'Math') {
    return (node['property'].name ?? node['property'].value) === 'random' ? 'Math.random' : '';
  }
  return node.type === 'Identifier' && impureNames.has(node['name']) ? node['name'] : '';
}

/** @param {SyntaxNode} node */
function inexactnessOf(node) {
  if (node.type === 'MemberExpression' && node['object'].name === 'Math') {
    const { name = '' } = node['property'];
    return inexact.test(name) ? `Math.${name}` : '';
  }
  if (node.type !== 'BinaryExpression' || node['operator'] !== '**') return '';
  // Powers of two are exact everywhere, and so are squares.
  return node['left'].value === 2 || node['right'].value === 2 ? '' : '**';
}

/** @param {string} path @param {SyntaxNode} tree @param {string} text @returns {Violation[]} */
function impurities(path, tree, text) {
  const folder = folderOf(path);
  if (!isPure(path, pureFolders)) return [];
  const isActor = actorFolders.includes(folder);
  const isDrawing = drawingFolders.includes(folder);
  /** @type {Violation[]} */
  const found = [];
  walk(tree, (node, isLabel) => {
    const what = isLabel ? '' : impurityOf(node) || (isActor ? asynchrony(node) : '');
    const line = lineAt(text, node.start);
    if (what) found.push({ path, line, why: `${folder} is pure: no ${what}` });
    const power = isDrawing && !isLabel ? inexactnessOf(node) : '';
    if (power) found.push({ path, line, why: `engines differ in ${power}: see core/alike.ts` });
  });
  return found;
}

/** Types count, too: two files that need each other's are one thing in two places. @param {Map<string, SyntaxNode>} trees */
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
    for (const { specifier, isDynamic } of importsOf(tree)) {
      if (isDynamic || !specifier.startsWith('.')) continue;
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
  const paths = names.filter((name) => /\.tsx?$/.test(name)).map((name) => `src/${name}`);
  return new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const violations = violationsIn(readSources(root));
  for (const { path, line, why } of violations) process.stderr.write(`${path}:${line}: ${why}\n`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
