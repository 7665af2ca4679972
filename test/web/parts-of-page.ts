/** What a page has in it, read as the page itself does. */
import { inflateSync } from 'node:zlib';
import { decodeReport, type OpenedReport } from '../../src/report/decode.js';
import type { PartReader } from '../../src/report/parts.js';

const element = /<script id="data-([^"]+)" type="application\/octet-stream">([^<]*)</g;

const partsIn = (html: string): ReadonlyMap<string, string> =>
  new Map([...html.matchAll(element)].map(([, name = '', base64 = '']) => [name, base64]));

function partsOfPage(html: string): PartReader {
  const parts = partsIn(html);
  const bytes = async (name: string): Promise<Uint8Array> => {
    const base64 = parts.get(name);
    if (base64 === undefined) throw new Error(`no part ${name}`);
    return inflateSync(Buffer.from(base64, 'base64'));
  };
  return { bytes, text: async (name) => Buffer.from(await bytes(name)).toString() };
}

export const openPage = (html: string): Promise<OpenedReport> => decodeReport(partsOfPage(html));

interface PartSize {
  count: number;
  /** In the page, and inflated. */
  chars: number;
  bytes: number;
}

/** By name; the texts of events together. */
export function partSizes(html: string): Readonly<Record<string, PartSize>> {
  const sizes: Record<string, PartSize> = {};
  for (const [name, base64] of partsIn(html)) {
    const size = (sizes[name.replace(/text-\d+$/, 'text')] ??= { count: 0, chars: 0, bytes: 0 });
    size.count++;
    size.chars += base64.length;
    size.bytes += inflateSync(Buffer.from(base64, 'base64')).length;
  }
  return sizes;
}
