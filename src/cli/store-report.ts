import type { NodeStore } from '../client/store.js';
import { keyToBytes } from '../core/key.js';
import { bytesToJson, bytesToWord, keyToJson } from '../render/bytes.js';
import { printJson, printLine } from '../render/output.js';

const none = new Uint8Array();
const shownCharactersMax = 60;

/** Prints one node's store: `key value` a line, long ones shortened unless `raw`. */
export function printStore(
  { node, entries }: NodeStore,
  how: { readonly json: boolean; readonly raw?: boolean },
): void {
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
  const charactersMax = how.raw ? undefined : shownCharactersMax;
  for (const { key, value } of entries) {
    const bytes = value ?? none;
    printLine(
      `${bytesToWord(keyToBytes(key), charactersMax)} ${bytesToWord(bytes, charactersMax)}`,
    );
  }
}
