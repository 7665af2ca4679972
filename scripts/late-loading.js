/** What keeps out of a start of the command line all that it does not need: ways of Rolldown's. */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {string | undefined} Importer */
/** @typedef {{ kind: string }} How */

const builtinPrefix = 'builtin:';
const lazyPrefix = 'lazy-builtin:';
const debugPrefix = 'debug-when-asked:';
const isOurs = (/** @type {Importer} */ id) =>
  id?.startsWith(builtinPrefix) || id?.startsWith(lazyPrefix);
const nameIn = (/** @type {string} */ id) => id.replace(/^(lazy-)?builtin:(.*)\.cjs$/, '$2');

/**
 * In a bundle of one file, each `import ... from 'node:x'` of every command would be hoisted to its
 * top and load x always. Behind a module of its own, x loads when its importer does.
 */
const withImporter = {
  name: 'kvx-builtins-load-with-their-importer',
  /** @this {import('rolldown').PluginContext} */
  async resolveId(
    /** @type {string} */ id,
    /** @type {Importer} */ importer,
    /** @type {How} */ how,
  ) {
    if (how.kind !== 'import-statement' || isOurs(importer)) return undefined;
    if (isBuiltin(id)) return `${builtinPrefix}${id}.cjs`;
    if (!seldomUsed.includes(id)) return undefined;
    const { id: file } = (await this.resolve(id, importer, { skipSelf: true })) ?? {};
    return `${builtinPrefix}${file}.cjs`;
  },
  load: (/** @type {string} */ id) => {
    if (!id.startsWith(builtinPrefix)) return undefined;
    const name = nameIn(id);
    if (!isWhenRead(id)) return `module.exports = require('${name}');`;
    // What an import makes of it has the same prototype.
    return `module.exports = Object.create(${whenRead(name, undefined, kept)});`;
  },
};

/** Whether what is imported loads no sooner than something is read from it. @param {string} id */
const isWhenRead = (id) =>
  id.startsWith(builtinPrefix) && (!isBuiltin(nameIn(id)) || seldomUsed.includes(nameIn(id)));

/**
 * What to evaluate for an object, or a function, that loads a module when something is read from it, or it is called.
 * @param {string} name @param {boolean} [isCompiledModule] @param {(value: string) => string} [asRead]
 */
const whenRead = (name, isCompiledModule, asRead = (value) => value) =>
  `new Proxy(() => {}, {
    get: (_, key, asked) => key === '__esModule' ? ${isCompiledModule} : ${asRead(`require('${name}')[key]`)},
    apply: (_, self, args) => Reflect.apply(require('${name}'), self, args),
  })`;

/**
 * What inherits from it has it then itself: to read it anew takes half a microsecond, and a node looks at the clock for each operation.
 * @param {string} value
 */
const kept = (value) => `Object.defineProperty(asked, key, { value: ${value} })[key]`;

/** What its importers use for few commands, or late. */
const seldomUsed = [
  ...['cbor-x/encode', 'chalk'],
  ...['node:child_process', 'node:crypto', 'node:fs/promises', 'node:module', 'node:os'],
  ...['node:perf_hooks', 'node:sea', 'node:timers/promises', 'node:tty', 'node:worker_threads'],
];

/**
 * oclif requires these for what a command seldom does (prompts, profiling, Windows' shell, looking
 * for plugins and their settings, templates, help, spinners), and uses them as functions or plain objects of functions.
 */
const lazyInOclif = [
  ...['node:child_process', 'node:fs/promises', 'node:perf_hooks', 'node:readline'],
  ...[
    'ansi-escapes',
    'ansis',
    'clean-stack',
    'cli-spinners',
    'ejs',
    'get-package-type',
    'indent-string',
  ],
  ...['string-width', 'supports-color', 'widest-line', 'wordwrap', 'wrap-ansi'],
];

/** Of oclif itself: what is for mistakes, help, colours, and plugins that are found on disk. */
const lateOfOclif = [
  ...['config/plugin', 'config/ts-path', 'errors/index', 'help/index', 'module-loader'],
  ...['parser/errors', 'parser/help', 'screen', 'util/determine-priority', 'util/fs', 'ux/index'],
  ...['ux/theme'],
].map((name) => `/@oclif/core/lib/${name}.js`);

