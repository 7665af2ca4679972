/** The words of a line that was typed: as `sdssplitargs` of Redis 7.0 splits it, quotes and escapes included. */

const backslash = 0x5c;
const double = 0x22;
const single = 0x27;
const lowerX = 0x78;

const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
/** Between quotes and words these alone end a word: neither VT nor FF does. */
const endsWord = (byte: number): boolean =>
  byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;

/** What `\n`, `\r`, `\t`, `\b` and `\a` stand for; any other byte for itself. */
const escapes = new Map([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x62, 0x08],
  [0x61, 0x07],
]);

/** `null`: quotes are not closed, or something stands right behind them. */
export function inlineWords(line: Uint8Array, from: number, end: number): Uint8Array[] | null {
  const words: Uint8Array[] = [];
  const word: Word = { bytes: new Uint8Array(end - from), length: 0 };
  let at = from;
  for (;;) {
    while (at < end && isSpace(line[at] as number)) at++;
    if (at === end) return words;
    word.length = 0;
    at = readWord(line, at, end, word);
    if (at < 0) return null;
    words.push(word.bytes.slice(0, word.length));
  }
}

/** One that is being read. */
interface Word {
  readonly bytes: Uint8Array;
  length: number;
}

/** Where the word ends; negative: it can't be read. Quotes may begin anywhere in it, and end it. */
function readWord(line: Uint8Array, from: number, end: number, word: Word): number {
  for (let at = from; at < end; at++) {
    const byte = line[at] as number;
    if (endsWord(byte)) return at;
    if (byte === double || byte === single) {
      const close = readQuoted(line, at, end, word);
      return close >= 0 && close < end && !isSpace(line[close] as number) ? -1 : close;
    }
    word.bytes[word.length++] = byte;
  }
  return end;
}

/** Where it goes on after the closing quote; negative: there is none. */
function readQuoted(line: Uint8Array, from: number, end: number, word: Word): number {
  const quote = line[from] as number;
  for (let at = from + 1; at < end; at++) {
    const byte = line[at] as number;
    if (byte === quote) return at + 1;
    const next = at + 1 < end ? (line[at + 1] as number) : -1;
    if (byte !== backslash || next < 0) word.bytes[word.length++] = byte;
    else if (quote === single) {
      if (next === single) at++;
      word.bytes[word.length++] = next === single ? single : backslash;
    } else if (next === lowerX && at + 3 < end && hexAt(line, at + 2) >= 0) {
      word.bytes[word.length++] = hexAt(line, at + 2);
      at += 3;
    } else {
      word.bytes[word.length++] = escapes.get(next) ?? next;
      at++;
    }
  }
  return -1;
}

/** The byte that two hexadecimal digits name; negative: they are none. */
function hexAt(line: Uint8Array, at: number): number {
  const high = digitOf(line[at] as number);
  const low = digitOf(line[at + 1] as number);
  return high < 0 || low < 0 ? -1 : 16 * high + low;
}

function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
