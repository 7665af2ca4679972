/**
 * The site of the documents, built and looked at: every page, wide and narrow, asks nobody but its own server, says nothing on the
 * console and fits its window. `KVX_SHOTS=FOLDER` keeps pictures; `KVX_BUILT=1` looks at what is built already.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentsInOrder } from '../../scripts/documents.js';
import { pageOfDocument } from '../../site/stage.js';
import { chromiumPath, launchBrowser, missingChromium } from '../web/browser.js';

const root = join(import.meta.dirname, '../..');
const built = join(root, 'out/site');
const { KVX_SHOTS, KVX_BUILT } = process.env;
const pages = [
  ...['index.html', 'readme.html', 'source/src/core/replica.ts.html', 'source/src/sim/index.html'],
  ...documentsInOrder(join(root, 'docs')).map(({ path }) =>
    pageOfDocument(path).replace(/\.md$/, '.html'),
  ),
];

const types: Readonly<Record<string, string>> = {
  ...{ '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' },
  ...{ '.svg': 'image/svg+xml', '.png': 'image/png', '.woff2': 'font/woff2' },
};

function serve(): Promise<Server> {
  const server = createServer(({ url = '' }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://site').pathname);
    const file = join(built, path.endsWith('/') ? `${path}index.html` : path);
    try {
      const body = readFileSync(file);
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

let server: Server;
beforeAll(async () => {
  if (KVX_BUILT === undefined) execFileSync(process.execPath, [join(root, 'site/build.js')]);
  server = await serve();
});
afterAll(() => server.close());

describe.skipIf(chromiumPath() === null)(
  chromiumPath() === null ? missingChromium : 'pages',
  () => {
    it.each([1440, 390])('at %i pixels all is well', async (width) => {
      const { port } = server.address() as AddressInfo;
      const site = `http://127.0.0.1:${port}/`;
      const browser = await launchBrowser();
      const wrong: string[] = [];
      let current = '';
      try {
        const page = await browser.newPage();
        await page.setViewport({ width, height: 900 });
        page.on('request', (request) => {
          const url = request.url();
          if (!url.startsWith(site) && !url.startsWith('data:')) wrong.push(`${current}: ${url}`);
        });
        page.on('response', (response) => {
          if (response.status() >= 400) wrong.push(`${current}: ${response.url()} is missing`);
        });
        page.on('pageerror', (error) => wrong.push(`${current}: ${error}`));
        page.on('console', (message) => {
          if (message.type() === 'error') wrong.push(`${current}: ${message.text()}`);
        });
        for (current of pages) {
          await page.goto(site + current, { waitUntil: 'load' });
          const beyond = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          if (beyond !== 0) wrong.push(`${current}: ${beyond} pixels too wide`);
          if (KVX_SHOTS !== undefined) {
            const name = current.replace(/\.html$/, '').replaceAll('/', '-');
            await page.screenshot({ path: join(KVX_SHOTS, `${name}-${width}.png`) });
          }
        }
      } finally {
        await browser.close();
      }
      expect(wrong).toEqual([]);
    });
  },
);
