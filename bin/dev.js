#!/usr/bin/env node
// The same command line after an install and a build, if either is out of date.
require('node:child_process').execFileSync(
  process.execPath,
  [require('node:path').join(__dirname, '../scripts/ensure.js')],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
require('./boot.js').boot().main(process.argv.slice(2));
