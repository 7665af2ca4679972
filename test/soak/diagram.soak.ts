/**
 * How smoothly the diagram scrolls and zooms, by the browser's own trace: frames that were drawn while something moved all the
 * time. Prints figures; only what no machine should do is an error.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scriptOf, stylesOf } from '../../scripts/build-web.js';
import { launchBrowser, openFile } from '../web/browser.js';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'kvx-diagram-'));
const file = join(folder, 'diagram.html');

beforeAll(async () => {
  const script = await scriptOf(root, 'src/web/testing/diagram-page.tsx');
  const head = `<meta charset="utf-8"><title>diagram</title><link rel="icon" href="data:,">`;
  const style = `<style>${stylesOf(root, 'lab')}</style>`;
  writeFileSync(
    file,
    `<!doctype html><html lang="en"><head>${head}${style}</head><body><div id="app"></div><script>${script}</script></body></html>`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** In the page: moves what is in view with every frame, for so long. Returns the time from frame to frame. */
const moving = `async (spanShare, zooms, forMs) => {
  const { lanes, handle } = window.kvx;
  const whole = lanes.durationMs * 1e6;
  const began = performance.now();
  const gaps = [];
  let last = began;
  for (let now = began; now - began < forMs; ) {
    const share = (now - began) / forMs;
    const span = whole * (zooms ? spanShare ** share : spanShare);
    const from = (whole - span) * (zooms ? 0.4 : share);
    handle.current.look({ from, to: from + span });
    now = await new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));
    gaps.push(now - last);
    last = now;
  }
  gaps.sort((a, b) => a - b);
  return { frames: gaps.length, medianMs: gaps[gaps.length >> 1], p99Ms: gaps[Math.floor(gaps.length * 0.99)], maxMs: gaps.at(-1) };
}`;

interface Moved {
  readonly frames: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Frames that the browser has drawn, by its trace. */
async function drawn(page: Page, spanShare: number, zooms: boolean, forMs: number) {
  const path = join(folder, 'trace.json');
  await page.tracing.start({
    path,
    categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline.frame'],
  });
  const moved = (await page.evaluate(`(${moving})(${spanShare}, ${zooms}, ${forMs})`)) as Moved;
  await page.tracing.stop();
  const { traceEvents } = JSON.parse(readFileSync(path, 'utf8')) as {
    traceEvents: { name: string }[];
  };
  return { ...moved, drawn: traceEvents.filter(({ name }) => name === 'DrawFrame').length };
}

test.each([100_000, 1_000_000])('%i events', async (events) => {
  const browser = await launchBrowser();
  try {
    const fragment = `#mode=paxos&ms=1000&events=${events}`;
    const { page, errors } = await openFile(browser, file, { fragment });
    await page.waitForSelector('canvas');
    const opened = await page.evaluate('[window.kvx.lanes.events.count, window.kvx.builtMs]');
    console.log(`${events}: [events, built in ms] ${JSON.stringify(opened)}`);
    const forMs = 3000;
    for (const [name, spanShare, zooms] of [
      ['scrolling half of it', 0.5, false],
      ['scrolling a tenth', 0.1, false],
      ['scrolling 1/100', 0.01, false],
      ['scrolling 1/1000', 0.001, false],
      ['scrolling 1/10000', 0.0001, false],
      ['zooming in', 0.00001, true],
    ] as const) {
      const seen = await drawn(page, spanShare, zooms, forMs);
      const perSecond = (seen.drawn / forMs) * 1000;
      console.log(
        `${events} ${name}: ${perSecond.toFixed(0)} frames/s by the trace; from frame to frame median ${seen.medianMs.toFixed(1)}, p99 ${seen.p99Ms.toFixed(1)}, max ${seen.maxMs.toFixed(1)} ms`,
      );
      expect(perSecond).toBeGreaterThan(5);
    }
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
});
