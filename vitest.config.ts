import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;
const include = ['src/**/*.test.ts', 'test/**/*.test.ts'];

/** What one file does and others would notice who share its process: modules replaced, the environment changed. */
const meddles =
  /\bvi\.(?:mock|doMock|stubEnv|setConfig)\(|\bprocess\.env\[.+\] = |\bprocess\.chdir\(/;
const alone = ['src', 'test']
  .flatMap((top) => readdirSync(join(root, top), { recursive: true }).map((at) => `${top}/${at}`))
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => meddles.test(readFileSync(join(root, file), 'utf8')));

/** What looks back at all others. */
const last = 'test/schema/met.test.ts';

const common = {
  environment: 'node' as const,
  // For what hangs. No test is about time; a busy machine may be several times slower.
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    // Two at a time, also on two cores, where Vitest would leave one idle while the other simulates.
    maxWorkers: 2,
    globalSetup: 'test/schema/setup.ts',
    projects: [
      // Most share a process, and load what they test once: for many a file that is most of its work.
      { test: { ...common, name: 'together', include, exclude: [...alone, last], isolate: false } },
      { test: { ...common, name: 'alone', include: alone } },
      { test: { ...common, name: 'last', include: [last], sequence: { groupOrder: 1 } } },
    ],
  },
});
