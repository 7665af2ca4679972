import type { KnipConfig } from 'knip';
import { entries } from './scripts/entries.js';

export default {
  entry: [
    'bin/*.js',
    'scripts/*.{js,cjs}',
    'src/main.ts',
    'src/commands/**/*.ts',
    'test/soak/*.ts',
    'test/bench/*.bench.ts',
    ...entries,
  ],
  project: ['src/**/*.ts', 'test/**/*.ts', 'scripts/**', 'bin/**/*.js'],
  ignoreExportsUsedInFile: true,
} satisfies KnipConfig;
