/**
 * How smooth the pages are with much to tell: a report of 100,000 operations and 1,000,000 events of a trace (how soon it opens:
 * report.soak.ts), and 10,000 events rewound in the laboratory; by the browser's own clock and trace. Prints figures, which
 * hold for a machine at rest; an error is only what no machine should do.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportPageOf } from '../../src/cli/report/report-file.js';
import type { LabStore } from '../../src/web/lab/store.js';
import { launchBrowser, openFile } from '../web/browser.js';
import { staleReport } from '../web/report-fixture.js';

/** In the laboratory's page. */
declare const kvxLab: LabStore;

const folder = mkdtempSync(join(tmpdir(), 'kvx-pages-'));
const operations = Number(process.env['KVX_OPS'] ?? 100_000);
const eventsMax = 10 * operations;

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);
const quantile = (numbers: readonly number[], share: number): number =>
  sorted(numbers)[Math.floor((numbers.length - 1) * share)] ?? 0;
const spread = (ms: readonly number[]): string =>
  `median ${quantile(ms, 0.5).toFixed(1)}, p99 ${quantile(ms, 0.99).toFixed(1)}, max ${quantile(ms, 1).toFixed(1)} ms`;

interface TraceEvent {
  readonly name: string;
  readonly tid: number;
  readonly dur?: number;
  readonly args?: { readonly name?: string };
}

/** While `work` goes on: frames drawn, and how long the page's thread was busy at a time, by the browser's trace. */
async function traced(page: Page, work: () => Promise<unknown>) {
  const path = join(folder, 'trace.json');
  const categories = ['', '.frame'].map((of) => `disabled-by-default-devtools.timeline${of}`);
  await page.tracing.start({
    path,
    categories: ['devtools.timeline', '__metadata', ...categories],
  });
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  await page.tracing.stop();
  const { traceEvents } = JSON.parse(readFileSync(path, 'utf8')) as { traceEvents: TraceEvent[] };
  const threads = traceEvents.filter(({ args }) => args?.name === 'CrRendererMain');
  const tasks = traceEvents.filter(
    ({ name, tid }) => name === 'RunTask' && threads.some((thread) => thread.tid === tid),
  );
  const count = (name: string) => traceEvents.filter((event) => event.name === name).length;
  return {
    perSecond: count('DrawFrame') / seconds,
    dropped: count('DroppedFrame'),
    tasksMs: tasks.map(({ dur = 0 }) => dur / 1000),
  };
}

const diagrams = {
  operations: '#operations .timeline-rows canvas',
  messages: '#messages .diagram-field',
} as const;

/** Turns the wheel with every frame, there and back. */
const wheeling = `async (selector, ctrlKey, forMs) => {
  const element = document.querySelector(selector);
  element.scrollIntoView({ block: 'center' });
  const { left, top, width, height } = element.getBoundingClientRect();
  const place = { clientX: left + width / 2, clientY: top + Math.min(height / 2, 200) };
  const began = performance.now();
  for (let now = began; now - began < forMs; ) {
    const way = now - began < forMs / 2 ? 1 : -1;
    const turn = ctrlKey ? { deltaY: -30 * way, ctrlKey } : { deltaX: 40 * way };
    element.dispatchEvent(new WheelEvent('wheel', { ...place, ...turn, bubbles: true, cancelable: true }));
    now = await new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));
  }
}`;

test('a large report scrolls and zooms', async () => {
  const file = join(folder, 'report.html');
  const report = await staleReport({ operations, eventsMax });
  writeFileSync(file, await reportPageOf(report));
  const events = report.lanes?.events.count ?? 0;
  console.log(`${report.history?.count} operations, ${events} events`);

  const { page, errors } = await openFile(browser, file);
  await page.waitForSelector(diagrams.messages);
  for (const [name, selector] of Object.entries(diagrams)) {
    for (const zooms of [true, false]) {
      const { perSecond, dropped, tasksMs } = await traced(page, () =>
        page.evaluate(`(${wheeling})('${selector}', ${zooms}, 3000)`),
      );
      const frames = `${perSecond.toFixed(0)} frames/s, ${dropped} dropped`;
      console.log(
        `${zooms ? 'zooming' : 'scrolling'} ${name}: ${frames}; tasks ${spread(tasksMs)}`,
      );
      expect(perSecond).toBeGreaterThan(5);
    }
  }
  expect(errors).toEqual([]);
});

const long = `cluster up --mode quorum -n 5 --read one --write one
${Array.from({ length: 200 }, (_, at) => `put k${at % 20} ${at} --node n${1 + (at % 5)}`).join('\n')}
wait 60s
get k0 --node n3
`;

test('the laboratory rewinds and steps', async () => {
  const file = join(folder, 'lab.html');
  const scenario = join(folder, 'long.kvx');
  writeFileSync(scenario, long);
  const kvx = join(import.meta.dirname, '../../bin/run.js');
  execFileSync(process.execPath, [kvx, 'lab', scenario, '--out', file]);
  const { page, errors } = await openFile(browser, file);
  await page.waitForFunction(() => kvxLab.state.recording !== null);
  const count = await page.evaluate(() => kvxLab.state.recording?.lanes.events.count ?? 0);
  console.log(`a run of ${count} events`);
  expect(count).toBeGreaterThan(10_000);
  /** From the call until the frame after it is drawn. */
  const took = (move: string) =>
    page.evaluate(`new Promise((done) => {
      const began = performance.now();
      ${move};
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
    })`) as Promise<number>;
  const back: number[] = [];
  for (let round = 0; round < 20; round++) {
    await took('kvxLab.seek(10100)');
    back.push(await took('kvxLab.seek(100)'));
  }
  console.log(`10,000 events back, with the next frame: ${spread(back)}`);
  for (const direction of [1, -1]) {
    const { tasksMs } = await traced(page, async () => {
      for (let step = 0; step < 200; step++) await took(`kvxLab.step('event', ${direction})`);
    });
    const worked = tasksMs.filter((ms) => ms > 1);
    console.log(
      `200 steps ${direction}: tasks of more than 1 ms: ${worked.length}, ${spread(worked)}`,
    );
  }
  expect(quantile(back, 0.5)).toBeLessThan(3000);
  expect(errors).toEqual([]);
});
