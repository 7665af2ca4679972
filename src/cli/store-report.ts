import type { NodeStore } from '../client/store.js';
import { bytesToJson, bytesToLine, keyToJson, keyToLine } from '../report/bytes.js';
import { printJson, printLine } from '../report/output.js';

const none = new Uint8Array();

/** Prints one node's store: `key value` a line. */
export function printStore({ node, entries }: NodeStore, how: { readonly json: boolean }): void {
  if (how.json) {
    const shown = entries.map(({ key, value, version, owners }) => ({
      key: keyToJson(key),
      value: bytesToJson(value ?? none),
      version,
      owners,
    }));
    printJson({ node, entries: shown });
    return;
  }
  for (const { key, value } of entries)
    printLine(`${keyToLine(key)} ${bytesToLine(value ?? none)}`);
}
