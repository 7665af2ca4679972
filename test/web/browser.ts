/** Pages in a real Chromium: each from file://, where nothing may be asked for and nothing may go wrong unseen. */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Its path; `null`: there is none. Where CI is set that is an error. */
export function chromiumPath(): string | null {
  const found = [process.env['KVX_CHROMIUM'] ?? '', ...places].find((path) => existsSync(path));
  if (found === undefined && process.env['CI'] !== undefined) {
    throw new Error('Chromium is missing: apt-get install chromium, or name it in KVX_CHROMIUM');
  }
  return found ?? null;
}

export const missingChromium =
  'Chromium is missing: apt-get install chromium, or name it in KVX_CHROMIUM';

export function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  return puppeteer.launch({
    executablePath: chromiumPath() ?? '',
    headless: true,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update', ...args],
    ],
  });
}

export interface OpenedPage {
  readonly page: Page;
  /** Of the console, and exceptions that nobody caught. */
  readonly errors: string[];
  /** What it asked for beside itself. */
  readonly requests: string[];
}

export interface LookOptions {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  /** With its `#`. */
  readonly fragment?: string;
}

export async function openFile(
  browser: Browser,
  file: string,
  { width = 1440, height = 900, scheme = 'light', fragment = '' }: LookOptions = {},
): Promise<OpenedPage> {
  const page = await browser.newPage();
  const url = pathToFileURL(file).href;
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => {
    const asked = request.url();
    if (!asked.startsWith(url) && !/^(data|blob):/.test(asked)) requests.push(asked);
  });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.setViewport({ width, height });
  await page.goto(url + fragment, { waitUntil: 'load' });
  return { page, errors, requests };
}
