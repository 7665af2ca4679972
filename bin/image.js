// The main script of the single executable, and of its threads. What else is there are its assets: scripts, their code caches, pages, scenarios.
// They are called by paths below the executable's own, as if it were the folder of the package.
const { getRawAsset } = require('node:sea');
const { boot, load, loadFrom } = require('./boot.js');

const root = process.execPath;

/** @param {string} path */
const asset = (path) => {
  const bytes = /** @type {ArrayBuffer} */ (getRawAsset(path.slice(root.length + 1)));
  return Buffer.from(bytes);
};

/** @param {string} path */
function assetIfThere(path) {
  try {
    return asset(path);
  } catch {
    return undefined;
  }
}

loadFrom({ root, script: asset, cache: assetIfThere });

if (process.argv[2] === '--entry') {
  const [, name] = process.argv.splice(2, 2);
  load(`${name}.cjs`);
} else boot().main(process.argv.slice(2));
