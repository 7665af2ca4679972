// Loads the bundle, dist/kvx.cjs, from V8's code cache when there is one for this very Node.
// Why, and how much it saves: docs/decisions/0001-start-up-time.md.
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { Script, constants } = require('node:vm');

const bundlePath = join(__dirname, '../dist/kvx.cjs');
const cachePath = join(dirname(bundlePath), `kvx.${process.version}-${process.arch}.cache`);

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

/** @returns {{ main(argv: string[]): Promise<void>, script?: import('node:vm').Script }} */
function boot() {
  // oclif's help asks only terminals how wide they are, once, when it loads; and what it indents for want of room is
  // two columns wider than that.
  const columns = process.stdout.columns ?? Number(process.env['COLUMNS']);
  if (columns > 0) {
    Object.assign(globalThis, { oclif: { columns: columns < 80 ? columns - 2 : columns } });
  }
  if (wantsStackTraces()) {
    process.setSourceMapsEnabled(true);
    return require(bundlePath);
  }
  const source = readIfThere(bundlePath)?.toString('utf8');
  if (source === undefined) {
    process.stderr.write('kvx is not built yet: run npm run build, or npm start\n');
    process.exit(70);
  }
  const cachedData = readIfThere(cachePath);
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname) {${source}\n})`,
    {
      filename: bundlePath,
      ...(cachedData ? { cachedData } : {}),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    },
  );
  const module = { exports: /** @type {any} */ ({}) };
  const require_ = createRequire(bundlePath);
  script.runInThisContext()(module.exports, require_, module, bundlePath, dirname(bundlePath));
  return { main: module.exports.main, script };
}

module.exports = { boot, cachePath };
