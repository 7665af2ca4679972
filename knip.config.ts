import type { KnipConfig } from 'knip';
import { entries, libraries } from './scripts/entries.js';

export default {
  entry: [
    'bin/*.js',
    'scripts/*.{js,cjs}',
    // Started by their paths.
    'scripts/bench/{etcd-load,machine}.js',
    'src/main.ts',
    'src/cli/completion/{entry,vocabulary}.ts',
    'src/commands/**/*.ts',
    'src/web/*/{main.tsx,worker.ts}',
    'src/web/testing/*.tsx',
    'test/soak/*.ts',
    'test/bench/*.bench.ts',
    ...entries,
    ...Object.values(libraries),
  ],
  project: ['src/**/*.{ts,tsx}', 'test/**/*.ts', 'scripts/**', 'bin/**/*.js'],
  ignoreExportsUsedInFile: true,
  // Started by its path.
  ignoreDependencies: ['@arethetypeswrong/cli'],
  // Of the distribution, where it is installed.
  ignoreBinaries: ['ldd', 'strip', 'mkfifo', 'redis-server', 'promtool', 'script', 'mandoc'],
} satisfies KnipConfig;
