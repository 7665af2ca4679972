/** What a page has in it, read as the page itself does. */
import { inflateSync } from 'node:zlib';
import { decodeReport, type OpenedReport } from '../../src/report/decode.js';
import { elementIdOf } from '../../src/report/page.js';
import type { PartReader } from '../../src/report/parts.js';

function partsOfPage(html: string): PartReader {
  const bytes = async (name: string): Promise<Uint8Array> => {
    const element = `<script id="${elementIdOf(name)}" type="application/octet-stream">`;
    const at = html.indexOf(element);
    if (at < 0) throw new Error(`no part ${name}`);
    const base64 = html.slice(at + element.length, html.indexOf('<', at + element.length));
    return inflateSync(Buffer.from(base64, 'base64'));
  };
  return { bytes, text: async (name) => Buffer.from(await bytes(name)).toString() };
}

export const openPage = (html: string): Promise<OpenedReport> => decodeReport(partsOfPage(html));
