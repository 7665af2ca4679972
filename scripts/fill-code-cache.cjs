// Writes what V8 compiled of the scripts of dist, a file for each script that has none, when the process or thread that used
// them ends. build.js starts this as a command of kvx, and has it loaded before the nodes of a cluster (`--require`).
const { basename } = require('node:path');
const { existsSync, renameSync, writeFileSync } = require('node:fs');
const { threadId } = require('node:worker_threads');
const { boot, cacheOf, scripts } = require('../bin/boot.js');

const isCommand = require.main === module;
const isOfNodes = basename(process.argv[1] ?? '') === 'entry.js';

// On exit, because oclif ends the process when a command fails.
function write() {
  for (const [path, { script }] of scripts) {
    if (script === undefined || existsSync(cacheOf(path))) continue;
    const unfinished = `${cacheOf(path)}.${process.pid}.${threadId}`;
    writeFileSync(unfinished, script.createCachedData());
    renameSync(unfinished, cacheOf(path));
  }
  if (isCommand) process.exitCode = 0;
}

if (isCommand || isOfNodes) process.once('exit', write);
if (isCommand) boot().main(process.argv.slice(2));
