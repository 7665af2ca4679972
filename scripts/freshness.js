/** Is node_modules what package-lock.json says, and dist what the sources say? Dependency-free. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const isTest = (/** @type {string} */ file) => file.endsWith('.test.ts');

/** @param {string} root @param {string} folder */
function filesIn(root, folder) {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => !isTest(name)).map((name) => join(folder, name));
}

/**
 * Changes when a file that the build reads is added, removed or written to, or Node is another one
 * (the code cache is for one version only).
 * @param {string} root
 */
export function digestOfInputs(root) {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}\n`);
  const files = ['package.json', 'package-lock.json', 'bin/boot.js', 'bin/image.js'];
  for (const folder of ['src', 'scripts', 'docs/schema']) files.push(...filesIn(root, folder));
  for (const file of files.sort()) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** @param {string} root */
export function isBuilt(root) {
  const stamp = join(root, 'dist/.inputs');
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digestOfInputs(root);
}

/**
 * npm writes node_modules/.package-lock.json last, so an interrupted install leaves none; what an
 * optional package is for may be another platform.
 * @param {string} root
 */
export function isInstalled(root) {
  const hiddenLock = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(hiddenLock)) return false;
  const installed = JSON.parse(readFileSync(hiddenLock, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || installed[path]?.version === version || (optional && !installed[path]),
  );
}
