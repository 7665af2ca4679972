import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchBrowser, missingChromium, openFile } from './browser.js';

const web = join(import.meta.dirname, '../../dist/web');
const isMissing = chromiumPath() === null;

describe.skipIf(isMissing)(`pages in Chromium${isMissing ? ` (${missingChromium})` : ''}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it.each(['report', 'lab'])(
    '%s opens from a file, asks for nothing and complains of nothing',
    async (name) => {
      const { page, errors, requests } = await openFile(browser, join(web, `${name}.html`));
      await page.waitForSelector('h1');
      expect(errors).toEqual([]);
      expect(requests).toEqual([]);
      await page.close();
    },
  );
});
