// What threads and processes start with: `entry.js NAME ARGUMENTS`. NAME is one of scripts/entries.js.
const [name] = process.argv.splice(2, 1);
require('./boot.js').load(`${name}.cjs`);
