/** The laboratory's page as built, driven in Chromium: what `kvx lab --out` writes. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Recording } from '../../src/lab/recording.js';
import { useOwnModes } from '../../src/node/own-modes.js';
import { runScript } from '../../src/scenario/testing/run-script.js';
import type { LabStore } from '../../src/web/lab/store.js';
import { chromiumPath, launchBrowser, missingChromium, openFile } from './browser.js';

const isMissing = chromiumPath() === null;
const root = join(import.meta.dirname, '../..');
const kvx = join(root, 'bin/run.js');

/** One of each mode. */
const shrunk = [
  'quorum-hint-counts',
  '2pc-vote-before-sync',
  'gossip-clock-not-persisted',
  'paxos-own-value',
];

const script = `cluster up --mode quorum -n 3 --read one --write one -o resendMs=2000
put colour green --level all --node n1
put colour red --node n1
wait 20ms
get colour --node n3
expect history regular
`;

/** In the page. */
declare global {
  var kvxLab: LabStore;
}

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
    // What was written is there after a reload.
    await page.evaluate(() => kvxLab.edit({ scenario: '# of my own\n', seed: 77 }));
    await page.reload({ waitUntil: 'load' });
    await page.waitForFunction(() => globalThis.kvxLab?.state.draft.seed === 77);
    expect(await page.evaluate(() => kvxLab.state.draft.scenario)).toBe('# of my own\n');
    expect({ errors, requests }).toEqual({ errors: [], requests: [] });
    await page.close();
  });

  it('makes the run that kvx makes: zoo scenarios have the same trace hash', async () => {
    const { page, errors } = await openFile(browser, file);
    await page.waitForSelector('.fall');
    for (const name of shrunk) {
      const text = readFileSync(join(root, `scenarios/zoo/${name}.kvx`), 'utf8');
      const seed = Number(/--seed (\d+)/.exec(text)?.[1]);
      const recorded = await page.evaluate(async (scenario) => {
        await kvxLab.openScenario('zoo', scenario);
        const { key, traceHash } = kvxLab.state.recording as Recording;
        return { key, traceHash };
      }, text);
      const { traceHash } = await runScript(text, { seed, bug: name });
      expect(recorded).toEqual({ key: { scenario: text, seed, bug: name }, traceHash });
    }
    expect(errors).toEqual([]);
    await page.close();
  });

  it('runs a mode of somebody\u2019s own, whose modules the command line has put into the page', async () => {
    const own = join(folder, 'own.html');
    const scenario = join(root, 'test/own-mode/sole.kvx');
    execFileSync(process.execPath, [kvx, 'lab', scenario, '--out', own]);
    expect(readFileSync(own, 'utf8')).not.toContain(root);
    const { page, errors, requests } = await openFile(browser, own);
    await page.waitForFunction(() => kvxLab.state.recording !== null);
    const traceHash = await page.evaluate(() => kvxLab.state.recording?.traceHash);
    useOwnModes();
    const there = { source: scenario, seed: 1 };
    expect(traceHash).toBe((await runScript(readFileSync(scenario, 'utf8'), there)).traceHash);
    expect(await page.$eval('.cluster-form select', (select) => select.textContent)).toContain(
      'sole',
    );
    expect({ errors, requests }).toEqual({ errors: [], requests: [] });
    await page.close();
  });

  it('loses a message: the verdict turns, and the scenario fails alike on the command line', async () => {
    const { page, errors, requests } = await openFile(browser, file, { width: 390, height: 844 });
    await page.waitForSelector('.fall');
    const before = await page.evaluate(async (scenario) => {
      await kvxLab.open('mine', { scenario, seed: 1, bug: null });
      const { lanes, falls, failure } = kvxLab.state.recording as Recording;
      const { messages, types } = lanes;
      const told = [...messages.type.keys()].filter(
        (each) => types[messages.type[each] as number] === 'write' && messages.to[each] === 3,
      );
      kvxLab.pick({ type: 'message', message: told.at(-1) as number });
      return { falls: falls.length, failure };
    }, script);
    expect(before).toEqual({ falls: 0, failure: null });
    const lose = await page.waitForSelector('::-p-xpath(//button[starts-with(., "Lose")])');
    await lose?.click();
    await page.waitForFunction(() => (kvxLab.state.recording as Recording).failure !== null);
    const { scenario, failure, cursorMs, forks } = await page.evaluate(() => {
      const { recording, cursor, tree } = kvxLab.state;
      const { lanes, key, failure } = recording as Recording;
      const cursorMs = lanes.events.atMs[cursor] as number;
      return { scenario: key.scenario, failure, cursorMs, forks: tree.forks.length };
    });
    expect(forks).toBe(2);
    expect(scenario).toMatch(/^at [\d.]+ms fault drop "?n1>n3"? --nth 1$/m);
    // Where it was decided, not where it led to.
    expect(cursorMs).toBeLessThan(20);
    expect(failure).toMatch(/violated: regular: client 0 read green from n3 after .* put of red/);
    const run = spawnSync(process.execPath, [kvx, 'run', '-', '--runtime', 'sim', '--seed', '1'], {
      input: scenario,
      encoding: 'utf8',
    });
    expect(run.status).toBe(1);
    expect(run.stderr.replace(/\s+/g, ' ')).toContain(failure);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect({ errors, requests }).toEqual({ errors: [], requests: [] });
    await page.close();
  });

  it('does a mission, compares two runs, and has a link that opens the same run elsewhere', async () => {
    const { page, errors } = await openFile(browser, file);
    const click = async (words: string) =>
      (await page.waitForSelector(`::-p-xpath(//button[normalize-space(.)="${words}"])`))?.click();
    await click('missions');
    await (await page.waitForSelector('.mission .button'))?.click();
    await page.waitForSelector('.mission-open');
    await page.evaluate(() => {
      const { messages, types } = (kvxLab.state.recording as Recording).lanes;
      const toOther = [...messages.type.keys()].filter(
        (each) => types[messages.type[each] as number] === 'write' && messages.to[each] === 2,
      );
      return kvxLab.decide({ type: 'lose', message: toOther.at(-1) as number });
    });
    await page.waitForSelector('.mission-done');
    await click('forks');
    await (await page.waitForSelector('.fork-compare'))?.click();
    await page.waitForSelector('.comparison table');
    await click('share');
    const linked = await page.waitForFunction(
      () =>
        /#1\..*/.exec(document.querySelector<HTMLInputElement>('.share input')?.value ?? '')?.[0],
    );
    const link = (await linked.jsonValue()) as string;
    const hash = () => (kvxLab.state.recording as Recording).traceHash;
    const shared = await page.evaluate(hash);
    const fragment = link.replace(/^#1\.\w+/, '#1.0123456789ab');
    const other = await openFile(browser, file, { fragment });
    await other.page.waitForFunction(() => kvxLab.state.recording !== null);
    expect(await other.page.evaluate(hash)).toBe(shared);
    expect(await other.page.evaluate(() => kvxLab.state.notice)).toMatch(/another build/);
    expect([...errors, ...other.errors]).toEqual([]);
    await page.close();
    await other.page.close();
  });

  it('goes on with what is asked for next when a script never ends', async () => {
    const { page, errors } = await openFile(browser, file);
    await page.waitForSelector('.fall');
    const failure = await page.evaluate(async () => {
      const { key } = kvxLab.state.recording as Recording;
      // It awaits nothing from outside: its worker hears nothing any more, and is replaced.
      const scenario = 'cluster up\nrepeat 1000000\nrepeat 1000000 client a\nend';
      void kvxLab.open('endless', { scenario, seed: 1, bug: null });
      await kvxLab.open('again', key);
      return (kvxLab.state.recording as Recording).failure;
    });
    expect(failure).toMatch(/^violated: regular: /);
    expect(errors).toEqual([]);
    await page.close();
  });
});