/** With these it looks for plugins and their settings. kvx hands it all that there is. */
const neverInOclif = ['lilconfig', 'minimatch', 'tinyglobby'];

const whenUsed = {
  name: 'kvx-builtins-load-when-oclif-uses-them',
  /** @this {import('rolldown').PluginContext} */
  async resolveId(
    /** @type {string} */ id,
    /** @type {Importer} */ importer,
    /** @type {How} */ how,
  ) {
    if (how.kind !== 'require-call' || !importer?.includes('@oclif/core')) return undefined;
    if (neverInOclif.includes(id)) return `${lazyPrefix}${id}.cjs`;
    if (id.startsWith('.')) {
      const options = { kind: /** @type {const} */ ('require-call'), skipSelf: true };
      const { id: file = '' } = (await this.resolve(id, importer, options)) ?? {};
      return lateOfOclif.some((end) => file.endsWith(end)) ? `${lazyPrefix}${file}.cjs` : undefined;
    }
    if (!lazyInOclif.includes(id)) return undefined;
    // oclif may have a version of its own.
    const file = isBuiltin(id)
      ? id
      : (await this.resolve(id, importer, { kind: 'require-call', skipSelf: true }))?.id;
    return `${lazyPrefix}${file}.cjs`;
  },
  load(/** @type {string} */ id) {
    if (!id.startsWith(lazyPrefix)) return undefined;
    const name = nameIn(id);
    if (neverInOclif.includes(name)) return '';
    const isOfOclif = lateOfOclif.some((end) => name.endsWith(end));
    const late = whenRead(name, isOfOclif);
    // Of help, what reads a command line is needed at once.
    return name.endsWith('/help/index.js')
      ? `module.exports = { __proto__: ${late}, ...require('${name.replace('index', 'util')}'), __esModule: true };`
      : `module.exports = ${late};`;
  },
};

/** At each start oclif looks through the system whether this is WSL, to have it in `config.platform`: nobody asks that. */
const noWsl = {
  name: 'kvx-no-wsl',
  resolveId: (/** @type {string} */ id, /** @type {Importer} */ importer) =>
    id === 'wsl-utils' && importer ? `${importer}?wsl-utils` : undefined,
  load: (/** @type {string} */ id) =>
    id.endsWith('?wsl-utils') ? 'export const isWsl = false;' : undefined,
};

/** What oclif takes for granted of a flag or a command, and what of the package only npm reads. */
const said = {
  'oclif.manifest.json': (/** @type {string} */ key, /** @type {unknown} */ value) =>
    value === false && ['hasDynamicHelp', 'multiple'].includes(key) ? undefined : value,
  'package.json': (/** @type {string} */ key, /** @type {unknown} */ value) =>
    ['scripts', 'exports', 'files', 'devDependencies', 'allowScripts'].includes(key)
      ? undefined
      : value,
};

/** @param {string} root */
const shortJson = (root) => ({
  name: 'kvx-short-json',
  load(/** @type {string} */ id) {
    const found = Object.entries(said).find(([name]) => id === join(root, name));
    if (found === undefined) return undefined;
    const code = JSON.stringify(JSON.parse(readFileSync(id, 'utf8'), found[1]));
    return { code, moduleType: /** @type {const} */ ('json') };
  },
});

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** oclif makes a logger a module, of a package that looks through the environment; without `DEBUG` nobody reads what they say. */
const debugWhenAsked = {
  name: 'kvx-debug-when-asked',
  /** @this {import('rolldown').PluginContext} */
  async resolveId(/** @type {string} */ id, /** @type {Importer} */ importer) {
    if (id !== 'debug' || !importer?.endsWith('@oclif/core/lib/logger.js')) return undefined;
    const options = { kind: /** @type {const} */ ('require-call'), skipSelf: true };
    return `${debugPrefix}${(await this.resolve(id, importer, options))?.id}.cjs`;
  },
  load(/** @type {string} */ id) {
    if (!id.startsWith(debugPrefix)) return undefined;
    const file = id.slice(debugPrefix.length).replace(/\.cjs$/, '');
    return `module.exports = process.env.DEBUG ? require('${file}') : () => () => {};`;
  },
};

