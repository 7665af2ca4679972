/** Text as UTF-8 (RFC 3629) and back, for bytes and text of any length, without anything of the platform's. */

/** The UTF-8 form of `text`; half of a surrogate pair becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(lengthOf(text));
  let at = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) {
      bytes[at++] = unit;
      continue;
    }
    const code = isPairAt(text, index) ? (text.codePointAt(index++) as number) : sound(unit);
    if (code < 0x800) bytes[at++] = 0xc0 | (code >> 6);
    else {
      if (code < 0x10000) bytes[at++] = 0xe0 | (code >> 12);
      else {
        bytes[at++] = 0xf0 | (code >> 18);
        bytes[at++] = 0x80 | ((code >> 12) & 0x3f);
      }
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
    }
    bytes[at++] = 0x80 | (code & 0x3f);
  }
  return bytes;
}

/** The text whose UTF-8 form these bytes are, a byte order mark with it; `null` when they are none. */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string | null {
  const wideAt = firstWide(bytes, start, end);
  let text = asciiText(bytes, start, wideAt);
  if (wideAt === end) return text;
  if (!isUtf8(bytes, wideAt, end)) return null;
  for (let at = wideAt; at < end; ) {
    const from = at;
    at = firstWide(bytes, at, end);
    if (at > from) text += asciiText(bytes, from, at);
    if (at === end) break;
    const length = sequenceLength(bytes[at] as number);
    text += String.fromCodePoint(codeAt(bytes, at, length));
    at += length;
  }
  return text;
}

/** Whether the bytes are well-formed: no overlong form, no surrogate, nothing above U+10FFFF, nothing cut off. */
export function isUtf8(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  for (let at = start; at < end; ) {
    const lead = bytes[at] as number;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const length = sequenceLength(lead);
    if (length === 0 || at + length > end) return false;
    for (let next = at + 1; next < at + length; next++) {
      if (((bytes[next] as number) & 0xc0) !== 0x80) return false;
    }
    const code = codeAt(bytes, at, length);
    if (code < (leastOf[length] as number) || code > 0x10ffff) return false;
    if (code >= 0xd800 && code < 0xe000) return false;
    at += length;
  }
  return true;
}

/** By length in bytes: the least code point that needs so many. */
const leastOf = [0, 0, 0x80, 0x800, 0x10000];
const textUnitsMax = 4096;

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;
const isPairAt = (text: string, at: number): boolean =>
  isHigh(text.charCodeAt(at)) && isLow(text.charCodeAt(at + 1));
const sound = (unit: number): number => (isHigh(unit) || isLow(unit) ? 0xfffd : unit);

function lengthOf(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    length += unit < 0x800 ? 1 : 2;
    // Four bytes for two units.
    if (isPairAt(text, at)) at++;
  }
  return length;
}

/** Zero: no sequence begins so. */
function sequenceLength(lead: number): number {
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

function codeAt(bytes: Uint8Array, at: number, length: number): number {
  let code = (bytes[at] as number) & (0x7f >> length);
  for (let next = at + 1; next < at + length; next++) {
    code = (code << 6) | ((bytes[next] as number) & 0x3f);
  }
  return code;
}

function firstWide(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] as number) < 0x80) at++;
  return at;
}

function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let from = start; from < end; from += textUnitsMax) {
    const part = bytes.subarray(from, Math.min(end, from + textUnitsMax));
    text += String.fromCharCode.apply(null, part as unknown as number[]);
  }
  return text;
}
