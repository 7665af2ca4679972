/** The long tests, not among those of `npm test`: `KVX_SEEDS=20000 npx vitest run --config test/soak/vitest.config.ts`. */
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: join(import.meta.dirname, '..', '..'),
    include: ['test/soak/**/*.soak.ts'],
    environment: 'node',
    testTimeout: 24 * 60 * 60 * 1000,
  },
});
