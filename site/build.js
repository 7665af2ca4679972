/**
 * `npm run site`: installs what the site is made with, here and nowhere else, and builds it into out/site. `-- --serve` then
 * serves it on loopback, at port 4173 or the one that is named: `-- --serve 8080`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stagePages } from './stage.js';

const site = import.meta.dirname;
const installed = join(site, 'node_modules/.package-lock.json');
const lock = join(site, 'package-lock.json');

const isInstalled = existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;
if (!isInstalled)
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: site, stdio: 'inherit' });

const began = performance.now();
const { documents, sources } = stagePages();
const vitepress = join(site, 'node_modules/vitepress/bin/vitepress.js');
const run = (/** @type {string[]} */ args) =>
  spawnSync(process.execPath, [vitepress, ...args], { cwd: site, stdio: 'inherit' }).status ?? 1;

process.exitCode = run(['build', '.']);
if (process.exitCode === 0) {
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(
    `out/site: ${documents} documents and ${sources} sources that they name, in ${seconds} s`,
  );
  const at = process.argv.indexOf('--serve');
  if (at > 0) {
    const port = process.argv[at + 1] ?? '4173';
    process.exitCode = run(['preview', '.', '--port', port, '--host', '127.0.0.1']);
  }
}
