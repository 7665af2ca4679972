import type { Millis } from '../core/ids.js';
import { keyToText } from '../core/key.js';
import type { Target } from '../targets/target.js';

const keysMax = 10_000;
/** Nobody waits longer for the Tab key. */
const scanMsMax: Millis = 300;
const freshMs: Millis = 5_000;

/** Keys to complete with: what one node holds, looked at when needed and remembered for a few seconds. */
export class KnownKeys {
  #keys: readonly string[] = [];
  #readAt = Number.NEGATIVE_INFINITY;

  /** Something may have been written: look again the next time. */
  forget(): void {
    this.#readAt = Number.NEGATIVE_INFINITY;
  }

  async of(target: Target): Promise<readonly string[]> {
    const now = performance.now();
    if (now - this.#readAt > freshMs) {
      this.#keys = target.spec === null ? [] : await readKeys(target);
      this.#readAt = now;
    }
    return this.#keys;
  }
}

/** Of the first node that answers and holds anything: a coordinator may keep no copy. */
async function readKeys(target: Target): Promise<readonly string[]> {
  for (const endpoint of target.endpoints()) {
    const keys: string[] = [];
    try {
      const connection = await endpoint.open(scanMsMax);
      try {
        await connection.scan({ values: false, timeoutMs: scanMsMax }, (entries) => {
          for (const { key, deleted } of entries) {
            const text = keyToText(key);
            if (!deleted && text !== null && /^[^\s"\\#]+$/.test(text)) keys.push(text);
          }
          if (keys.length >= keysMax) connection.close();
        });
      } finally {
        connection.close();
      }
    } catch {
      // It does not answer, or has said enough.
    }
    if (keys.length > 0) return keys.slice(0, keysMax);
  }
  return [];
}
