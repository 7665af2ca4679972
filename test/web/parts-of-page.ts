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
  readonly count: number;
  /** In the page, and inflated. */
  readonly chars: number;
  readonly bytes: number;
}

/** By name; the texts of events together. */
export function partSizes(html: string): Readonly<Record<string, PartSize>> {
  const sizes: Record<string, PartSize> = {};
  for (const [name, base64] of partsIn(html)) {
    const kind = name.replace(/text-\d+$/, 'text');
    const { count, chars, bytes } = sizes[kind] ?? { count: 0, chars: 0, bytes: 0 };
    sizes[kind] = {
      count: count + 1,
      chars: chars + base64.length,
      bytes: bytes + inflateSync(Buffer.from(base64, 'base64')).length,
    };
  }
  return sizes;
}
