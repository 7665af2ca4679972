/**
 * Makes sure that dependencies are installed and dist is built, and takes the short way when they
 * are: `npm start` and `npm test` run on a fresh clone with nothing typed before.
 */
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuilt, isInstalled } from './freshness.js';
import { withLock } from './lock.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const quietMs = 1000;

const sayLater = (/** @type {string} */ what) =>
  setTimeout(() => process.stderr.write(`${what}...\n`), quietMs);

/**
 * Says what it does only if that takes a while, and shows the command's own words only if it fails.
 * @param {(pid: number) => void} share @param {string} what
 * @param {string} command @param {string[]} args
 */
async function step(share, what, command, args) {
  const notice = sayLater(what);
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid) share(child.pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  clearTimeout(notice);
  if (code === 0) return;
  process.stderr.write(`${output}${what}: failed\n`);
  process.exit(70);
}

const isReady = () => isInstalled(root) && isBuilt(root);

if (!isReady()) {
  const notice = sayLater('waiting for another install or build to end');
  await withLock(root, async (share) => {
    clearTimeout(notice);
    if (!isInstalled(root)) {
      await step(share, 'installing dependencies (npm ci)', 'npm', [
        'ci',
        '--no-audit',
        '--no-fund',
      ]);
    }
    if (!isBuilt(root)) {
      await step(share, 'building kvx', process.execPath, ['scripts/build.js']);
    }
  });
}
