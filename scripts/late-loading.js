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
    if (isBuiltin(name) && !seldomUsed.includes(name))
      return `module.exports = require('${name}');`;
    // What an import makes of it has the same prototype.
    return `module.exports = Object.create(${whenRead(name)});`;
  },
};

/** What to evaluate for an object, or a function, that loads a module when something is read from it, or it is called. @param {string} name */
const whenRead = (name) =>
  `new Proxy(() => {}, {
    get: (_, key) => key === '__esModule' ? undefined : require('${name}')[key],
    apply: (_, self, args) => Reflect.apply(require('${name}'), self, args),
  })`;

/** What its importers use for few commands, or late. */
const seldomUsed = [
  ...['cbor-x/encode', 'chalk'],
  ...['node:child_process', 'node:crypto', 'node:fs/promises', 'node:module', 'node:os'],
  ...['node:perf_hooks', 'node:sea', 'node:timers/promises', 'node:worker_threads'],
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
    return neverInOclif.includes(name) ? '' : `module.exports = ${whenRead(name)};`;
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

export const lateLoading = () => [withImporter, whenUsed, debugWhenAsked, noWsl, shortJson(root)];

/** Names of what {@link startChunks} makes. */
export const wholeChunks = ['kvx', 'base'];

/**
 * A chunk `kvx` for these modules and all that they import at once, and `base` for those of them that entries need, too, so that no thread
 * loads oclif. No more than that: V8 knows every function of a script, also of one compiled before, and each costs.
 * @param {string[]} starts @param {string[]} entries
 */
export function startChunks(starts, entries) {
  /** @typedef {{ getModuleInfo(id: string): { importedIds: readonly string[] } | null }} Context */
  const closure = (/** @type {string[]} */ roots, /** @type {Context} */ context) => {
    const found = new Set(['\0rolldown/runtime.js']);
    const left = [...roots];
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      if (found.has(id)) continue;
      found.add(id);
      left.push(...(context.getModuleInfo(id)?.importedIds ?? []));
    }
    return found;
  };
  /** @type {Set<string> | undefined} */
  let ofStart;
  /** @type {Set<string>} */
  let ofEntries;
  return (/** @type {string} */ id, /** @type {any} */ context) => {
    if (ofStart === undefined) {
      ofStart = closure(starts, context);
      ofEntries = closure(entries, context);
    }
    if (id.endsWith('?wsl-utils')) return 'kvx';
    if (!ofStart.has(id)) return null;
    return ofEntries.has(id) ? 'base' : 'kvx';
  };
}
