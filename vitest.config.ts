import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    environment: 'node',
    // Two at a time, also on two cores, where Vitest would leave one idle while the other simulates.
    maxWorkers: 2,
    // For what hangs. No test is about time; a busy machine may be several times slower.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
