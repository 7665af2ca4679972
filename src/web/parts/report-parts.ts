/** The parts of the report that this page is, from its script elements. */
import { elementIdOf } from '../../report/page.js';
import { type PartReader, ReportProblem } from '../../report/parts.js';

/** What stands behind the page's script is there once the whole file is read. */
const isWhole: () => Promise<void> = () =>
  document.readyState === 'loading'
    ? new Promise((resolve) => {
        document.addEventListener('DOMContentLoaded', () => resolve(), { once: true });
      })
    : Promise.resolve();

async function inflated(name: string): Promise<Response> {
  const id = elementIdOf(name);
  // What nothing stands behind may be half read: large parts come piece by piece.
  if (document.getElementById(id)?.nextSibling == null) await isWhole();
  const element = document.getElementById(id);
  if (element === null) throw new ReportProblem(`this file has no part ${name}: it was cut short`);
  const bytes = fromBase64(element.textContent ?? '');
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream);
}

type Base64Reader = { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = (Uint8Array as Base64Reader).fromBase64;
  if (native !== undefined) return native.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

export const pageParts: PartReader = {
  bytes: async (name) => new Uint8Array(await (await inflated(name)).arrayBuffer()),
  text: async (name) => (await inflated(name)).text(),
};
