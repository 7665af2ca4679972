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

/** What others import, by the name in package.json's `exports`: each becomes dist/<name>.js, with its types beside it. */
export const libraries = {
  check: 'src/check/index.ts',
  protocol: 'src/library/protocol.ts',
};
