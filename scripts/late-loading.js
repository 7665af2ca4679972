/** Rolldown plugins that keep Node's own modules out of a start that does not need them. */
import { isBuiltin } from 'node:module';

/** @typedef {string | undefined} Importer */
/** @typedef {{ kind: string }} How */

const builtinPrefix = 'builtin:';
const lazyPrefix = 'lazy-builtin:';
const isOurs = (/** @type {Importer} */ id) =>
  id?.startsWith(builtinPrefix) || id?.startsWith(lazyPrefix);
const nameIn = (/** @type {string} */ id) => id.replace(/^(lazy-)?builtin:(.*)\.cjs$/, '$2');

/**
 * In a bundle of one file, each `import ... from 'node:x'` of every command would be hoisted to its
 * top and load x always. Behind a module of its own, x loads when its importer does.
 */
const withImporter = {
  name: 'kvx-builtins-load-with-their-importer',
  resolveId: (
    /** @type {string} */ id,
    /** @type {Importer} */ importer,
    /** @type {How} */ how,
  ) =>
    how.kind === 'import-statement' && isBuiltin(id) && !isOurs(importer)
      ? `${builtinPrefix}${id}.cjs`
      : undefined,
  load: (/** @type {string} */ id) =>
    id.startsWith(builtinPrefix) ? `module.exports = require('${nameIn(id)}');` : undefined,
};

/**
 * oclif requires these for what a command seldom does (prompts, profiling, Windows' shell), and
 * uses them as plain objects of functions: each loads when something is read from it.
 */
const lazyInOclif = ['node:child_process', 'node:perf_hooks', 'node:readline'];

const whenUsed = {
  name: 'kvx-builtins-load-when-oclif-uses-them',
  resolveId: (
    /** @type {string} */ id,
    /** @type {Importer} */ importer,
    /** @type {How} */ how,
  ) =>
    how.kind === 'require-call' && lazyInOclif.includes(id) && importer?.includes('@oclif/core')
      ? `${lazyPrefix}${id}.cjs`
      : undefined,
  load: (/** @type {string} */ id) =>
    id.startsWith(lazyPrefix)
      ? `module.exports = new Proxy({}, { get: (_, key) => require('${nameIn(id)}')[key] });`
      : undefined,
};

/** Of wsl-utils oclif asks at each start whether this is WSL; the rest is for Windows proper. */
const isWslOnly = {
  name: 'kvx-is-wsl-only',
  resolveId: (/** @type {string} */ id, /** @type {Importer} */ importer) =>
    id === 'wsl-utils' && importer ? `${importer}?wsl-utils` : undefined,
  load: (/** @type {string} */ id) =>
    id.endsWith('?wsl-utils') ? `export { default as isWsl } from 'is-wsl';` : undefined,
};

export const lateLoading = () => [withImporter, whenUsed, isWslOnly];
