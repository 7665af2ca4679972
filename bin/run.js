#!/usr/bin/env node
require('./boot.js').boot().main(process.argv.slice(2));
