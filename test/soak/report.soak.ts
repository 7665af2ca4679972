/**
 * How large a report is, and how soon it is there: 100,000 operations and 1,000,000 events of the trace. Prints what each part
 * takes, and when what was seen in the page, the median of five; only what no machine should do is an error.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { expect, test } from 'vitest';
import { reportPageOf } from '../../src/cli/report/report-file.js';
import type { Report } from '../../src/report/report.js';
import { Sandbox } from '../e2e/commands-sandbox.js';
import { launchBrowser, openFile } from '../web/browser.js';
import { openPage, partSizes } from '../web/parts-of-page.js';
import { staleReport } from '../web/report-fixture.js';

const rounds = 5;

/** What is waited for, by what shows it. */
const seen = {
  verdict: '#verdict .ladder, #verdict h2',
  figures: '#figures',
  operations: '#operations canvas',
  messages: '#messages canvas',
};

/** Runs in the page before all else: when each was there first, and painted. */
const watching = `
  window.seenAt = {};
  const look = () => {
    for (const [name, selector] of Object.entries(${JSON.stringify(seen)})) {
      if (name in window.seenAt || document.querySelector(selector) === null) continue;
      window.seenAt[name] = null;
      requestAnimationFrame(() => setTimeout(() => { window.seenAt[name] = performance.now(); }));
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
`;

type SeenAt = Partial<Record<keyof typeof seen, number>>;

async function openedIn(browser: Browser, file: string, wanted: readonly string[]) {
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(watching);
  await page.setViewport({ width: 1440, height: 900 });
  await page.goto(`file://${file}`, { waitUntil: 'load' });
  const isThere = `${JSON.stringify(wanted)}.every((name) => window.seenAt[name] > 0)`;
  await page.waitForFunction(isThere, { timeout: 60_000 });
  const seenAt = (await page.evaluate('window.seenAt')) as SeenAt;
  await page.close();
  return seenAt;
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

async function measured(name: string, report: Report): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'kvx-report-'));
  const file = join(folder, 'report.html');
  const begun = performance.now();
  const html = await reportPageOf(report);
  const tookMs = Math.round(performance.now() - begun);
  writeFileSync(file, html);
  console.log(`${name}: ${(html.length / 1e6).toFixed(2)} MB, written in ${tookMs} ms`);
  console.table(partSizes(html));
  const browser = await launchBrowser();
  try {
    const { errors } = await openFile(browser, file);
    expect(errors).toEqual([]);
    const wanted = Object.keys(seen).filter((part) => part !== 'messages' || report.lanes !== null);
    const all: SeenAt[] = [];
    for (let round = 0; round < rounds; round++) all.push(await openedIn(browser, file, wanted));
    const medians = wanted.map((part) => [
      part,
      Math.round(median(all.map((each) => each[part as keyof typeof seen] ?? Number.NaN))),
    ]);
    console.log(`${name}: ms until there was ${JSON.stringify(Object.fromEntries(medians))}`);
    return Math.max(...medians.map(([, ms]) => Number(ms)));
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}

test('kvx sim tells the smallest scenario that fails alike, as it ran', async () => {
  const sandbox = new Sandbox();
  const page = join(sandbox.home, 'r.html');
  const bug = ['--bug', 'quorum-no-overlap', '--json', '--report', page];
  const { stdout } = sandbox.run(['sim', '-m', 'quorum', '--seeds', '5', ...bug]);
  const report = await openPage(readFileSync(page, 'utf8'));
  const [{ seed, replay, shrunk }] = JSON.parse(stdout).shrunk;
  expect(report.script?.text).toBe(shrunk.scenario);
  expect(report.about).toMatchObject({ seed, replay });
  expect(report.hasHistory && report.hasLanes).toBe(true);
  sandbox.cleanUp();
});

test('100,000 operations, without and with 1,000,000 events', async () => {
  const report = await staleReport({ operations: 100_000, keys: 1000, eventsMax: 1_000_000 });
  expect(report.history?.count).toBeGreaterThanOrEqual(100_000);
  expect(report.lanes?.events.count).toBe(1_000_000);
  const alone = await measured('operations', { ...report, lanes: null, slice: null });
  const whole = await measured('operations and events', report);
  expect(Math.max(alone, whole)).toBeLessThan(20_000);
});
