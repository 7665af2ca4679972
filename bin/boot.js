// Loads the scripts of dist, the command line and what threads and processes start with, from V8's code caches when there are some for this
// very Node. Why, and how much it saves: docs/decisions/0001-start-up-time.md.
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Script, constants } = require('node:vm');

const root = dirname(__dirname);

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Where scripts lie: in the folder dist. In the single executable, inside (image.js).
 * @type {{ root: string, script(path: string): Buffer, cache(path: string): Buffer | undefined }}
 */
let store = { root, script: (path) => readFileSync(path), cache: readIfThere };

/** @param {typeof store} other */
const loadFrom = (other) => {
  store = other;
};

/** V8 takes no cache that was made by another version, or under other flags, as nodes have them (memory.ts): from the first script on. */
const isOfNodes = process.env['NODE_OPTIONS']?.includes('--max-semi-space-size') ?? false;
if (isOfNodes) require('node:v8').setFlagsFromString('--expose-gc');
const kind = `${process.version}-${process.arch}${isOfNodes ? '-nodes' : ''}`;
const cacheOf = (/** @type {string} */ path) => `${path}.${kind}.cache`;

/** Whether the user asked for stack traces; source maps then point them at src/. */
const wantsStackTraces = () => /\bkvx\b|^\*$/.test(process.env['DEBUG'] ?? '');

const head = Buffer.from('(function (exports, require, module, __filename, __dirname) {');
const tail = Buffer.from('\n})');

/** @typedef {{ exports: any, script: import('node:vm').Script | undefined }} Loaded */

/** Every script of dist that has been loaded, by its path. @type {Map<string, Loaded>} */
const scripts = new Map();

/** What `require` is in a script of dist. They name each other as `./name.cjs`, and Node's own modules. @param {string} id */
const requireFromDist = (id) => (id.startsWith('./') ? load(id.slice(2)).exports : require(id));

/** @param {string} name */
function load(name) {
  const path = join(store.root, 'dist', name);
  const loaded = scripts.get(path);
  if (loaded !== undefined) return loaded;
  /** @type {Loaded} */
  const module = { exports: {}, script: undefined };
  scripts.set(path, module);
  // Put together before it is a string, which V8 would copy once more: what lies in its young space now makes it look for garbage.
  const source = Buffer.concat([head, store.script(path), tail]).toString('latin1');
  const cachedData = store.cache(cacheOf(path));
  module.script = new Script(source, {
    // Not where it lies: a code cache brings along the name that it was made under.
    filename: join('dist', name),
    ...(cachedData ? { cachedData } : {}),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  module.script.runInThisContext()(module.exports, requireFromDist, module, path, dirname(path));
  return module;
}

/** oclif asks for both, and a container may have neither these nor a user to look up. */
function ensureUser() {
  const { env } = process;
  if (env['HOME'] && env['SHELL']) return;
  try {
    require('node:os').userInfo();
  } catch {
    env['HOME'] ||= '/';
    env['SHELL'] ||= '/bin/sh';
  }
}

/** @returns {{ main(argv: string[]): Promise<void> }} */
function boot() {
  ensureUser();
  // oclif's help asks only terminals how wide they are, once, when it loads; and what it indents for want of room is
  // two columns wider than that. Told when it asks: most commands need no stream for what they print.
  Object.assign(globalThis, {
    oclif: {
      get columns() {
        const columns = process.stdout.columns ?? Number(process.env['COLUMNS']);
        if (!(columns > 0)) return undefined;
        return columns < 80 ? columns - 2 : columns;
      },
    },
  });
  // The Tab key waits for no more than it needs.
  const script = process.argv[2] === 'complete' ? 'complete.cjs' : 'kvx.cjs';
  if (wantsStackTraces()) {
    process.setSourceMapsEnabled(true);
    if (store.root === root) return require(join(root, 'dist', script));
  }
  try {
    return load(script).exports;
  } catch (error) {
    if (scripts.get(join(store.root, 'dist', script))?.script !== undefined) throw error;
    process.stderr.write('kvx is not built yet: run npm run build, or npm start\n');
    process.exit(70);
  }
}

module.exports = { boot, cacheOf, load, loadFrom, scripts };
