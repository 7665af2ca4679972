/** The laboratory's page as built, driven in Chromium: what `kvx lab --out` writes. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabStore } from '../../src/web/lab/store.js';
import { chromiumPath, launchBrowser, missingChromium, openFile } from './browser.js';

const isMissing = chromiumPath() === null;
const kvx = join(import.meta.dirname, '../../bin/run.js');

/** In the page. */
declare const kvxLab: LabStore;

describe.skipIf(isMissing)(`kvx lab in Chromium${isMissing ? ` (${missingChromium})` : ''}`, () => {
  let browser: Browser;
  const folder = mkdtempSync(join(tmpdir(), 'kvx-lab-'));
  const file = join(folder, 'lab.html');
  beforeAll(async () => {
    execFileSync(process.execPath, [kvx, 'lab', 'zoo/quorum-no-overlap', '--out', file]);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  it('runs a zoo scenario, steps and rewinds, and shows what broke', async () => {
    const { page, errors, requests } = await openFile(browser, file);
    await page.waitForSelector('.fall');
    expect(await page.$eval('.fall', (fall) => fall.textContent)).toMatch(
      /Not regular: .*put of 1/,
    );
    const ended = await page.evaluate(() => kvxLab.state.cursor);
    await page.keyboard.press('Home');
    await page.waitForSelector('.fall', { hidden: true });
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('j');
    expect(await page.evaluate(() => kvxLab.state.cursor)).toBeGreaterThan(0);
    await page.keyboard.press('n');
    await page.waitForSelector('.fall');
    expect(await page.evaluate(() => kvxLab.state.cursor)).toBe(ended);
    expect({ errors, requests }).toEqual({ errors: [], requests: [] });
    await page.close();
  });
});
