// Started by build.js: runs commands from the bundle, then writes what V8 compiled for them.
const { renameSync, writeFileSync } = require('node:fs');
const { boot, cachePath } = require('../bin/boot.js');

const { main, script } = boot();

// On exit, because oclif ends the process when a command fails.
process.once('exit', () => {
  if (!script) return;
  const unfinished = `${cachePath}.${process.pid}`;
  writeFileSync(unfinished, script.createCachedData());
  renameSync(unfinished, cachePath);
  process.exitCode = 0;
});

main(['--help']).then(() => main(['get', 'key']));
