// Loads the scripts of dist, the command line and what threads and processes start with, from V8's code caches when there are some for this
// very Node.
// Why, and how much it saves: docs/decisions/0001-start-up-time.md.
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Script, constants } = require('node:vm');

const dist = join(__dirname, '../dist');
const cacheOf = (/** @type {string} */ path) => `${path}.${process.version}-${process.arch}.cache`;

/** Whether the user asked for stack traces; source maps then point them at src/. */
const wantsStackTraces = () => /\bkvx\b|^\*$/.test(process.env['DEBUG'] ?? '');

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** @typedef {{ exports: any, script: import('node:vm').Script | undefined }} Loaded */

/** Every script of dist that has been loaded, by its path. @type {Map<string, Loaded>} */
const scripts = new Map();

/** What `require` is in a script of dist. They name each other as `./name.cjs`, and Node's own modules. @param {string} id */
const requireFromDist = (id) => (id.startsWith('./') ? load(id.slice(2)).exports : require(id));

/** @param {string} name */
function load(name) {
  const path = join(dist, name);
  const loaded = scripts.get(path);
  if (loaded !== undefined) return loaded;
  /** @type {Loaded} */
  const module = { exports: {}, script: undefined };
  scripts.set(path, module);
  const source = readFileSync(path, 'latin1');
  const cachedData = readIfThere(cacheOf(path));
  module.script = new Script(
    `(function (exports, require, module, __filename, __dirname) {${source}\n})`,
    {
      filename: path,
      ...(cachedData ? { cachedData } : {}),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    },
  );
  module.script.runInThisContext()(module.exports, requireFromDist, module, path, dirname(path));
  return module;
}

/** @returns {{ main(argv: string[]): Promise<void> }} */
function boot() {
  // oclif's help asks only terminals how wide they are, once, when it loads; and what it indents for want of room is
  // two columns wider than that.
  const columns = process.stdout.columns ?? Number(process.env['COLUMNS']);
  if (columns > 0) {
    Object.assign(globalThis, { oclif: { columns: columns < 80 ? columns - 2 : columns } });
  }
  // The Tab key waits for no more than it needs.
  const script = process.argv[2] === 'complete' ? 'complete.cjs' : 'kvx.cjs';
  if (wantsStackTraces()) {
    process.setSourceMapsEnabled(true);
    return require(join(dist, script));
  }
  try {
    return load(script).exports;
  } catch (error) {
    if (scripts.get(join(dist, script))?.script !== undefined) throw error;
    process.stderr.write('kvx is not built yet: run npm run build, or npm start\n');
    process.exit(70);
  }
}

module.exports = { boot, cacheOf, load, scripts };
