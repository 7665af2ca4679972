/**
 * Files that a worker thread or a process starts with: each becomes dist/<name>.cjs, out of the same build as the command line,
 * but loads no oclif. bin/entry.js starts them; src/cluster/launch/launch.ts alone starts that.
 */
export const entries = [
  'src/cluster/launch/daemon.ts',
  'src/gateway/node-worker.ts',
  'src/gateway/node-process.ts',
  'src/gateway/fault-worker.ts',
  'src/cli/load/load-worker.ts',
  'src/cli/sim/sim-worker.ts',
];

/**
 * What others import, by the name in package.json's `exports`: each becomes dist/<name>.js, with its types beside it. Those of
 * `libraries` come out of the same build as the command line, and what is imported hands on what that exports.
 */
export const libraries = {
  index: 'src/library/index.ts',
  sim: 'src/library/sim.ts',
  check: 'src/check/index.ts',
  assert: 'src/library/assert.ts',
  protocol: 'src/library/protocol.ts',
  conformance: 'src/library/conformance.ts',
  verdict: 'src/library/verdict.ts',
};

/** Those that import what knows modules only: they are modules, and import from `libraries` all that is ours. */
export const moduleLibraries = {
  vitest: 'src/library/vitest.ts',
  'fast-check': 'src/library/fast-check.ts',
};
