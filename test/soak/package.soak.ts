/** What the types of the package look like to every way of resolving them. Modules only: who requires it must have a Node that can. */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'vitest';
import { packAndInstall, root, run } from '../package/packed.js';

test('attw finds nothing wrong with the types', () => {
  const { folder, tarball } = packAndInstall();
  run(folder, join(root, 'node_modules/.bin/attw'), '--profile', 'esm-only', tarball);
  rmSync(dirname(folder), { recursive: true });
});
