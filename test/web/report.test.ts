/** A report of a history in which a read was stale, in a real Chromium, as whoever is sent one opens it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { check } from '../../src/check/check.js';
import { historyOf, type Row } from '../../src/check/testing/rows.js';
import { encodeReport } from '../../src/report/encode.js';
import { fillPage } from '../../src/report/page.js';
import { reportOf } from '../../src/report/testing/reports.js';
import { chromiumPath, launchBrowser, missingChromium, openFile } from './browser.js';

const template = join(import.meta.dirname, '../../dist/web/report.html');
const isMissing = chromiumPath() === null;
const ms = 1e6;

/** Three clients for a second; the last read but one of `x` returns what was overwritten, and two writes are in doubt. */
function staleHistory() {
  const rows: Row[] = Array.from({ length: 60 }, (_, at) => ({
    ...{ process: at % 3, f: 'put' as const, value: `v${at}`, key: at % 2 === 0 ? 'x' : 'y' },
    ...{ from: at * 16 * ms, to: at * 16 * ms + 9 * ms, node: `n${(at % 3) + 1}` },
    ...(at === 20 ? { outcome: 'fail' as const } : {}),
  }));
  rows.push(
    { process: 4, f: 'put', value: 'lost', key: 'y', from: 500 * ms, node: 'n2' },
    { process: 5, f: 'get', value: 'v54', key: 'x', from: 980 * ms, to: 985 * ms, node: 'n3' },
    { process: 5, f: 'get', value: 'v58', key: 'x', from: 990 * ms, to: 992 * ms, node: 'n1' },
  );
  const fault = { by: null, line: 1, beganAt: 300 * ms, endedAt: 600 * ms };
  return { ...historyOf(rows), faults: [{ ...fault, words: 'fault partition n3/n1,n2' }] };
}

async function writeReport(file: string): Promise<void> {
  const history = staleHistory();
  const script = { text: '# one\nput x 1\n', output: 'ok\n' };
  const report = reportOf({ history, check: await check(history), script, notes: ['A note.'] });
  const parts = [...encodeReport(report)].map(({ name, bytes }) => ({
    ...{ name, base64: deflateSync(bytes).toString('base64') },
  }));
  writeFileSync(file, fillPage(readFileSync(template, 'utf8'), parts, 'stale'));
}

const textOf = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, (element) => element.textContent ?? '');
/** What the page says to an expression: what browsers know, Node's types don't. */
const told = (page: Page, expression: string): Promise<unknown> => page.evaluate(expression);
const chip = (page: Page, name: string) =>
  told(
    page,
    `[...document.querySelectorAll('.filters .chip')].find((each) => each.textContent.startsWith('${name}')).click()`,
  );
const saying = (page: Page, selector: string, words: string) =>
  page.waitForFunction(`document.querySelector('${selector}')?.textContent.includes('${words}')`);
const isGone = (page: Page, selector: string) =>
  page.waitForFunction(`document.querySelector('${selector}') === null`);

describe.skipIf(isMissing)(`a report${isMissing ? ` (${missingChromium})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kvx-report-'));
  const file = join(folder, 'report.html');
  let browser: Browser;
  beforeAll(async () => {
    await writeReport(file);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  it('says the verdict and shows why; filters and keys find what it is about', async () => {
    const { page, errors, requests } = await openFile(browser, file);
    await page.waitForSelector('#operations');
    expect(await page.title()).toBe('stale');
    expect(await textOf(page, '.headline')).toMatch(/Not linearizable: stale read/);
    expect(await page.$$eval('.evidence-bar.is-culprit', (bars) => bars.length)).toBe(1);
    expect(await textOf(page, '.rung.is-strongest')).toContain('the strongest that holds');
    expect(await page.$$eval('.chart canvas', (charts) => charts.length)).toBe(4);
    expect(await textOf(page, '#figures')).toContain('partition n3/n1,n2');

    const sum = '.filter-sum';
    await saying(page, sum, '63 of 63');
    await chip(page, 'failed');
    await saying(page, sum, '1 of 63');
    await chip(page, 'unknown');
    await saying(page, sum, '2 of 63');
    await page.keyboard.press('/');
    await page.keyboard.type('lost');
    await saying(page, sum, '1 of 63');
    await page.keyboard.press('Escape');

    // Fault begins, fault ends, the stale read, which no filter hides.
    for (const _ of [1, 2, 3]) await page.keyboard.press('n');
    await saying(page, '.details', 'stale read');
    await saying(page, sum, '63 of 63');
    expect(await textOf(page, '.details')).toContain('v54');
    await page.keyboard.press('j');
    await saying(page, '.details', 'v58');
    await page.keyboard.press('Escape');
    await isGone(page, '.details');

    // The longest legal order ends where the read came too late.
    await saying(page, '.order', 'has no place');
    await page.click('.order button[title^="Where it ends"]');
    await saying(page, '.steps [aria-current]', 'v54');
    await page.keyboard.press('k');
    await saying(page, '.steps [aria-current]', 'x = v58');
    await saying(page, sum, 'of 63');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    expect(await textOf(page, '.help')).toContain('search operations');
    await page.keyboard.press('Escape');
    await isGone(page, '.help');

    expect(errors).toEqual([]);
    expect(requests).toEqual([]);
    await page.close();
  });

  it('fits on a telephone, in the dark', async () => {
    const look = { width: 390, height: 844, scheme: 'dark' } as const;
    const { page, errors } = await openFile(browser, file, look);
    await page.waitForSelector('#operations .timeline-rows canvas');
    expect(await told(page, 'document.documentElement.scrollWidth')).toBe(390);
    expect(await told(page, 'getComputedStyle(document.body).backgroundColor')).toBe(
      'rgb(13, 18, 24)',
    );
    expect(errors).toEqual([]);
    await page.close();
  });

  it('keeps the evidence and the charts when it is printed, and no controls', async () => {
    const { page } = await openFile(browser, file);
    await page.waitForSelector('#operations');
    await page.emulateMediaType('print');
    const isSeen = (selector: string) =>
      told(page, `document.querySelector('${selector}').checkVisibility()`);
    for (const selector of ['.evidence-svg', '.chart', '.ladder']) {
      expect(await isSeen(selector), selector).toBe(true);
    }
    for (const selector of ['.filters', '.top nav', '.timeline-tools']) {
      expect(await isSeen(selector), selector).toBe(false);
    }
    await page.close();
  });
});
