import type { Said } from './redis-case.js';

/** Replies of RESP2 as they come, cut anywhere. */
export class SaidReader {
  #text = '';

  /** `chunk`: a character a byte. */
  push(chunk: string, take: (said: Said) => void): void {
    this.#text += chunk;
    for (;;) {
      const read = readAt(this.#text, 0);
      if (read === null) return;
      this.#text = this.#text.slice(read[1]);
      take(read[0]);
    }
  }
}

/** What is said, and where it ends; `null` while it is not whole. */
function readAt(text: string, at: number): readonly [Said, number] | null {
  const end = text.indexOf('\r\n', at);
  if (end < 0) return null;
  const sign = text[at];
  const line = text.slice(at + 1, end);
  const next = end + 2;
  if (sign === '+' || sign === '-') return [sign + line, next];
  const number = Number(line);
  // What no number holds is told as it came.
  if (sign === ':') return [Number.isSafeInteger(number) ? number : text.slice(at, end), next];
  if (number < 0) return [null, next];
  if (sign === '$') {
    const last = next + number;
    return text.length < last + 2 ? null : [text.slice(next, last), last + 2];
  }
  if (sign !== '*') throw new Error(`no reply of RESP2: ${text.slice(at, at + 20)}`);
  const items: Said[] = [];
  let from = next;
  while (items.length < number) {
    const read = readAt(text, from);
    if (read === null) return null;
    items.push(read[0]);
    from = read[1];
  }
  return [items, from];
}