/** oclif's commands listen for errors of standard output, which makes its stream; kvx does that itself (`watchOutput`). */
const noListener = {
  name: 'kvx-no-listener-of-oclif',
  transform(/** @type {string} */ code, /** @type {string} */ id) {
    if (!id.endsWith('@oclif/core/lib/command.js')) return undefined;
    const listener = /^process\.stdout\.on\('error', [\s\S]*?^\}\);\n/m;
    if (!listener.test(code))
      throw new Error(`${id} no longer listens for errors of standard output`);
    // The lines stay where they are, so maps do.
    return { code: code.replace(listener, (lines) => lines.replace(/[^\n]/g, '')), map: null };
  },
};

export const lateLoading = () => [
  ...[withImporter, whenUsed, debugWhenAsked, noWsl, noListener, shortJson(root)],
];

/**
 * Of ours, what a start may import but a command for a key does not run while all is well. Wrong or old names in here make a start slower,
 * nothing else.
 */
const lateOfOurs = [
  ...['cli/text-input', 'client/ask', 'client/attempts', 'client/session', 'cluster/node-ports'],
  ...['cluster/state/last-words', 'cluster/state/lock', 'cluster/state/log'],
  ...['cluster/state/sessions', 'cluster/state/trace-files', 'config/problem', 'config/resp'],
  ...['core/alike', 'core/base64', 'core/hash', 'core/node-order', 'core/suggest'],
  ...['faults/nemeses', 'faults/partition', 'node/shipped', 'operations/spec-flags'],
  ...['protocols/option', 'protocols/refusals', 'protocols/shared/', 'protocols/own/'],
  ...['protocols/gossip/', 'protocols/paxos/', 'protocols/quorum/', 'protocols/twopc/'],
  ...['runtime/cbor.ts', 'runtime/links/path', 'runtime/links/single-messages', 'runtime/tracing/'],
  ...['targets/fault-watch', 'trace/merge'],
].map((name) => join(root, 'src', name));

/** Names of what {@link startChunks} makes: what is always loaded, and what the first use of something in it loads. */
export const chunkNames = { kvx: 'kvx-late', base: 'base-late' };

/**
 * A chunk `kvx` for these modules and all that they import at once, and `base` for those of them that entries need, too, so that no thread
 * loads oclif; but what is seldom used is in chunks beside these. V8 knows every function of a script, also of one compiled before, and each costs.
 * @param {string[]} starts @param {string[]} entries
 */
export function startChunks(starts, entries) {
  /** @typedef {{ getModuleInfo(id: string): { importedIds: readonly string[] } | null }} Context */
  const isLate = (/** @type {string} */ id) => lateOfOurs.some((file) => id.startsWith(file));
  const isDoor = (/** @type {string} */ id) =>
    id.startsWith(lazyPrefix) || id.startsWith(debugPrefix) || isWhenRead(id);
  /** @param {string[]} roots @param {Context} context @param {boolean} [atOnce] */
  const closure = (roots, context, atOnce = false) => {
    const found = new Set(['\0rolldown/runtime.js']);
    const left = [...roots];
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      if (found.has(id) || (atOnce && isLate(id))) continue;
      found.add(id);
      if (atOnce && isDoor(id)) continue;
      left.push(...(context.getModuleInfo(id)?.importedIds ?? []));
    }
    return found;
  };
  /** @type {{ all: Set<string>, atOnce: Set<string>, ofEntries: Set<string> } | undefined} */
  let found;
  return (/** @type {string} */ id, /** @type {any} */ context) => {
    found ??= {
      all: closure(starts, context),
      atOnce: closure(starts, context, true),
      ofEntries: closure(entries, context),
    };
    if (id.endsWith('?wsl-utils')) return 'kvx';
    if (!found.all.has(id)) return null;
    const name = found.ofEntries.has(id) ? 'base' : 'kvx';
    return found.atOnce.has(id) ? name : chunkNames[name];
  };
}
