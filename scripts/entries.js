/**
 * Files that Node starts on their own, as a worker thread or a process: each becomes
 * dist/<name>.js, an ES module that loads no oclif. They are started with
 * `new URL('./<name>.js', import.meta.url)` from any bundled file, since dist is flat.
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
export const libraries = { check: 'src/check/index.ts' };
