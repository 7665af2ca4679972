/**
 * The pictures of docs/images, from real runs: a report and the laboratory, wide and narrow, light and dark.
 *
 *     npm run build && node scripts/screenshots.js [FOLDER]
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const [out = join(root, 'docs/images')] = process.argv.slice(2);
const bytesMax = 250_000;
const work = mkdtempSync(join(tmpdir(), 'kvx-pictures-'));

/** @param {readonly string[]} args Exit code 1 is an answer: the history is as bad as it was meant to be. */
function kvx(...args) {
  const env = { ...process.env, KVX_HOME: join(work, 'home') };
  try {
    execFileSync(process.execPath, [join(root, 'bin/run.js'), ...args], { env, stdio: 'pipe' });
  } catch (error) {
    if (/** @type {{ status?: number }} */ (error).status !== 1) throw error;
  }
}

/** Quorums that ask one node, while halves of the cluster are cut off from each other. */
function reportFile() {
  const file = join(work, 'report.html');
  kvx('cluster', 'up', '--nodes', '5', '--read', 'one', '--write', 'one', '--trace');
  try {
    const load = ['--duration', '12s', '--rate', '400', '--clients', '12', '--keys', '8'];
    const faults = ['--nemesis', 'halves', '--nemesis-every', '3s', '--seed', '7'];
    kvx('bench', ...load, ...faults, '--check', '--report', file);
  } finally {
    kvx('cluster', 'down', '--wipe');
  }
  return file;
}

function labFile() {
  const file = join(work, 'lab.html');
  kvx('lab', join(root, 'scenarios/stale-read.kvx'), '--out', file);
  return file;
}

/** @param {import('puppeteer-core').Page} page */
async function settled(page) {
  await page.waitForSelector('canvas', { timeout: 60_000 });
  await page.waitForNetworkIdle({ idleTime: 300 });
  // Two frames after the last of what was to be drawn.
  await page.evaluate(
    'new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 1500))',
  );
}

/** @param {string} name @param {string} file */
async function take(name, file) {
  const browser = await puppeteer.launch({
    executablePath: process.env['KVX_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
  });
  try {
    for (const [width, height] of [
      [1440, name === 'lab' ? 720 : 900],
      [390, 844],
    ]) {
      for (const scheme of ['light', 'dark']) {
        const page = await browser.newPage();
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        await page.setViewport({
          width: /** @type {number} */ (width),
          height: /** @type {number} */ (height),
        });
        await page.goto(pathToFileURL(file).href);
        await settled(page);
        const path = join(out, `${name}-${width}-${scheme}.png`);
        await page.screenshot({ path: /** @type {`${string}.png`} */ (path) });
        const { size } = statSync(path);
        console.log(`${path}: ${size} bytes${size > bytesMax ? ', which is too large' : ''}`);
        await page.close();
      }
    }
  } finally {
    await browser.close();
  }
}

mkdirSync(out, { recursive: true });
try {
  await take('report', reportFile());
  await take('lab', labFile());
} finally {
  rmSync(work, { recursive: true });
}
