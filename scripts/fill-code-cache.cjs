// Started by build.js: runs a command from the bundle, then writes what V8 compiled for it, a file for each script that has none.
const { existsSync, renameSync, writeFileSync } = require('node:fs');
const { boot, cacheOf, scripts } = require('../bin/boot.js');

const { main } = boot();

// On exit, because oclif ends the process when a command fails.
process.once('exit', () => {
  for (const [path, { script }] of scripts) {
    if (script === undefined || existsSync(cacheOf(path))) continue;
    const unfinished = `${cacheOf(path)}.${process.pid}`;
    writeFileSync(unfinished, script.createCachedData());
    renameSync(unfinished, cacheOf(path));
  }
  process.exitCode = 0;
});

main(process.argv.slice(2));
